import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { netwatchCommand } from "../../src/daemon/next-command.ts";
import { openTemporaryDirectory } from "./admin-client.ts";

function installNetwatch(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "netwatch"), "");
  chmodSync(join(folder, "netwatch"), 0o755);
}

const checkout = { workingDirectory: "/src/netwatch", cliFile: "/src/netwatch/dist/cli/main.js" };

test("netwatchCommand() is the program's name where it is installed", () => {
  using directory = openTemporaryDirectory();
  installNetwatch(directory.path);
  const searchPath = `/nowhere:${directory.path}`;
  expect(netwatchCommand({ ...checkout, searchPath }, ["status"])).toBe("netwatch status");
});

test("netwatchCommand() is the program's file where it is not", () => {
  const searchPath = "/nowhere:";
  expect(netwatchCommand({ ...checkout, searchPath }, ["status", "--socket", "/tmp/it's"])).toBe(
    "node dist/cli/main.js status --socket '/tmp/it'\\''s'",
  );
  expect(netwatchCommand({ ...checkout, searchPath, workingDirectory: "/home/ann" }, [])).toBe(
    "node /src/netwatch/dist/cli/main.js",
  );
});

test("netwatchCommand() does not count on the folders that only npm searches", () => {
  using directory = openTemporaryDirectory();
  const folder = join(directory.path, "node_modules/.bin");
  installNetwatch(folder);
  expect(netwatchCommand({ ...checkout, searchPath: folder }, [])).toMatch(/^node /);
});
