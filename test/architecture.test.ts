import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

// The whole architecture. The longest matching row owns a file; the file may import its own row and the
// prefixes listed. No row, no entry.
const mayImport: Record<string, readonly string[]> = {
  "native-bindings/": ["koffi", "node:"],
  "src/network/": [],
  "src/wire/": [],
  "src/admin-api/": ["src/network/", "zod"],
  // Asks the daemon, for the command line and for the library.
  "src/admin-client/": ["src/admin-api/", "node:"],
  "src/platform/": ["src/network/", "node:"],
  "src/platform/open-platform.ts": [
    "src/platform/platform",
    "src/platform/linux/linux-platform.ts",
    "src/platform/darwin/darwin-platform.ts",
    "src/platform/darwin/host-ports.ts",
    "src/platform/memory/memory-platform.ts",
  ],
  "src/platform/open-network-reader.ts": [
    "src/platform/open-platform.ts",
    "src/platform/platform",
    "src/platform/linux/linux-reader.ts",
  ],
  "src/platform/linux/": [
    "src/network/",
    "src/wire/",
    "src/platform/platform",
    "src/platform/hint-stream.ts",
    "src/platform/probe-answers.ts",
    "src/platform/route",
    "native-bindings/",
    "node:",
  ],
  "src/platform/darwin/": [
    "src/network/",
    "src/wire/",
    "src/platform/platform",
    "src/platform/hint-stream.ts",
    "src/platform/probe-answers.ts",
    "src/platform/route",
    "native-bindings/",
    "node:",
  ],
  "src/platform/memory/": [
    "src/network/",
    "src/platform/platform",
    "src/platform/hint-stream.ts",
    "src/platform/probe-answers.ts",
    "src/platform/route-",
  ],
  "src/monitor/": ["src/network/", "src/platform/platform"],
  // Judges what was gathered, and reads how other programs of the host are set.
  "src/doctor/": [
    "src/admin-api/",
    "src/network/",
    "src/platform/route-control.ts",
    "src/platform/route-inquiry.ts",
    "node:",
  ],
  "src/routes/": ["src/network/", "src/platform/platform", "src/platform/route-", "node:"],
  "src/leases/": ["src/network/", "src/platform/platform", "src/platform/route-", "src/routes/"],
  // By rules and routes that were read: where a packet goes, and why.
  "src/explain/": [
    "src/network/",
    "src/platform/route-inquiry.ts",
    "src/admin-api/explanation-schema.ts",
  ],
  "src/platform/open-route-inquiry.ts": [
    "src/platform/platform",
    "src/platform/route-",
    "src/platform/linux/linux-route-inquiry.ts",
    "src/platform/darwin/darwin-route-inquiry.ts",
    "src/platform/darwin/host-ports.ts",
  ],
  // What changing routes takes, for the daemon and for a restore without one.
  "src/management/": [
    "src/routes/",
    "src/platform/open-route-control.ts",
    "src/platform/platform",
    "src/platform/route-",
    "node:",
  ],
  // A lock that no file system and no network has on every system.
  "src/management/lock-system.ts": ["src/routes/journal/", "native-bindings/file-lock.ts", "node:"],
  "src/platform/open-route-control.ts": [
    "src/platform/platform",
    "src/platform/route-",
    "src/platform/linux/linux-route-control.ts",
    "src/platform/darwin/darwin-route-control.ts",
    "src/platform/darwin/host-ports.ts",
  ],
  // The log says what happened in the words of the command line.
  "src/daemon/": [
    "src/cli/render/",
    "src/network/",
    "src/admin-api/",
    "src/monitor/",
    "src/management/",
    "src/leases/",
    "src/routes/",
    "src/platform/platform",
    "src/platform/route-",
    "pino",
    "zod",
    "smol-toml",
    "node:",
  ],
  // Credentials belong to an accepted connection: no platform, which is about the network, knows them.
  "src/daemon/peer.ts": [
    "src/daemon/",
    "native-bindings/linux/peer-credentials.ts",
    "native-bindings/darwin/peer-credentials.ts",
    "node:",
  ],
  // The socket of a service manager is one more that no platform knows.
  "src/daemon/service/notifier.ts": [
    "src/daemon/",
    "native-bindings/linux/notify-socket.ts",
    "node:",
  ],
  "src/daemon/program.ts": [
    "src/daemon/",
    "src/admin-api/version.ts",
    "src/command-line/",
    "commander",
  ],
  "src/daemon/main.ts": [
    "src/daemon/",
    "src/command-line/",
    "src/management/",
    "src/platform/open-platform.ts",
    "src/platform/open-route-control.ts",
    "src/platform/platform",
    "commander",
    "node:",
  ],
  // The package for programs: asks the daemon as the command line does, and where none runs watches by the same
  // monitor, whose events it puts in the daemon's words.
  "src/library/": [
    "src/network/",
    "src/admin-api/",
    "src/admin-client/",
    "src/daemon/event-view.ts",
    "src/monitor/",
    "src/platform/platform",
    "src/platform/internet-socket.ts",
    "node:",
  ],
  "src/library/netwatch.ts": [
    "src/library/",
    "src/admin-api/",
    "src/admin-client/",
    "src/platform/open-platform.ts",
    "src/platform/open-internet-sockets.ts",
    "node:",
  ],
  // Sockets for programs that bind them: no feature of the daemon opens any.
  "src/platform/open-internet-sockets.ts": [
    "src/platform/internet-socket.ts",
    "src/platform/platform",
    "native-bindings/interface-index.ts",
    "native-bindings/internet-socket.ts",
    "native-bindings/linux/socket-dialect.ts",
    "native-bindings/darwin/socket-dialect.ts",
  ],
  // A restore must work where no daemon runs: these modules of the command line do themselves what they would ask for.
  "src/cli/management-here.ts": [
    "src/cli/",
    "src/daemon/config.ts",
    "src/daemon/load-config.ts",
    "src/daemon/paths.ts",
    "src/daemon/peer.ts",
    "src/management/",
    "src/platform/open-network-reader.ts",
    "src/platform/platform",
    "node:",
  ],
  "src/cli/restore-here.ts": [
    "src/cli/",
    "src/monitor/interface-policy.ts",
    "src/network/",
    "src/platform/platform",
    "src/routes/",
    "node:",
  ],
  "src/cli/forget-here.ts": [
    "src/cli/",
    "src/admin-api/",
    "src/daemon/default-view.ts",
    "src/network/",
    "src/routes/",
  ],
  // Explaining a route asks the kernel, and no daemon.
  "src/cli/explain-here.ts": [
    "src/cli/",
    "src/admin-api/",
    "src/daemon/nearest.ts",
    "src/explain/",
    "src/network/",
    "src/platform/open-route-inquiry.ts",
    "src/platform/route-inquiry.ts",
    "node:",
  ],
  // So does a checkup, which must work where nothing else does.
  "src/cli/doctor-here.ts": [
    "src/cli/",
    "src/admin-api/",
    "src/admin-client/",
    "src/daemon/config.ts",
    "src/daemon/load-config.ts",
    "src/doctor/",
    "src/network/",
    "src/platform/open-route-inquiry.ts",
    "src/routes/",
    "node:",
  ],
  // A command line as data, and what both programs make of it: completions and manual pages.
  "src/command-line/": ["commander", "node:"],
  "src/cli/": [
    "src/command-line/",
    "src/network/",
    "src/admin-api/",
    "src/admin-client/",
    "commander",
    "node:",
  ],
};

