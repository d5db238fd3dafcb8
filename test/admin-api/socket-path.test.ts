import { expect, test } from "vitest";
import { defaultSocketPath } from "../../src/admin-api/socket-path.ts";

const user = { platform: "linux", uid: 1000, env: {}, tmpdir: "/tmp" };

test("defaultSocketPath() is the system's for root, whatever the environment says", () => {
  const root = { ...user, uid: 0, env: { XDG_RUNTIME_DIR: "/run/user/0" } };
  expect(defaultSocketPath(root)).toBe("/run/netwatch/netwatchd.sock");
  expect(defaultSocketPath({ ...root, platform: "darwin" })).toBe(
    "/var/run/netwatch/netwatchd.sock",
  );
});

test("defaultSocketPath() is in the user's runtime folder, if it is absolute", () => {
  const at = (XDG_RUNTIME_DIR: string): string =>
    defaultSocketPath({ ...user, env: { XDG_RUNTIME_DIR } });
  expect(at("/run/user/1000/")).toBe("/run/user/1000/netwatch/netwatchd.sock");
  expect(at("run")).toBe("/tmp/netwatch-1000/netwatchd.sock");
  expect(at("")).toBe("/tmp/netwatch-1000/netwatchd.sock");
});
