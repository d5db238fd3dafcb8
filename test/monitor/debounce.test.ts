import { describe, expect, test } from "vitest";
import { createDebounce } from "../../src/monitor/debounce.ts";

describe("createDebounce()", () => {
  test("the first ring of a quiet door is due at once", () => {
    const debounce = createDebounce(200, 2_000);
    expect(debounce.dueAt()).toBeNull();
    debounce.ring("ipv4", 1_000);
    expect(debounce.dueAt()).toBe(1_000);
    debounce.clear();
    expect(debounce.dueAt()).toBeNull();
    debounce.ring("ipv4", 1_200);
    expect(debounce.dueAt()).toBe(1_200);
  });

  test("a ring soon after waits for quiet, each ring anew", () => {
    const debounce = createDebounce(200, 2_000);
    debounce.ring("ipv4", 0);
    debounce.clear();
    debounce.ring("ipv4", 100);
    expect(debounce.dueAt()).toBe(300);
    debounce.ring("ipv4", 250);
    expect(debounce.dueAt()).toBe(450);
  });

  test("what is due later is due after the quiet time, unless something is due before", () => {
    const debounce = createDebounce(200, 2_000);
    debounce.later(1_000);
    expect(debounce.dueAt()).toBe(1_200);
    debounce.later(1_100);
    expect(debounce.dueAt()).toBe(1_200);
    debounce.ring("ipv4", 1_150);
    expect(debounce.dueAt()).toBe(1_150);
  });

  test("no ring waits longer than the cap", () => {
    const debounce = createDebounce(200, 2_000);
    debounce.ring("ipv4", 0);
    debounce.clear();
    for (let now = 100; now <= 2_000; now += 100) debounce.ring("ipv4", now);
    expect(debounce.dueAt()).toBe(2_100);
  });

  test("a door that was quiet is due at once although another rings", () => {
    const debounce = createDebounce(200, 2_000);
    debounce.ring("churn", 0);
    debounce.clear();
    debounce.ring("churn", 50);
    debounce.ring("ipv4", 60);
    expect(debounce.dueAt()).toBe(60);
    debounce.ring("churn", 70);
    expect(debounce.dueAt()).toBe(60);
  });

  test("hurry() is due at once", () => {
    const debounce = createDebounce(200, 2_000);
    debounce.ring("ipv4", 0);
    debounce.clear();
    debounce.ring("ipv4", 100);
    debounce.hurry(120);
    expect(debounce.dueAt()).toBe(120);
  });
});
