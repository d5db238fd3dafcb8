import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { netwatchVersion } from "../../src/admin-api/version.ts";
import { startCommand } from "../cli/running-command.ts";
import { until } from "../namespace/namespace.ts";

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const repository = join(import.meta.dirname, "../..");
let folder: string;
let packed: Packed;

function npm(words: readonly string[], cwd: string): string {
  return execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** What the types of the library are made of. */
const typed = ["library", "admin-api", "admin-client", "monitor", "network", "platform"];
const isTyped = (path: string): boolean => typed.includes(path.split("/")[2] ?? "");

const inPrefix = (...parts: readonly string[]): string => join(folder, "prefix", ...parts);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "netwatch-package-"));
  // It was built a moment ago, and other tests use what was built.
  const output = npm(
    ["pack", "--ignore-scripts", "--json", "--pack-destination", folder],
    repository,
  );
  packed = (JSON.parse(output) as Packed[])[0] as Packed;
  npm(["install", "--global", "--prefix", inPrefix(), join(folder, packed.filename)], folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

test("the package holds programs, documents and nothing else", () => {
  const strangers = packed.files
    .map(({ path }) => path)
    .filter((path) => !/^dist\/(bin|src|native-bindings)\/.*\.js$/.test(path))
    .filter((path) => !(path.endsWith(".d.ts") && isTyped(path)))
    .filter((path) => !/^docs\/examples\/.*\.mjs$/.test(path))
    .filter((path) => !/^docs\/.*\.(md|1|8|yml)$/.test(path))
    .filter((path) => !["package.json", "README.md", "LICENSE", "CHANGELOG.md"].includes(path));
  expect(strangers).toEqual([]);
  expect(packed.unpackedSize).toBeLessThan(3_000_000);
});

test("installing it runs no script and builds nothing", () => {
  const modules = inPrefix("lib/node_modules/netwatch/node_modules");
  const built = readdirSync(modules).filter((name) =>
    existsSync(join(modules, name, "build/Release")),
  );
  expect(built).toEqual([]);
});

test.each(["netwatch", "netwatchd"])("%s runs from an empty prefix", (program) => {
  const output = execFileSync(inPrefix("bin", program), ["--version"], { encoding: "utf8" });
  expect(output).toBe(`${netwatchVersion}\n`);
});

test("the manual pages are where man looks", () => {
  expect(readdirSync(inPrefix("share/man/man1"))).toContain("netwatch.1");
  expect(readdirSync(inPrefix("share/man/man8"))).toContain("netwatchd.8");
});

test("netwatchd answers netwatch, both as installed", async () => {
  const socket = join(folder, "s");
  await using daemon = startCommand(inPrefix("bin/netwatchd"), [
    ...["start", "--platform", "memory", "--socket", socket, "--log", "json"],
  ]);
  await until("the socket", () => existsSync(socket), 20_000);
  const status = execFileSync(inPrefix("bin/netwatch"), ["status", "--json", "--socket", socket], {
    encoding: "utf8",
  });
  expect(JSON.parse(status)).toMatchObject({
    daemon: { version: netwatchVersion, pid: daemon.child.pid },
  });
});

test("a program finds the library, and its types", () => {
  const program = join(folder, "program");
  mkdirSync(join(program, "node_modules"), { recursive: true });
  symlinkSync(inPrefix("lib/node_modules/netwatch"), join(program, "node_modules/netwatch"));
  const source = [
    'import { connect, createSocket, lease, listen, openBinding, StaleBindingError, status, watch } from "netwatch";',
    'import { followEvents, openAdminClient, paths, type Status } from "netwatch/admin";',
    "export const functions: readonly unknown[] = [connect, createSocket, lease, listen, openBinding, status, watch, followEvents, openAdminClient];",
    "export const isStale = (error: unknown): boolean => error instanceof StaleBindingError;",
    "export const path: string = paths.statusPath;",
    "export async function names(): Promise<readonly string[]> {",
    "  const now: Status = await status();",
    '  for await (const event of watch({ since: "1" })) if (event.kind === "wake") return [String(event.sleptMs)];',
    '  const socket = await connect({ host: "::1", port: 1, binding: { interface: "lo", onStale: "wait" } });',
    "  // @ts-expect-error there is no such policy",
    '  await openBinding({ interface: "lo", onStale: "never" });',
    "  return [...now.interfaces.map(({ name }) => name), String(socket.remotePort)];",
    "}",
    'console.log(functions.every((one) => typeof one === "function") && path);',
  ].join("\n");
  const types = join(repository, "node_modules/@types");
  writeFileSync(join(program, "program.mts"), source);
  const options = [
    "--strict",
    "--target",
    "es2023",
    "--module",
    "nodenext",
    "--skipLibCheck",
    "false",
  ];
  execFileSync(
    process.execPath,
    [
      join(repository, "node_modules/typescript/bin/tsc"),
      ...[...options, "--lib", "es2023,esnext.disposable", "--typeRoots", types, "--types", "node"],
      "program.mts",
    ],
    { cwd: program, encoding: "utf8", stdio: ["ignore", "inherit", "inherit"] },
  );
  const output = execFileSync(process.execPath, ["program.mjs"], {
    cwd: program,
    encoding: "utf8",
  });
  expect(output).toBe("/v1/status\n");
});
