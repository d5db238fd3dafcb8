import { expect, test } from "vitest";
import { viewDefault } from "../../src/daemon/default-view.ts";
import { fixtureStatus, route } from "./admin-fixture.ts";

test("viewStatus() names the interfaces of defaults, and shows one without a name by its index", () => {
  const { candidates, effective } = fixtureStatus().defaults.ipv4;
  expect(effective?.interface).toBe("eth0");
  expect(candidates.map((one) => [one.interface, one.lostBecause])).toEqual([
    ["eth0", null],
    ["#9", "higher-metric"],
  ]);
});

test("viewStatus() shows times in ISO 8601 and what has none as null", () => {
  const status = fixtureStatus();
  expect(status.source.lastMessageAt).toBe("2027-01-15T08:00:00.000Z");
  expect(status.defaults.ipv4.candidates.map((one) => one.expiresAt)).toEqual([
    null,
    "2027-01-15T08:00:00.000Z",
  ]);
  const [address] = status.interfaces[0]?.addresses ?? [];
  expect([address?.validUntil, address?.preferredUntil]).toEqual([
    "2027-01-15T08:00:00.000Z",
    null,
  ]);
});

test("viewDefault() names every leg of a multipath route", () => {
  const leg = { gateway: "10.0.0.1", interfaceIndex: 2, weight: 3, onlink: false, linkdown: false };
  const nexthops = [leg, { ...leg, gateway: null, interfaceIndex: 3, weight: 1 }];
  const multipath = { ...route, gateway: null, interfaceIndex: null, nexthops };
  const view = viewDefault(multipath, "default", new Map([[2, "eth0"]]));
  expect(view.interface).toBe(null);
  expect(view.nexthops).toEqual([
    { gateway: "10.0.0.1", interface: "eth0", weight: 3 },
    { gateway: null, interface: "#3", weight: 1 },
  ]);
});
