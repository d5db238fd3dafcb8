import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { typedCommand } from "../../src/command-line/typed-command.ts";
import { openTemporaryDirectory } from "../daemon/admin-client.ts";

function installNetwatch(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "netwatch"), "");
  chmodSync(join(folder, "netwatch"), 0o755);
}

const checkout = {
  workingDirectory: "/src/netwatch",
  program: "netwatch",
  file: "/src/netwatch/dist/cli/main.js",
} as const;

test("typedCommand() is the program's name where it is installed", () => {
  using directory = openTemporaryDirectory();
  installNetwatch(directory.path);
  const searchPath = `/nowhere:${directory.path}`;
  expect(typedCommand({ ...checkout, searchPath }, ["status"])).toBe("netwatch status");
});

test("typedCommand() is the program's file where it is not", () => {
  const searchPath = "/nowhere:";
  expect(typedCommand({ ...checkout, searchPath }, ["status", "--socket", "/tmp/it's"])).toBe(
    "node dist/cli/main.js status --socket '/tmp/it'\\''s'",
  );
  expect(typedCommand({ ...checkout, searchPath, workingDirectory: "/home/ann" }, [])).toBe(
    "node /src/netwatch/dist/cli/main.js",
  );
});

test("typedCommand() does not count on the folders that only npm searches", () => {
  using directory = openTemporaryDirectory();
  const folder = join(directory.path, "node_modules/.bin");
  installNetwatch(folder);
  expect(typedCommand({ ...checkout, searchPath: folder }, [])).toMatch(/^node /);
});
