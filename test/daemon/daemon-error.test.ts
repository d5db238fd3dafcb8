import { expect, test } from "vitest";
import { DaemonError, exitCodeOf, hintOf } from "../../src/daemon/daemon-error.ts";
import { PlatformError } from "../../src/platform/platform-error.ts";

test("exitCodeOf() tells failures apart", () => {
  const codes = ["failed", "usage", "config", "already-running", "not-permitted"] as const;
  const errors = codes.map((code) => new DaemonError(code, "cannot", null));
  expect(errors.map(exitCodeOf)).toEqual([1, 2, 2, 3, 4]);
  expect([new Error("x"), "text", undefined].map(exitCodeOf)).toEqual([1, 1, 1]);
});

test("exitCodeOf() sees that the system refused, also as a cause", () => {
  const refused = Object.assign(new Error("no"), { code: "EACCES" });
  expect(exitCodeOf(new PlatformError("permission", "watch"))).toBe(4);
  expect(exitCodeOf(new PlatformError("rejected", "enter", refused))).toBe(4);
  expect(exitCodeOf(new PlatformError("rejected", "enter", new Error("no")))).toBe(1);
});

test("hintOf() says what to do next", () => {
  expect(hintOf(new DaemonError("usage", "cannot", "do this"))).toBe("do this");
  expect(hintOf(new PlatformError("permission", "watch"))).toContain("root");
  expect(hintOf(new Error("x"))).toBe(null);
});
