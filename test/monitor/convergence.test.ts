import { fc } from "@fast-check/vitest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { applyReading } from "../../src/monitor/apply-reading.ts";
import { createHostModel } from "../../src/monitor/host-model.ts";
import type { HostState } from "../../src/monitor/host-state.ts";
import { interfacePolicy } from "../../src/monitor/interface-policy.ts";
import type { IpFamily } from "../../src/network/address.ts";
import { emptyNetworkState } from "../../src/network/state.ts";
import type { MemoryControls } from "../../src/platform/memory/memory-kernel.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { addressesOf, anInterface, defaultsOf } from "./arbitrary-network.ts";
import { replay, summarize } from "./replay.ts";
import { furnish, watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Act {
  readonly text: string;
  do(controls: MemoryControls): void;
}

const index = fc.constantFrom(1, 2, 3, 4);
const families = fc.constantFrom<IpFamily>("ipv4", "ipv6");

const changes: fc.Arbitrary<Act> = fc.oneof(
  anInterface.map((one) => ({
    text: `set ${JSON.stringify(one)}`,
    do: (controls: MemoryControls) => controls.setInterface(one),
  })),
  index.map((gone) => ({
    text: `remove ${gone}`,
    do: (controls: MemoryControls) => controls.removeInterface(gone),
  })),
  addressesOf.map((addresses) => ({
    text: `addresses ${JSON.stringify(addresses)}`,
    do: (controls: MemoryControls) => controls.setAddresses(2, addresses),
  })),
  families
    .chain((family) => defaultsOf(family).map((routes) => ({ family, routes })))
    .map(({ family, routes }) => ({
      text: `defaults ${family} ${JSON.stringify(routes)}`,
      do: (controls: MemoryControls) => controls.setDefaults(family, routes),
    })),
  fc.constantFrom(0, 1, 7, 30).map((costMs) => ({
    text: `reads cost ${costMs}`,
    do: (controls: MemoryControls) => controls.setReadCost(costMs),
  })),
);

const losses: fc.Arbitrary<Act> = fc.oneof(
  fc.boolean().map((deaf) => ({
    text: `deafen ${deaf}`,
    do: (controls: MemoryControls) => controls.deafen(deaf),
  })),
  fc.constant({ text: "overflow", do: (controls: MemoryControls) => controls.overflow() }),
  fc.constant({ text: "kill", do: (controls: MemoryControls) => controls.killSource() }),
  fc.boolean().map((failing) => ({
    text: `reads fail ${failing}`,
    do: (controls: MemoryControls) => controls.failReads(failing ? new Error("no") : null),
  })),
);

const pauses = fc.constantFrom(0, 0, 1, 10, 60, 250, 900, 4_000, 15_000);

const story = (acts: fc.Arbitrary<Act>): fc.Arbitrary<readonly [Act, number][]> =>
  fc.array(fc.tuple(acts, pauses), { maxLength: 25 });

function attempt(act: Act, controls: MemoryControls): void {
  try {
    act.do(controls);
  } catch {
    // Addresses of an interface that is not there: the story goes on without.
  }
}

/** What a monitor that starts now would know, generations aside. */
async function truthOf(platform: Platform): Promise<unknown> {
  const reading = platform.read({ kind: "all" }, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(100);
  const model = createHostModel(interfacePolicy([], {}));
  model.commit(model.advance(applyReading(emptyNetworkState, await reading), Date.now()));
  return knowledgeOf(model.state());
}

function knowledgeOf({ interfaces, defaults }: HostState): unknown {
  const ofOne = [...interfaces.values()]
    .map(({ generation: _generation, ...one }) => one)
    .sort((a, b) => a.index - b.index);
  return { interfaces: ofOne, defaults };
}

test("with every message heard, the state is the kernel's after the debounce, and nothing is drift", async () => {
  await fc.assert(
    fc.asyncProperty(story(changes), async (acts) => {
      await using watched = await watch();
      const heard = summarize(watched.monitor.state);
      for (const [act, pauseMs] of acts) {
        attempt(act, watched.platform.controls);
        await watched.pass(pauseMs);
      }
      await watched.pass(10_000);
      replay(heard, watched.events);
      expect(heard).toEqual(summarize(watched.monitor.state));
      expect(watched.monitor.counters().drift).toBe(0);
      expect(new Set(watched.events.map(({ cause }) => cause)).size).toBeLessThanOrEqual(1);
      watched.platform.controls.setReadCost(0);
      const truth = await truthOf(watched.platform);
      expect(knowledgeOf(watched.monitor.state)).toEqual(truth);
      await watched.pass(100_000);
      expect(watched.monitor.counters().drift).toBe(0);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("whatever is lost, the state is the kernel's after a reconcile, and every change was told", async () => {
  await fc.assert(
    fc.asyncProperty(story(fc.oneof(changes, losses)), async (acts) => {
      await using watched = await watch(furnish, { random: Math.random });
      const heard = summarize(watched.monitor.state);
      for (const [act, pauseMs] of acts) {
        attempt(act, watched.platform.controls);
        await watched.pass(pauseMs);
      }
      watched.platform.controls.failReads(null);
      watched.platform.controls.setReadCost(0);
      await watched.pass(70_000);
      replay(heard, watched.events);
      expect(heard).toEqual(summarize(watched.monitor.state));
      const truth = await truthOf(watched.platform);
      expect(knowledgeOf(watched.monitor.state)).toEqual(truth);
    }),
    { numRuns: 300 },
  );
}, 60_000);
