import { describe, expect, test } from "vitest";
import { applyReading } from "../../src/monitor/apply-reading.ts";
import { createHostModel, type HostModel } from "../../src/monitor/host-model.ts";
import { interfacePolicy } from "../../src/monitor/interface-policy.ts";
import type { NetworkState } from "../../src/network/state.ts";
import { memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";
import { wholeReading } from "./whole-reading.ts";

const route = memoryDefault("10.0.0.1", 2);
const network: NetworkState = {
  interfaces: new Map([
    [1, memoryInterface(1, "lo")],
    [2, memoryInterface(2, "eth0")],
  ]),
  defaults: {
    ipv4: { routes: [route], answers: [route, route] },
    ipv6: { routes: [], answers: [null, null] },
  },
};

function read(model: HostModel, next: NetworkState, now: number): void {
  const change = applyReading(model.network(), wholeReading(next));
  model.commit(model.advance(change, now));
}

describe("createHostModel()", () => {
  test("keeps what did not change as the same object", () => {
    const model = createHostModel(interfacePolicy([], {}));
    read(model, network, 0);
    const first = model.state();
    read(model, network, 1);
    expect(model.state()).toBe(first);
    const interfaces = new Map(network.interfaces).set(2, memoryInterface(2, "lan0"));
    read(model, { ...network, interfaces }, 2);
    expect(model.state().interfaces.get(1)).toBe(first.interfaces.get(1));
    expect(first.interfaces.get(2)?.name).toBe("eth0");
  });

  test("judges a lifetime by the time of each advance", () => {
    const model = createHostModel(interfacePolicy([], {}));
    const ending = { routes: [{ ...route, expiresAt: 100 }], answers: [null, null] };
    const defaults = { ...network.defaults, ipv4: ending };
    const lostAt = (now: number): unknown => {
      read(model, { ...network, defaults }, now);
      return model.state().defaults.ipv4.candidates[0]?.lostBecause;
    };
    expect([lostAt(99), lostAt(100)]).toEqual(["not-chosen", "expired"]);
  });

  test("shows a new policy with the next advance", () => {
    const model = createHostModel(interfacePolicy([], {}));
    read(model, network, 0);
    model.setPolicy(interfacePolicy([], { "eth*": "tunnel" }));
    read(model, network, 1);
    expect(model.state().interfaces.get(2)?.kind).toBe("tunnel");
  });
});
