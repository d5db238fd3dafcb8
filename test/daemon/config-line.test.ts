import { expect, test } from "vitest";
import { lineOfKey } from "../../src/daemon/config-line.ts";

const source = `# [monitor] probe_ms = 1
admin.read = "all"
[ monitor ]
# probe_ms = 1
probe_ms = 3 # three
[interfaces]
"churn" = [
  "a",
]
kinds = { "ppp*" = "x" }
[interfaces.'odd']
key = 1
[[list]]
key = 2
`;

test("lineOfKey() finds keys in tables, dotted and quoted", () => {
  expect(lineOfKey(source, ["admin", "read"])).toBe(2);
  expect(lineOfKey(source, ["monitor", "probe_ms"])).toBe(5);
  expect(lineOfKey(source, ["interfaces", "churn"])).toBe(7);
  expect(lineOfKey(source, ["interfaces", "odd", "key"])).toBe(12);
  expect(lineOfKey(source, ["list", "key"])).toBe(14);
  expect(lineOfKey(source, ["monitor"])).toBe(3);
});

test("lineOfKey() gives the nearest key around what stands inside a value", () => {
  expect(lineOfKey(source, ["interfaces", "churn", "0"])).toBe(7);
  expect(lineOfKey(source, ["interfaces", "kinds", "ppp*"])).toBe(10);
  expect(lineOfKey(source, ["monitor", "missing"])).toBe(3);
  expect(lineOfKey(source, ["nothing"])).toBe(null);
});
