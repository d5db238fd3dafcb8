import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const main = join(root, "dist/src/cli/main.js");

/** Every module that a built file can come to load, and the file that names it. */
function reachable(file: string, lazyToo: boolean, seen = new Map<string, string>()) {
  const text = readFileSync(file, "utf8");
  const pattern = lazyToo
    ? /(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g
    : /(?:\bfrom\s*|^import\s*)"([^"]+)"/gm;
  for (const [, target = ""] of text.matchAll(pattern)) {
    const path = target.startsWith(".") ? join(dirname(file), target) : target;
    if (seen.has(path)) continue;
    seen.set(path, file);
    // Such a module does without a daemon what one would do, and only the command that needs it loads it.
    if (path.endsWith("-here.js")) continue;
    if (target.startsWith(".")) reachable(path, lazyToo, seen);
  }
  return seen;
}

const external = (modules: ReadonlyMap<string, string>): string[] =>
  [...modules.keys()].filter((path) => !path.startsWith("/")).sort();

test("the command line loads commander and Node's own modules, and nothing else", () => {
  const modules = external(reachable(main, true));
  expect(modules).toContain("commander");
  expect(modules.filter((name) => !name.startsWith("node:"))).toEqual(["commander"]);
});

test("a plain status loads no commander, and few files", () => {
  const modules = reachable(main, false);
  reachable(join(root, "dist/src/cli/show-status.js"), false, modules);
  expect(external(modules)).toEqual(["node:fs", "node:http", "node:net", "node:os", "node:url"]);
  expect(modules.size - 5).toBeGreaterThan(15);
  // Each costs some 0.4 ms, of the 25 that a status may take beyond node's own start.
  expect(modules.size - 5).toBeLessThanOrEqual(23);
});

test("a restore without a daemon loads nothing that listens to the kernel, and no other protocol", () => {
  const names = [
    ...new Set([
      ...reachable(join(root, "dist/src/cli/restore-here.js"), false).keys(),
      ...reachable(join(root, "dist/src/platform/linux/linux-reader.js"), false).keys(),
      ...reachable(join(root, "dist/src/platform/linux/linux-route-control.js"), false).keys(),
    ]),
  ].map((path) => path.replace(root, ""));
  expect(names).toContain("/dist/src/platform/linux/requester.js");
  expect(
    names.filter((name) => /platform.*(event|hint|bpf|witness)|icmpv6|zod/.test(name)),
  ).toEqual([]);
});