const importPattern = /(?:\bfrom|\bimport)\s*\(?\s*"([^"\s]+)"/g;

function importsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(importPattern)].map(([, target = ""]) =>
    target.startsWith(".") ? join(dirname(file), target) : target,
  );
}

function strayImports(file: string): string[] {
  const owners = Object.keys(mayImport).filter((row) => file.startsWith(row));
  const owner = owners.sort((a, b) => b.length - a.length)[0];
  if (owner === undefined) return [`${file} has no row`];
  const allowed = [owner, ...(mayImport[owner] ?? [])];
  return importsOf(file)
    .filter((target) => !allowed.some((prefix) => target.startsWith(prefix)))
    .map((target) => `${file} must not import ${target}`);
}

function sourceFiles(): string[] {
  return ["src", "native-bindings"].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(root, name)),
  );
}

test("every file imports only what its row allows", () => {
  expect(sourceFiles().flatMap(strayImports)).toEqual([]);
});

test("docs/architecture.md lists each folder of the table, and folders import downwards only", () => {
  const page = readFileSync("docs/architecture.md", "utf8");
  const listed = [...page.matchAll(/^\|[\w ]*\| `([\w/-]+\/)(?:\*\.ts)?` \|/gm)].map(
    ([, row = ""]) => row,
  );
  const folders = Object.keys(mayImport).filter((row) => row.endsWith("/"));
  expect([...listed].sort()).toEqual([...folders].sort());
  const rank = (target: string): number =>
    listed.indexOf(
      listed.filter((row) => target.startsWith(row)).sort((a, b) => b.length - a.length)[0] ?? "",
    );
  const upwards = folders.flatMap((folder) =>
    (mayImport[folder] ?? [])
      .filter((target) => /^(src|native-bindings)\//.test(target) && rank(target) < rank(folder))
      .map((target) => `${folder} ${target}`),
  );
  expect(upwards).toEqual([]);
});

test("no file is a catch-all, and none is over 300 lines", () => {
  const files = sourceFiles();
  expect(
    files.filter((file) => /(^|\/)(utils?|helpers?|common|lib|index)(\/|\.ts$)/.test(file)),
  ).toEqual([]);
  expect(files.filter((file) => readFileSync(file, "utf8").split("\n").length > 301)).toEqual([]);
});
