import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { applyReading } from "../../src/monitor/apply-reading.ts";
import { diffHosts } from "../../src/monitor/diff.ts";
import type { MonitorEvent } from "../../src/monitor/event.ts";
import { createHostModel, type HostModel } from "../../src/monitor/host-model.ts";
import { interfacePolicy } from "../../src/monitor/interface-policy.ts";
import type { NetworkInterface } from "../../src/network/interface.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import type { NetworkState } from "../../src/network/state.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";
import { aNetwork } from "./arbitrary-network.ts";
import { replay, summarize } from "./replay.ts";
import { told } from "./watch.ts";
import { wholeReading } from "./whole-reading.ts";

const policy = interfacePolicy(["veth*"], {});

function step(model: HostModel, network: NetworkState): readonly MonitorEvent[] {
  const change = applyReading(model.network(), wholeReading(network));
  const advance = model.advance(change, 0);
  model.commit(advance);
  return diffHosts(advance.before, advance.after, {
    changed: advance.changed,
    replaced: advance.replaced,
    isChurn: policy.isChurn,
    causeOf: () => "message",
  });
}

function network(interfaces: readonly NetworkInterface[], ...ipv4: DefaultRoute[]): NetworkState {
  const answer = ipv4[0] ?? null;
  return {
    interfaces: new Map(interfaces.map((one) => [one.index, one])),
    defaults: {
      ipv4: { routes: ipv4, answers: [answer, answer] },
      ipv6: { routes: [], answers: [null, null] },
    },
  };
}

function diff(before: NetworkState, after: NetworkState): readonly MonitorEvent[] {
  const model = createHostModel(policy);
  step(model, before);
  return step(model, after);
}

const address = memoryAddress("10.0.0.2/24");
const eth = memoryInterface(2, "eth0", { addresses: [address] });
const veth = memoryInterface(7, "veth7", { kind: "container" });
const route = memoryDefault("10.0.0.1", 2);
const other = memoryDefault("10.0.0.9", 7, { metric: 200 });

describe("diffHosts() of interfaces", () => {
  test("tells of one that came, then of its addresses", () => {
    expect(diff(network([]), network([eth]))).toEqual([
      {
        kind: "interface-added",
        severity: "effective",
        cause: "message",
        interface: "eth0",
        index: 2,
        generation: 1,
        interfaceKind: "physical",
        up: true,
        carrier: true,
      },
      {
        kind: "address-added",
        severity: "effective",
        cause: "message",
        interface: "eth0",
        index: 2,
        generation: 1,
        address,
      },
    ]);
  });

  test("tells of the addresses of one that went, then of itself", () => {
    expect(told(diff(network([eth]), network([])))).toEqual([
      "address-removed eth0",
      "interface-removed eth0",
    ]);
  });

  test("tells all changed fields of one in one event", () => {
    const after = { ...eth, name: "lan0", mtu: 9000, up: false, mac: null };
    expect(diff(network([eth]), network([after]))).toMatchObject([
      {
        kind: "interface-changed",
        interface: "lan0",
        changes: [
          { field: "name", before: "eth0", after: "lan0" },
          { field: "mac", before: eth.mac, after: null },
          { field: "mtu", before: 1500, after: 9000 },
          { field: "up", before: true, after: false },
        ],
      },
    ]);
  });

  test("tells of another device under an old name as gone and come", () => {
    const events = diff(network([eth]), network([{ ...eth, index: 9 }]));
    expect(told(events)).toEqual([
      "address-removed eth0",
      "interface-removed eth0",
      "interface-added eth0",
      "address-added eth0",
    ]);
    expect(events.map((event) => "generation" in event && event.generation)).toEqual([1, 1, 2, 2]);
  });

  test("tells of another device under an old index as gone and come", () => {
    const events = diff(network([eth]), network([{ ...eth, kind: "bridge" }]));
    expect(told(events)).toEqual([
      "address-removed eth0",
      "interface-removed eth0",
      "interface-added eth0",
      "address-added eth0",
    ]);
  });

  test("tells of an address that changed its flags, not of its lifetimes or its place", () => {
    const second = memoryAddress("10.0.0.3/24", { flags: ["tentative"] });
    const before = network([{ ...eth, addresses: [address, second] }]);
    const slid = { ...second, validUntil: 5, preferredUntil: 4 };
    expect(diff(before, network([{ ...eth, addresses: [slid, address] }]))).toEqual([]);
    const ready = { ...slid, flags: ["permanent"] as const };
    expect(diff(before, network([{ ...eth, addresses: [address, ready] }]))).toMatchObject([
      {
        kind: "address-changed",
        address: ready,
        changes: [{ field: "flags", before: "tentative", after: "permanent" }],
      },
    ]);
  });

  test.each<[string, NetworkState, NetworkState, string]>([
    ["a physical one", network([]), network([memoryInterface(2, "eth0")]), "effective"],
    ["a tunnel", network([]), network([memoryInterface(2, "t", { kind: "tunnel" })]), "effective"],
    ["a container's", network([]), network([{ ...veth, name: "c0" }]), "churn"],
    ["a churn glob's", network([]), network([{ ...veth, kind: "virtual" }]), "churn"],
    ["a veth that carries a default", network([veth], other), network([], other), "effective"],
  ])("is of the severity that the interface has: %s", (_what, before, after, severity) => {
    expect(diff(before, after)[0]?.severity).toBe(severity);
  });
});

