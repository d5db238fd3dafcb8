import { expect, test } from "vitest";
import { type Output, type Session, socketsToTry, viewOf } from "../../src/cli/session.ts";

const output: Output = {
  write: () => true,
  once: () => undefined,
  on: () => undefined,
  off: () => undefined,
};
const session: Session = {
  platform: "linux",
  uid: 1000,
  env: {},
  stdout: output,
  stderr: output,
  now: () => 0,
};

test("socketsToTry() takes the named socket and no other, the option before the environment", () => {
  const named = { ...session, env: { NETWATCH_SOCKET: "/e" } };
  expect(socketsToTry(named, "/o")).toEqual(["/o"]);
  expect(socketsToTry(named, undefined)).toEqual(["/e"]);
});

test("socketsToTry() tries the user's own daemon, and root's where it may be the one that runs", () => {
  const own = "/run/user/1000/netwatch/netwatchd.sock";
  const system = "/run/netwatch/netwatchd.sock";
  const env = { XDG_RUNTIME_DIR: "/run/user/1000", NETWATCH_SOCKET: "" };
  const among = (...existing: readonly string[]): readonly string[] =>
    socketsToTry({ ...session, env }, undefined, (path) => existing.includes(path));
  expect(among()).toEqual([own]);
  expect(among(own)).toEqual([own]);
  expect(among(system)).toEqual([system]);
  expect(among(own, system)).toEqual([own, system]);
  expect(socketsToTry({ ...session, env, uid: 0 }, undefined, () => true)).toEqual([system]);
});

test("socketsToTry() passes over a folder of the user's that another user made", () => {
  const among = (owner: number | null): readonly string[] =>
    socketsToTry(
      { ...session, env: { XDG_RUNTIME_DIR: "/shared" } },
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
  expect(() => socketsToTry(session, long)).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringContaining("108 bytes of at most 107"),
    }),
  );
  expect(socketsToTry(session, long.slice(1))).toHaveLength(1);
  expect(() => socketsToTry({ ...session, platform: "darwin" }, long.slice(4))).toThrow(
    "of at most 103",
  );
  expect(() => socketsToTry(session, "")).toThrow("the path is empty");
});

test("viewOf() takes a terminal's width and colour; a pipe has neither", () => {
  const terminal = { ...output, isTTY: true, columns: 132 };
  const view = (stdout: Output, env: Session["env"] = {}) => viewOf({ ...session, stdout, env });
  expect(view(terminal)).toEqual({ columns: 132, color: true, now: 0 });
  expect(view(terminal, { NO_COLOR: "1" }).color).toBe(false);
  expect(view(terminal, { NO_COLOR: "" }).color).toBe(true);
  expect(view(terminal, { TERM: "dumb" }).color).toBe(false);
  expect(view({ ...terminal, columns: 0 }).columns).toBe(80);
  expect(view({ ...terminal, columns: 5 }).columns).toBe(20);
  expect(view(output)).toEqual({ columns: Number.POSITIVE_INFINITY, color: false, now: 0 });
});
