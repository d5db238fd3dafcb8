import { describe, expect, test } from "vitest";
import { attribute } from "../../src/monitor/attribution.ts";
import type { Doors } from "../../src/monitor/pending-doors.ts";
import { emptyNetworkState, type NetworkState } from "../../src/network/state.ts";
import { memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";

const nothing: Doors = {
  full: null,
  interfaces: new Set(),
  defaults: new Set(),
  expired: new Set(),
};
const reconcile: Doors = { ...nothing, full: "reconcile" };
const eth0 = { kind: "interface", index: 2 } as const;
const ipv4 = { kind: "defaults", family: "ipv4" } as const;

const before: NetworkState = {
  interfaces: new Map([[2, memoryInterface(2, "eth0")]]),
  defaults: {
    ipv4: { routes: [memoryDefault("10.0.0.1", 2)], answers: [] },
    ipv6: { routes: [], answers: [] },
  },
};

describe("attribute()", () => {
  test("what a message announced is no drift, though a reconcile found it", () => {
    const rung = attribute({ ...reconcile, interfaces: new Set([2]) }, nothing, before, before);
    expect([rung.causeOf(eth0), rung.isDrift(eth0)]).toEqual(["message", false]);
    const crossed = attribute(reconcile, { ...nothing, interfaces: new Set([2]) }, before, before);
    expect([crossed.causeOf(eth0), crossed.isDrift(eth0)]).toEqual(["message", false]);
    const silent = attribute(reconcile, nothing, before, before);
    expect([silent.causeOf(eth0), silent.isDrift(eth0)]).toEqual(["reconcile", true]);
  });

  test("a default over an interface that rang is announced by it", () => {
    const rung = attribute({ ...nothing, interfaces: new Set([2]) }, nothing, before, before);
    expect(rung.causeOf(ipv4)).toBe("message");
  });

  test("a default that went with another interface's link is announced by that", () => {
    const elsewhere = { ...before, interfaces: new Map([[3, memoryInterface(3, "eth1")]]) };
    const doors: Doors = { ...reconcile, interfaces: new Set([3]) };
    const went = attribute(doors, nothing, elsewhere, emptyNetworkState);
    expect([went.causeOf(ipv4), went.isDrift(ipv4)]).toEqual(["message", false]);
  });

  test("a loss that becomes known while a reconcile is under way explains its finds", () => {
    const lossy = attribute(reconcile, { ...nothing, full: "resync" }, before, before);
    expect([lossy.causeOf(eth0), lossy.isDrift(eth0)]).toEqual(["resync", false]);
  });

  test("the end of a lifetime explains what changed in its family, and no more", () => {
    const expiry = attribute({ ...nothing, expired: new Set(["ipv4"]) }, nothing, before, before);
    expect([expiry.causeOf(ipv4), expiry.isDrift(ipv4)]).toEqual(["reconcile", false]);
    const both: Doors = { ...reconcile, expired: new Set(["ipv4"]) };
    const mixed = attribute(both, nothing, before, before);
    expect([mixed.isDrift(ipv4), mixed.isDrift(eth0)]).toEqual([false, true]);
  });
});
