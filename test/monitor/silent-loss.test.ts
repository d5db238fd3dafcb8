import { expect, test } from "vitest";
import { familiesAtRisk, familiesOver } from "../../src/monitor/silent-loss.ts";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";

const addresses = [memoryAddress("10.0.0.2/24"), memoryAddress("fd00::2/64")];
const eth = memoryInterface(2, "eth0", { addresses });
const both = ["ipv4", "ipv6"];

test.each<[string, NetworkInterface | null, NetworkInterface | null, readonly string[]]>([
  ["is gone", eth, null, both],
  ["goes down", eth, { ...eth, up: false }, both],
  ["loses its carrier", eth, { ...eth, carrier: false }, both],
  ["gets another name", eth, { ...eth, name: "lan0" }, both],
  ["is another device", eth, { ...eth, kind: "bridge" }, both],
  ["loses an IPv4 address", eth, { ...eth, addresses: addresses.slice(1) }, ["ipv4"]],
  ["loses an IPv6 address", eth, { ...eth, addresses: addresses.slice(0, 1) }, ["ipv6"]],
  ["gets an address", { ...eth, addresses: [] }, eth, []],
  ["gets another MTU", eth, { ...eth, mtu: 9000 }, []],
  ["is new", null, eth, []],
  ["is not there", null, null, []],
])("familiesAtRisk() when the interface %s", (_what, before, after, families) => {
  const standing = (one: NetworkInterface | null): ReadonlyMap<number, NetworkInterface> =>
    new Map(one === null ? [] : [[one.index, one]]);
  expect([...familiesAtRisk(standing(before), standing(after), [2])]).toEqual(families);
  expect([...familiesAtRisk(standing(before), standing(after), [])]).toEqual([]);
});

test("familiesOver() names the families with a default over an interface, legs included", () => {
  const leg = { gateway: "10.0.0.1", weight: 1, onlink: false, linkdown: false };
  const nexthops = [2, 3].map((interfaceIndex) => ({ ...leg, interfaceIndex }));
  const network = {
    interfaces: new Map(),
    defaults: {
      ipv4: { routes: [memoryDefault(null, null, { nexthops })], answers: [] },
      ipv6: { routes: [memoryDefault("fe80::1", 4)], answers: [] },
    },
  };
  const over = (...indexes: number[]): readonly string[] => [
    ...familiesOver(network, new Set(indexes)),
  ];
  expect([over(), over(3), over(4), over(2, 4), over(9)]).toEqual([
    [],
    ["ipv4"],
    ["ipv6"],
    both,
    [],
  ]);
});
