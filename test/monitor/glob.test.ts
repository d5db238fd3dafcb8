import { fc, test as prop } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { matchesGlob } from "../../src/monitor/glob.ts";

test.each([
  ["veth*", "veth1a2b", true],
  ["veth*", "veth", true],
  ["veth*", "eth0", false],
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["eth?", "eth0", true],
  ["eth?", "eth10", false],
  ["eth?", "eth", false],
  ["*-*-end", "a-b-end-end", true],
  ["a*b*c", "aXbYbZ", false],
  ["br-*", "br.", false],
  ["e[t]h0", "eth0", false],
])("matchesGlob() %s against %s is %s", (pattern, name, matches) => {
  expect(matchesGlob(pattern, name)).toBe(matches);
});

const letters = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
const patterns = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });

prop.prop([patterns, letters])(
  "matchesGlob() agrees with a regular expression",
  (pattern, name) => {
    const source = pattern.replaceAll(".", "\\.").replaceAll(/\*+/g, "[^]*").replaceAll("?", "[^]");
    expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${source}$`).test(name));
  },
);

test("matchesGlob() takes no exponential time", () => {
  expect(matchesGlob(`${"a*".repeat(50)}b`, "a".repeat(5_000))).toBe(false);
});
