import { expect, test } from "vitest";
import type { DefaultRoute } from "../../src/network/route.ts";
import { chooseGateway, type GatewayEvidence } from "../../src/routes/gateway-choice.ts";
import {
  emptyCarrierHistory,
  followCarriers,
  rememberedGateway,
} from "../../src/routes/gateway-memory.ts";
import { foldJournal } from "../../src/routes/journal/journal-state.ts";
import type { RecordOf } from "../../src/routes/journal/record.ts";
import { slot } from "./journal/sample-records.ts";
import { defaultRoute, epochMs, identity, link } from "./memory-host.ts";

const eth0 = link(2, "eth0", ["10.0.0.2/24", "fe80::2/64"]);

function evidence(changes: Partial<GatewayEvidence> = {}): GatewayEvidence {
  return {
    routes: [],
    remembered: null,
    foreignScoped: [],
    recorded: [],
    pinnedHosts: [],
    now: epochMs,
    uptimeMs: 1_000,
    ...changes,
  };
}

function record(changes: Partial<RecordOf<"slot">> = {}): RecordOf<"slot"> {
  return {
    ...slot(0, "installed", {
      interface: { index: 2, name: "eth0", mac: eth0.mac, kind: "physical" },
      gateway: "10.0.0.77",
      prefixes: ["10.0.0.0/24"],
    }),
    ...identity,
    time: "2026-09-21T14:13:20.000Z",
    uptimeMs: 500,
    ...changes,
  } as RecordOf<"slot">;
}

const pin = {
  family: "ipv4",
  destination: "198.51.100.7",
  gateway: "10.0.0.3",
  interfaceIndex: 2,
} as const;
const main = defaultRoute("ipv4", 2, "10.0.0.1");
const elsewhere: DefaultRoute = { ...main, gateway: "10.0.0.9", table: 200, protocol: "dhcp" };

test("chooseGateway() asks its sources in order", () => {
  const all = { routes: [elsewhere, main], remembered: record(), pinnedHosts: [pin] };
  const from = (changes: Partial<GatewayEvidence>): unknown => {
    const choice = chooseGateway(eth0, "ipv4", evidence({ ...all, ...changes }));
    return [choice?.from, choice?.gateway];
  };
  expect(from({})).toEqual(["default", "10.0.0.1"]);
  expect(from({ routes: [elsewhere] })).toEqual(["journal", "10.0.0.77"]);
  expect(from({ routes: [elsewhere], remembered: null })).toEqual(["other-table", "10.0.0.9"]);
  expect(from({ routes: [], remembered: null })).toEqual(["inferred", "10.0.0.3"]);
  expect(chooseGateway(eth0, "ipv4", evidence())).toBeNull();
});

test("chooseGateway() takes the best of main: metric, then preference, then position", () => {
  const choose = (routes: readonly DefaultRoute[]): unknown =>
    chooseGateway(eth0, "ipv6", evidence({ routes }))?.gateway;
  const one = defaultRoute("ipv6", 2, "fe80::1");
  expect(choose([one, { ...one, gateway: "fe80::9", metric: 100 }])).toBe("fe80::9");
  expect(choose([one, { ...one, gateway: "fe80::9", pref: "high" }])).toBe("fe80::9");
  expect(
    choose([
      { ...one, position: 1 },
      { ...one, gateway: "fe80::9" },
    ]),
  ).toBe("fe80::9");
});

test("chooseGateway() passes over what is expired, refuses, or is a half", () => {
  const routes = [
    { ...main, expiresAt: epochMs },
    { ...main, type: "unreachable" as const },
    { ...main, prefix: "128.0.0.0/1" },
    { ...main, interfaceIndex: 3 },
  ];
  expect(chooseGateway(eth0, "ipv4", evidence({ routes }))).toBeNull();
});

