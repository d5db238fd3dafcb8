import { expect, test } from "vitest";
import { socketsToTry } from "../../src/admin-client/sockets-to-try.ts";

const seeker = { platform: "linux", uid: 1000, env: {} };

test("socketsToTry() takes the named socket and no other, the option before the environment", () => {
  const named = { ...seeker, env: { NETWATCH_SOCKET: "/e" } };
  expect(socketsToTry(named, "/o")).toEqual(["/o"]);
  expect(socketsToTry(named, undefined)).toEqual(["/e"]);
});

test("socketsToTry() tries the user's own daemon, and root's where it may be the one that runs", () => {
  const own = "/run/user/1000/netwatch/netwatchd.sock";
  const system = "/run/netwatch/netwatchd.sock";
  const env = { XDG_RUNTIME_DIR: "/run/user/1000", NETWATCH_SOCKET: "" };
  const among = (...existing: readonly string[]): readonly string[] =>
    socketsToTry({ ...seeker, env }, undefined, (path) => existing.includes(path));
  expect(among()).toEqual([own]);
  expect(among(own)).toEqual([own]);
  expect(among(system)).toEqual([system]);
  expect(among(own, system)).toEqual([own, system]);
  expect(socketsToTry({ ...seeker, env, uid: 0 }, undefined, () => true)).toEqual([system]);
});

test("socketsToTry() passes over a folder of the user's that another user made", () => {
  const among = (owner: number | null): readonly string[] =>
    socketsToTry(
      { ...seeker, env: { XDG_RUNTIME_DIR: "/shared" } },
      undefined,
      (path) => path.startsWith("/shared"),
      (path) => (path === "/shared/netwatch" ? owner : null),
    );
  expect(among(1001)).toEqual(["/run/netwatch/netwatchd.sock"]);
  expect(among(1000)).toEqual(["/shared/netwatch/netwatchd.sock"]);
  expect(among(null)).toEqual(["/shared/netwatch/netwatchd.sock"]);
});

test("socketsToTry() refuses a path that no socket can have", () => {
  const long = `/${"x".repeat(107)}`;
  expect(() => socketsToTry(seeker, long)).toThrow(
    expect.objectContaining({
      code: "bad-socket",
      message: expect.stringContaining("108 bytes of at most 107"),
    }),
  );
  expect(socketsToTry(seeker, long.slice(1))).toHaveLength(1);
  expect(() => socketsToTry({ ...seeker, platform: "darwin" }, long.slice(4))).toThrow(
    "of at most 103",
  );
  expect(() => socketsToTry(seeker, "")).toThrow("the path is empty");
});
