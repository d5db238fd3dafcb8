import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DaemonError } from "../../../src/daemon/daemon-error.ts";
import {
  installService,
  type ServiceHost,
  uninstallService,
} from "../../../src/daemon/service/install-service.ts";
import { openTemporaryDirectory } from "../admin-client.ts";

let directory: ReturnType<typeof openTemporaryDirectory>;
let root: string;
beforeEach(() => {
  directory = openTemporaryDirectory();
  root = directory.path;
});
afterEach(() => directory[Symbol.dispose]());

const programs = {
  node: "/usr/bin/node",
  netwatchd: "/opt/netwatch/daemon/main.js",
  netwatch: "/opt/netwatch/cli/main.js",
};

/** A host that runs nothing, and what it was told to run and say. */
function hostOf(changes: Partial<ServiceHost> = {}) {
  const said: string[] = [];
  const ran: string[] = [];
  const host: ServiceHost = {
    platform: "linux",
    uid: 0,
    runsSystemd: true,
    checkPrograms: () => ({ programs, warnings: [] }),
    run: async (command, args) => {
      ran.push([command, ...args].join(" "));
      return null;
    },
    say: (line) => void said.push(line),
    warn: (line) => void said.push(line),
    ...changes,
  };
  return { host, said, ran };
}

const unitFile = (): string => join(root, "etc/systemd/system/netwatchd.service");

async function refusal(work: Promise<void>): Promise<DaemonError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DaemonError) return error;
    throw error;
  }
  return expect.fail("it was not refused");
}

test("installService() writes beneath a root, runs nothing, and is content the second time", async () => {
  const { host, said, ran } = hostOf({ uid: 1_000, runsSystemd: false });
  await installService({ root }, host);
  expect(said).toEqual([`wrote ${unitFile()}`]);
  expect(readFileSync(unitFile(), "utf8")).toContain("ExecStart=/usr/bin/node /opt/netwatch");
  expect(statSync(unitFile()).mode & 0o777).toBe(0o644);
  await installService({ root }, host);
  expect(said.at(-1)).toBe(`${unitFile()} stands as it should`);
  expect([ran, readdirSync(dirname(unitFile()))]).toEqual([[], ["netwatchd.service"]]);
});

test("installService() writes a unit of ours anew", async () => {
  await installService({ root }, hostOf().host);
  const moved = { ...programs, node: "/usr/local/bin/node" };
  const { host, said } = hostOf({ checkPrograms: () => ({ programs: moved, warnings: [] }) });
  await installService({ root }, host);
  expect(said).toEqual([`wrote ${unitFile()}`]);
  expect(readFileSync(unitFile(), "utf8")).toContain("ExecStart=/usr/local/bin/node");
});

test("installService() and uninstallService() leave alone what somebody else put there", async () => {
  mkdirSync(dirname(unitFile()), { recursive: true });
  writeFileSync(unitFile(), "[Service]\nExecStart=/bin/true\n");
  for (const work of [installService, uninstallService]) {
    const error = await refusal(work({ root }, hostOf().host));
    expect([error.code, error.message]).toEqual([
      "conflict",
      expect.stringContaining("install-service did not write what stands there"),
    ]);
  }
  expect(readFileSync(unitFile(), "utf8")).toBe("[Service]\nExecStart=/bin/true\n");
});

test("installService() does not write through a masked unit's link", async () => {
  mkdirSync(dirname(unitFile()), { recursive: true });
  symlinkSync("/dev/null", unitFile());
  expect((await refusal(installService({ root }, hostOf().host))).code).toBe("conflict");
});

test("installService() begins paths at a root that holds the programs, too", async () => {
  const inside = { ...programs, netwatchd: `${root}/opt/netwatch/daemon/main.js` };
  const { host } = hostOf({ checkPrograms: () => ({ programs: inside, warnings: [] }) });
  await installService({ root }, host);
  expect(readFileSync(unitFile(), "utf8")).toContain(" /opt/netwatch/daemon/main.js start");
});

test("installService() only shows when asked to", async () => {
  const { host, said, ran } = hostOf({ uid: 1_000, runsSystemd: false });
  await installService({ print: true, root }, host);
  expect([said.join("\n"), ran, existsSync(unitFile())]).toEqual([
    expect.stringContaining("[Service]\n"),
    [],
    false,
  ]);
});

test("installService() warns of programs that others may change", async () => {
  const { host, said } = hostOf({
    checkPrograms: () => ({ programs, warnings: ["alice decides"] }),
  });
  await installService({ root }, host);
  expect(said[0]).toBe("warning: alice decides");
});

test("installService() and uninstallService() refuse whoever is not root", async () => {
  for (const work of [installService, uninstallService]) {
    const { host, ran } = hostOf({ uid: 1_000 });
    const error = await refusal(work({}, host));
    expect([error.code, error.hint, ran]).toEqual([
      "not-permitted",
      "try with sudo, or name another root with --root DIR",
      [],
    ]);
  }
});

test("installService() refuses a host without systemd, and one that it does not know", async () => {
  const { host } = hostOf({ runsSystemd: false });
  expect((await refusal(installService({}, host))).message).toContain("systemd is not");
  const { host: other } = hostOf({ platform: "freebsd" });
  expect((await refusal(installService({ root }, other))).message).toContain("freebsd");
});

test("uninstallService() removes what was written, beneath a root without running anything", async () => {
  const { host, said, ran } = hostOf();
  await installService({ root }, host);
  await uninstallService({ root }, host);
  await uninstallService({ root }, host);
  expect(said.slice(1)).toEqual([
    `removed ${unitFile()}`,
    `there is no ${unitFile()}: nothing to do`,
  ]);
  expect([existsSync(unitFile()), ran]).toEqual([false, []]);
});

test("installService() writes a launchd job on a Mac", async () => {
  const { host } = hostOf({ platform: "darwin" });
  await installService({ root }, host);
  const file = join(root, "Library/LaunchDaemons/netwatchd.plist");
  expect(readFileSync(file, "utf8")).toContain("<string>/opt/netwatch/daemon/main.js</string>");
  await uninstallService({ root }, host);
  expect(existsSync(file)).toBe(false);
});