test("chooseGateway() keeps of a multipath route the legs over the interface, and no nexthop object", () => {
  const leg = { gateway: "10.0.0.1", interfaceIndex: 2, weight: 3, onlink: true, linkdown: true };
  const foreign = { ...leg, gateway: "10.1.0.1", interfaceIndex: 3 };
  const other = { ...leg, gateway: "10.0.0.5", weight: 1, onlink: false };
  const routes = (nexthops: DefaultRoute["nexthops"]) => [
    { ...main, gateway: null, interfaceIndex: null, nexthopId: 7, nexthops },
  ];
  const single = chooseGateway(eth0, "ipv4", evidence({ routes: routes([foreign, leg]) }));
  expect(single).toMatchObject({ gateway: "10.0.0.1", onlink: true, nexthops: [] });
  const double = chooseGateway(eth0, "ipv4", evidence({ routes: routes([leg, foreign, other]) }));
  expect(double?.gateway).toBeNull();
  expect(double?.nexthops.map(({ gateway, linkdown }) => [gateway, linkdown])).toEqual([
    ["10.0.0.1", false],
    ["10.0.0.5", false],
  ]);
});

test("chooseGateway() of a point-to-point link has no gateway", () => {
  const ppp0 = link(5, "ppp0", ["10.5.0.2/32"]);
  const routes = [defaultRoute("ipv4", 5, null)];
  expect(chooseGateway(ppp0, "ipv4", evidence({ routes }))).toMatchObject({
    from: "default",
    gateway: null,
  });
});

test("chooseGateway() keeps a source only while the interface has it", () => {
  const routes = [{ ...main, source: "10.0.0.2" }];
  expect(chooseGateway(eth0, "ipv4", evidence({ routes }))?.source).toBe("10.0.0.2");
  const moved = link(2, "eth0", ["10.0.0.3/24"]);
  expect(chooseGateway(moved, "ipv4", evidence({ routes }))?.source).toBeNull();
});

test("rememberedGateway() holds for the same MAC and prefixes until the router's lifetime ends", () => {
  const remember = (
    of: typeof eth0,
    changes: Partial<RecordOf<"slot">> = {},
    uptimeMs = 1_000,
  ): unknown =>
    rememberedGateway(
      of,
      "ipv4",
      foldJournal([record(changes)], identity),
      emptyCarrierHistory,
      uptimeMs,
    )?.gateway ?? null;
  expect(remember(eth0)).toBe("10.0.0.77");
  expect(remember({ ...eth0, name: "lan0" })).toBe("10.0.0.77");
  expect(remember({ ...eth0, index: 17 })).toBe("10.0.0.77");
  expect(remember({ ...eth0, mac: "02:00:00:00:00:99" })).toBeNull();
  expect(remember(link(2, "eth0", ["10.0.0.2/25"]))).toBeNull();
  expect(remember(link(2, "eth0", []), { prefixes: [] })).toBeNull();
  expect(remember(eth0, { gatewayUntilUptimeMs: 900 })).toBeNull();
  expect(remember(eth0, { gatewayUntilUptimeMs: 1_001 })).toBe("10.0.0.77");
  expect(remember(eth0, { state: "removed" })).toBe("10.0.0.77");
  expect(remember(eth0, { namespaceCookie: "1" })).toBeNull();
});

test("followCarriers() ends what was learned before a long absence, not what was learned after", () => {
  const seen = (carrier: boolean) => new Map([[2, { ...eth0, carrier }]]);
  let history = followCarriers(emptyCarrierHistory, seen(true), 1_000, 5_000);
  history = followCarriers(history, seen(false), 2_000, 5_000);
  history = followCarriers(history, seen(true), 7_000, 5_000);
  expect(history.endedAt.size).toBe(0);
  history = followCarriers(history, seen(false), 8_000, 5_000);
  history = followCarriers(history, seen(true), 13_001, 5_000);
  const known = (since: number): unknown =>
    rememberedGateway(
      eth0,
      "ipv4",
      foldJournal([record({ uptimeMs: 20_000, gatewaySinceUptimeMs: since })], identity),
      history,
      20_000,
    );
  expect(known(13_000)).toBeNull();
  expect(known(13_001)).not.toBeNull();
});

test("chooseGateway() believes a displaced default while its gateway is on a prefix of now", () => {
  const choose = (gateway: string): unknown =>
    chooseGateway(eth0, "ipv4", evidence({ recorded: [{ ...main, gateway }] }));
  expect(choose("10.0.0.1")).toMatchObject({ from: "journal", gateway: "10.0.0.1" });
  expect(choose("10.3.0.1")).toBeNull();
});