describe("diffHosts() of defaults", () => {
  const both = [eth, veth];

  test("tells of another gateway in one event, with what went and what came", () => {
    const after = { ...route, gateway: "10.0.0.7" };
    const interfaceNames = new Map([[2, "eth0"]]);
    expect(diff(network(both, route), network(both, after))).toEqual([
      {
        kind: "default-changed",
        severity: "effective",
        cause: "message",
        family: "ipv4",
        before: { route, via: "default", interfaceNames },
        after: { route: after, via: "default", interfaceNames },
        added: [{ route: after, via: "default", interfaceNames }],
        removed: [{ route, via: "default", interfaceNames }],
      },
    ]);
  });

  test.each<[string, Partial<DefaultRoute>]>([
    ["metric", { metric: 5 }],
    ["interface", { interfaceIndex: 7 }],
    ["table", { table: 253 }],
    ["protocol", { protocol: "dhcp" }],
    ["source", { source: "10.0.0.2" }],
    ["mtu", { mtu: 1400 }],
    ["linkdown", { linkdown: true }],
    ["onlink", { onlink: true }],
    ["nexthop id", { nexthopId: 3 }],
  ])("tells of another %s", (_field, more) => {
    expect(diff(network(both, route), network(both, { ...route, ...more }))).toMatchObject([
      { kind: "default-changed", severity: "effective" },
    ]);
  });

  test("does not tell of a lifetime, nor of a name that the interface tells", () => {
    const slid = { ...route, expiresAt: 99 };
    expect(diff(network(both, route), network(both, slid))).toEqual([]);
    const renamed = network([{ ...eth, name: "lan0" }, veth], route);
    expect(told(diff(network(both, route), renamed))).toEqual(["interface-changed lan0"]);
  });

  test("of a candidate leaves before and after equal", () => {
    const [event] = diff(network(both, route), network(both, route, other));
    expect(event).toMatchObject({ kind: "default-changed", removed: [] });
    if (event?.kind !== "default-changed") throw new Error("another event");
    expect(event.added.map((one) => one.route)).toEqual([other]);
    expect(event.before).toEqual(event.after);
  });

  test("of a candidate is effective when it makes an uplink, else churn", () => {
    const makes = diff(network(both, route), network(both, route, other));
    expect(makes[0]?.severity).toBe("effective");
    const more = { ...route, metric: 900 };
    expect(diff(network(both, route), network(both, route, more))[0]?.severity).toBe("churn");
  });

  test("of the other part of a split is effective: it moves packets", () => {
    const low = memoryDefault("10.8.0.1", 2, { prefix: "0.0.0.0/1" });
    const high = { ...low, prefix: "128.0.0.0/1" };
    const split = (...answers: DefaultRoute[]): NetworkState => ({
      ...network(both, route),
      defaults: {
        ...network(both, route).defaults,
        ipv4: { routes: [route, ...answers], answers: [low, answers[1] ?? route] },
      },
    });
    const [event] = diff(split(low, high), split(low));
    expect(event).toMatchObject({ kind: "default-changed", severity: "effective" });
  });

  test("counts equal candidates", () => {
    const [event] = diff(
      network(both, route, other, { ...other, position: 1 }),
      network(both, route, other),
    );
    if (event?.kind !== "default-changed") throw new Error("another event");
    expect([event.added.length, event.removed.length]).toEqual([0, 1]);
  });
});

prop.prop([aNetwork])("diffHosts() of a state and itself, read anew, is nothing", (read) => {
  expect(diff(read, structuredClone(read))).toEqual([]);
});

prop.prop([fc.array(aNetwork, { minLength: 2, maxLength: 5 })])(
  "diffHosts() tells everything exactly once: who hears only the events knows the state",
  (networks) => {
    const model = createHostModel(policy);
    const heard = summarize(model.state());
    for (const read of networks) {
      replay(heard, step(model, read));
      expect(heard).toEqual(summarize(model.state()));
    }
  },
);
