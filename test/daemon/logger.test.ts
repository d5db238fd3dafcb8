import { expect, test } from "vitest";
import { openLogger, openReadableLogger } from "../../src/daemon/logger.ts";

function openLines(): { readonly lines: string[]; readonly output: { write(line: string): void } } {
  const lines: string[] = [];
  return { lines, output: { write: (line) => void lines.push(line) } };
}

test("openReadableLogger() writes time, level unless info, message and facts", () => {
  const { lines, output } = openLines();
  const log = openReadableLogger("info", output, () => new Date(2026, 0, 31, 9, 5, 7));
  log.info("listening", { socket: "/run/s", after: "a while", count: 3, error: new Error("no") });
  log.warn("careful");
  log.debug("not this");
  log.setLevel("debug");
  log.debug("but this");
  expect(lines).toEqual([
    '09:05:07 listening socket=/run/s after="a while" count=3 error="no"\n',
    "09:05:07 warn: careful\n",
    "09:05:07 debug: but this\n",
  ]);
});

test("openReadableLogger() keeps control characters from the terminal", () => {
  const { lines, output } = openLines();
  openReadableLogger("info", output, () => new Date()).info("\u001b[31meth0\u009b\r is\nup");
  expect(lines[0]?.slice(9)).toBe("?[31meth0?? is\nup\n");
});

test("openLogger() writes one JSON object a line", async () => {
  const { lines, output } = openLines();
  const log = await openLogger("json", "warn", output);
  log.info("not this");
  log.error("it failed", { error: new Error("outer", { cause: new Error("inner") }), id: 3 });
  log.setLevel("info");
  log.info("but this");
  const [failed, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(failed).toMatchObject({ level: "error", msg: "it failed", id: 3, pid: process.pid });
  expect(JSON.stringify(failed?.error)).toContain("inner");
  expect(failed?.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(second).toMatchObject({ level: "info", msg: "but this" });
});
