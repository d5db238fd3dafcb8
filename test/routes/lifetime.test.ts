import { fc, test as propertyTest } from "@fast-check/vitest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../../src/routes/journal/journal.ts";
import { foldJournal } from "../../src/routes/journal/journal-state.ts";
import { isStaleEnd } from "../../src/routes/lifetime.ts";
import { type Intentions, reconcile } from "../../src/routes/reconcile.ts";
import {
  defaultRoute,
  displacing,
  epochMs,
  identity,
  intentions,
  type MemoryHost,
  memoryHost,
  never,
} from "./memory-host.ts";

describe("isStaleEnd()", () => {
  test("none and some are two things", () => {
    expect(isStaleEnd(null, null, 0)).toBe(false);
    expect(isStaleEnd(null, 10, 0)).toBe(true);
    expect(isStaleEnd(10, null, 0)).toBe(true);
  });

  propertyTest.prop([fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 })])(
    "an end that is not stale leaves half to twice the true time",
    (recorded, known) => {
      const stale = isStaleEnd(recorded, known, 0);
      expect(stale).toBe(recorded * 2 < known || recorded > known * 2);
    },
  );

  test("a lifetime that is over is nobody's news", () => {
    expect(isStaleEnd(1_000_000, 5, 5)).toBe(false);
  });
});

describe("a router that announces itself all the time", () => {
  const lifetimeMs = 1_800_000;
  let host: MemoryHost;
  let journal: Journal;

  beforeEach(async () => {
    host = memoryHost();
    journal = await host.openJournal();
    host.platform.controls.setDefaults("ipv6", []);
    announce();
  });
  afterEach(() => journal[Symbol.asyncDispose]());

  const nowMs = (): number => epochMs + host.clock.ms;
  const own = () =>
    defaultRoute("ipv6", 2, "fe80::1", { protocol: "ra", expiresAt: nowMs() + lifetimeMs });
  /** As the kernel does: what stands is refreshed, what is gone comes again. */
  const announce = (): void => {
    const { routes } = host.platform.kernel.defaults("ipv6");
    const others = routes.filter(({ protocol }) => protocol !== "ra");
    host.platform.controls.setDefaults("ipv6", [...others, own()]);
  };
  const round = (wanted: Partial<Intentions>) =>
    reconcile(intentions(wanted), host.surroundings(), host.workplace(journal), never);
  const tenHours = async (wanted: Partial<Intentions>): Promise<readonly number[]> => {
    const left: number[] = [];
    for (let minutes = 0; minutes < 600; minutes += 5) {
      host.clock.ms += 300_000;
      announce();
      await round(wanted);
      const { openDebts, slots } = foldJournal(journal.records, identity);
      const end = openDebts[0]?.displaced.defaults[0]?.route.expiresAt;
      const slot = slots.find(({ family }) => family === "ipv6");
      left.push(
        end === undefined || end === null
          ? (slot?.gatewayUntilUptimeMs ?? 0) - host.clock.ms
          : end - nowMs(),
      );
    }
    return left;
  };
  const written = (): number => journal.records.length;

  test("keeps a displaced default of its own alive on record, without a write for each time", async () => {
    const wish = displacing(defaultRoute("ipv6", 9, "fd00::1"));
    const wanted = { scoped: null, displacing: [wish] };
    await round(wanted);
    const before = written();
    const left = await tenHours(wanted);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(lifetimeMs / 2);
    const writes = written() - before;
    expect(writes).toBeGreaterThan(10);
    expect(writes).toBeLessThanOrEqual(120 / 3);
    // The one who could have told is dead, and so is the router.
    await journal[Symbol.asyncDispose]();
    host.clock.ms += lifetimeMs / 4;
    await host.restore();
    expect(host.platform.kernel.defaults("ipv6").routes).toMatchObject([
      {
        protocol: "199",
        gateway: "fe80::1",
        expiresAt: expect.closeTo(Math.min(nowMs() + 600_000, nowMs() + lifetimeMs), -4),
      },
    ]);
  });

  test("what is left of a lifetime bounds the one that stands in for the router", async () => {
    const wish = displacing(defaultRoute("ipv6", 9, "fd00::1"));
    await round({ scoped: null, displacing: [wish] });
    await journal[Symbol.asyncDispose]();
    host.clock.ms += lifetimeMs - 100_000;
    await host.restore();
    const [standIn] = host.platform.kernel.defaults("ipv6").routes;
    expect((standIn?.expiresAt ?? 0) - nowMs()).toBeLessThanOrEqual(100_000);
    expect((standIn?.expiresAt ?? 0) - nowMs()).toBeGreaterThan(90_000);
  });

  test("keeps the gateway of a scoped default remembered, without a write for each time", async () => {
    const wanted = {};
    await round(wanted);
    const before = written();
    const left = await tenHours(wanted);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(lifetimeMs / 2);
    const writes = written() - before;
    expect(writes).toBeGreaterThan(10);
    expect(writes).toBeLessThanOrEqual(120 / 3);
  });

  test("changes nothing in the kernel by what it writes down", async () => {
    await round({});
    host.clock.ms += lifetimeMs - 60_000;
    announce();
    const standing = host.snapshot();
    const { outcomes } = await round({});
    expect(outcomes.map(({ step, result }) => [step.kind, result])).toEqual([
      ["renew-slot", "done"],
    ]);
    expect(host.snapshot()).toEqual(standing);
  });
});
