import { expect, test } from "vitest";
import { checkPrograms, type FileFacts } from "../../../src/daemon/service/service-programs.ts";

const modules = "/usr/lib/node_modules/netwatch/dist/src";
const running = {
  node: "/usr/bin/node",
  netwatchd: `${modules}/daemon/main.js`,
  netwatch: `${modules}/cli/main.js`,
};
const roots: FileFacts = { mode: 0o755, uid: 0, gid: 0 };

function check(
  changes: Partial<typeof running> = {},
  facts: Readonly<Record<string, FileFacts>> = {},
): ReturnType<typeof checkPrograms> {
  return checkPrograms(
    { ...running, ...changes },
    (path) => path.replace("/link/", "/real/"),
    (path) => facts[path] ?? roots,
  );
}

test("checkPrograms() gives the real paths, and no warning where all is root's", () => {
  expect(check()).toEqual({ programs: running, warnings: [] });
  expect(check({ node: "/opt/link/node" }).programs.node).toBe("/opt/real/node");
});

test("checkPrograms() refuses npx's cache", () => {
  const cached = "/root/.npm/_npx/0123456789abcdef/node_modules/netwatch/dist/src/daemon/main.js";
  expect(() => check({ netwatchd: cached })).toThrow(/cache of npx/);
});

test.each(["a\nb", 'a"b', "a'b", "a\\b", "$HOME"])(
  "checkPrograms() refuses %j in a path, as systemd does",
  (name) => {
    expect(() => check({ node: `/opt/${name}/node` })).toThrow(/no program with such characters/);
  },
);

test("checkPrograms() refuses what root without its rights cannot reach, and names the obstacle", () => {
  const home = { mode: 0o700, uid: 1_000, gid: 1_000 };
  const node = "/home/alice/.nvm/bin/node";
  expect(() => check({ node }, { "/home/alice": home })).toThrow(/those of \/home\/alice keep/);
  expect(() => check({ node }, { [node]: { ...roots, mode: 0o111 } })).toThrow(/keep it out/);
});

test.each([
  ["its owner", { mode: 0o700, uid: 0, gid: 1_000 }],
  ["its group", { mode: 0o710, uid: 1_000, gid: 0 }],
  ["everybody", { mode: 0o711, uid: 1_000, gid: 1_000 }],
])("checkPrograms() accepts a directory that lets in %s", (_, facts) => {
  expect(() => check({ node: "/opt/x/node" }, { "/opt/x": facts })).not.toThrow();
});

test("checkPrograms() warns of whoever could change what root runs", () => {
  const alice = { mode: 0o755, uid: 1_000, gid: 1_000 };
  const { warnings } = check({ node: "/home/alice/node" }, { "/home/alice": alice });
  expect(warnings).toEqual([
    "/home/alice does not belong to root: its owner decides what this service does as root",
  ]);
});

test("checkPrograms() warns of a place that is cleaned", () => {
  expect(check({ node: "/tmp/node" }).warnings).toEqual([
    "/tmp/node may be cleaned away: /tmp/ is for files that pass",
  ]);
});
