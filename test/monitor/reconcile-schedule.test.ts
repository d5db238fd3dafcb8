import { describe, expect, test } from "vitest";
import { createReconcileSchedule } from "../../src/monitor/reconcile-schedule.ts";

const middle = (): number => 0.5;

describe("createReconcileSchedule()", () => {
  test("is due every interval, give or take a tenth", () => {
    expect(createReconcileSchedule(15_000, middle, 0).nextAt()).toBe(15_000);
    expect(createReconcileSchedule(15_000, () => 0, 0).nextAt()).toBe(13_500);
    expect(createReconcileSchedule(15_000, () => 1, 0).nextAt()).toBeCloseTo(16_500);
  });

  test("is due 0.2, 1 and 5 s after a disturbance, then every interval", () => {
    const schedule = createReconcileSchedule(15_000, middle, 0);
    schedule.disturbed(10_000);
    const due: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      due.push(schedule.nextAt());
      schedule.begun(schedule.nextAt());
    }
    expect(due).toEqual([10_200, 11_000, 15_000, 30_000]);
  });

  test("backs off to 60 s after ten calm minutes, until drift", () => {
    const schedule = createReconcileSchedule(15_000, middle, 0);
    schedule.begun(599_999);
    expect(schedule.nextAt()).toBe(614_999);
    schedule.begun(614_999);
    expect(schedule.nextAt()).toBe(674_999);
    schedule.drifted(675_000);
    expect(schedule.nextAt()).toBe(690_000);
  });

  test("never comes more often because it is calm", () => {
    const schedule = createReconcileSchedule(300_000, middle, 0);
    schedule.begun(900_000);
    expect(schedule.nextAt()).toBe(1_200_000);
  });

  test("is due every 3 s while blind", () => {
    const schedule = createReconcileSchedule(15_000, middle, 0);
    schedule.setBlind(true, 1_000);
    expect(schedule.nextAt()).toBe(4_000);
    schedule.begun(900_000);
    expect(schedule.nextAt()).toBe(903_000);
    schedule.setBlind(false, 901_000);
    expect(schedule.nextAt()).toBe(961_000);
  });
});
