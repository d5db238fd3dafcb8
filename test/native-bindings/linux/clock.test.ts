import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readClock } from "../../../native-bindings/linux/clock.ts";

describe.skipIf(process.platform !== "linux")("readClock()", () => {
  test("boottime is what /proc/uptime says", () => {
    const before = Math.floor(readClock("boottime") / 10) / 100;
    const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    expect(uptime).toBeGreaterThanOrEqual(before);
    expect(uptime * 1000).toBeLessThanOrEqual(readClock("boottime") + 10);
  });

  test("monotonic is Node's own clock", () => {
    const before = Number(process.hrtime.bigint()) / 1e6;
    const now = readClock("monotonic");
    expect(now).toBeGreaterThanOrEqual(before - 1e-3);
    expect(now).toBeLessThanOrEqual(Number(process.hrtime.bigint()) / 1e6 + 1e-3);
  });
});
