import { expect, test } from "vitest";
import { defaultPaths } from "../../src/daemon/paths.ts";

const root = { platform: "linux", uid: 0, env: {}, tmpdir: "/tmp", home: "/root" };
const user = { ...root, uid: 1000, home: "/home/ann" };

test("defaultPaths() are the system's for root", () => {
  const env = { XDG_RUNTIME_DIR: "/run/user/0", XDG_STATE_HOME: "/x", XDG_CONFIG_HOME: "/y" };
  expect(defaultPaths({ ...root, env })).toEqual({
    socket: "/run/netwatch/netwatchd.sock",
    stateDirectory: "/var/lib/netwatch",
    configFile: "/etc/netwatch/config.toml",
  });
  expect(defaultPaths({ ...root, platform: "darwin" })).toEqual({
    socket: "/var/run/netwatch/netwatchd.sock",
    stateDirectory: "/Library/Application Support/netwatch",
    configFile: "/etc/netwatch/config.toml",
  });
});

test("defaultPaths() are the user's own otherwise", () => {
  expect(defaultPaths(user)).toEqual({
    socket: "/tmp/netwatch-1000/netwatchd.sock",
    stateDirectory: "/home/ann/.local/state/netwatch",
    configFile: "/home/ann/.config/netwatch/config.toml",
  });
  const env = { XDG_RUNTIME_DIR: "/run/user/1000", XDG_STATE_HOME: "/s/", XDG_CONFIG_HOME: "/c" };
  expect(defaultPaths({ ...user, env })).toEqual({
    socket: "/run/user/1000/netwatch/netwatchd.sock",
    stateDirectory: "/s/netwatch",
    configFile: "/c/netwatch/config.toml",
  });
});

test("defaultPaths() ignores XDG variables that are not absolute", () => {
  const env = { XDG_RUNTIME_DIR: "run", XDG_STATE_HOME: "", XDG_CONFIG_HOME: "./c" };
  expect(defaultPaths({ ...user, env })).toEqual(defaultPaths(user));
});
