import { expect, test } from "vitest";
import { type DefaultRoute, interfacesOfRoute } from "../../src/network/route.ts";

const route: DefaultRoute = {
  family: "ipv4",
  prefix: "0.0.0.0/0",
  type: "unicast",
  gateway: "10.0.0.1",
  interfaceIndex: 3,
  metric: 0,
  tos: 0,
  table: 254,
  position: 0,
  protocol: "static",
  source: null,
  onlink: false,
  mtu: null,
  pref: null,
  expiresAt: null,
  linkdown: false,
  nexthopId: null,
  nexthops: [],
};

test("interfacesOfRoute() names every leg", () => {
  const leg = { gateway: "10.0.0.1", weight: 1, onlink: false, linkdown: false };
  const multipath = {
    ...route,
    gateway: null,
    interfaceIndex: null,
    nexthops: [
      { ...leg, interfaceIndex: 3 },
      { ...leg, interfaceIndex: 5 },
    ],
  };
  expect(interfacesOfRoute(route)).toEqual([3]);
  expect(interfacesOfRoute(multipath)).toEqual([3, 5]);
  expect(interfacesOfRoute({ ...route, type: "unreachable", interfaceIndex: null })).toEqual([]);
});
