import { describe, expect, test } from "vitest";
import { applyReading } from "../../src/monitor/apply-reading.ts";
import type { NetworkState } from "../../src/network/state.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";

const lo = memoryInterface(1, "lo");
const eth = memoryInterface(2, "eth0", { addresses: [memoryAddress("10.0.0.2/24")] });
const ipv4 = { routes: [memoryDefault("10.0.0.1", 2)], answers: [] };
const none = { routes: [], answers: [] };
const state: NetworkState = {
  interfaces: new Map([
    [1, lo],
    [2, eth],
  ]),
  defaults: { ipv4, ipv6: none },
};
const noDefaults = new Map<never, never>();

describe("applyReading()", () => {
  test("returns the state itself when everything reads the same", () => {
    const interfaces = new Map(
      [...state.interfaces].map(([at, one]) => [at, structuredClone(one)]),
    );
    const defaults = new Map([["ipv4", structuredClone(ipv4)] as const]);
    expect(applyReading(state, { complete: true, interfaces, defaults })).toEqual({
      network: state,
      changed: new Set(),
    });
    expect(applyReading(state, { complete: true, interfaces, defaults }).network).toBe(state);
  });

  test("replaces what a part names, and takes away what it names as null", () => {
    const up = memoryInterface(3, "eth1");
    const { network: next, changed } = applyReading(state, {
      complete: false,
      interfaces: new Map([
        [2, null],
        [3, up],
      ]),
      defaults: noDefaults,
    });
    expect([...next.interfaces]).toEqual([
      [1, lo],
      [3, up],
    ]);
    expect(next.defaults.ipv4).toBe(ipv4);
    expect(changed).toEqual(new Set([2, 3]));
    expect(state.interfaces.size).toBe(2);
  });

  test("takes away what a whole reading does not name", () => {
    const { network: next, changed } = applyReading(state, {
      complete: true,
      interfaces: new Map([[1, structuredClone(lo)]]),
      defaults: new Map([["ipv4", none] as const]),
    });
    expect(changed).toEqual(new Set([2]));
    expect([...next.interfaces.values()]).toEqual([lo]);
    expect(next.interfaces.get(1)).toBe(lo);
    expect(next.defaults.ipv4.routes).toEqual([]);
  });

  test("replaces an interface whose lifetimes slid", () => {
    const slid = { ...eth, addresses: [memoryAddress("10.0.0.2/24", { validUntil: 9 })] };
    const interfaces = new Map([[2, slid]]);
    const { network: next, changed } = applyReading(state, {
      complete: false,
      interfaces,
      defaults: noDefaults,
    });
    expect(changed).toEqual(new Set([2]));
    expect(next.interfaces.get(2)).toBe(slid);
  });

  test("sees an address less, a leg more and another order", () => {
    const legs = [memoryDefault(null, null, { position: 1 }), memoryDefault("10.0.0.1", 2)];
    const { network: next, changed } = applyReading(state, {
      complete: false,
      interfaces: new Map([[2, { ...eth, addresses: [] }]]),
      defaults: new Map([["ipv4", { routes: legs, answers: [] }] as const]),
    });
    expect(changed).toEqual(new Set([2]));
    expect(next.interfaces.get(2)?.addresses).toEqual([]);
    expect(next.defaults.ipv4.routes).toBe(legs);
  });
});
