import { describe, expect, test } from "vitest";
import { nextExpiry, viaOfRoute, viewDefaults } from "../../src/monitor/effective-default.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import { memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";

const now = 1_000_000;
const interfaces = new Map(
  [
    memoryInterface(2, "eth0"),
    memoryInterface(3, "wlan0"),
    memoryInterface(4, "tun0", { kind: "tunnel" }),
    memoryInterface(5, "down0", { up: false, carrier: false }),
    memoryInterface(6, "dark0", { carrier: false }),
  ].map((one) => [one.index, one]),
);
const eth = memoryDefault("10.0.0.1", 2);

function losses(
  routes: readonly DefaultRoute[],
  answers: readonly (DefaultRoute | null)[],
): readonly unknown[] {
  return viewDefaults({ routes, answers }, interfaces, now).candidates.map(
    ({ route, lostBecause }) => [route.gateway ?? route.interfaceIndex ?? route.type, lostBecause],
  );
}

describe("viewDefaults()", () => {
  test("takes the kernel's answer as the effective default", () => {
    const view = viewDefaults({ routes: [eth], answers: [eth, eth] }, interfaces, now);
    expect(view).toEqual({
      effective: { route: eth, via: "default" },
      candidates: [{ route: eth, lostBecause: null }],
    });
  });

  test("says that nothing is effective where nothing answers", () => {
    const view = viewDefaults({ routes: [eth], answers: [null, null] }, interfaces, now);
    expect(view.effective).toBeNull();
    expect(view.candidates).toEqual([{ route: eth, lostBecause: "not-chosen" }]);
    expect(viewDefaults({ routes: [], answers: [] }, interfaces, now)).toEqual({
      effective: null,
      candidates: [],
    });
  });

  test("gives the listed route for an answer, whose position only the list knows", () => {
    const listed = { ...eth, position: 1, expiresAt: now + 5 };
    const view = viewDefaults({ routes: [listed], answers: [eth, eth] }, interfaces, now);
    expect(view.effective?.route).toBe(listed);
    expect(view.candidates).toHaveLength(1);
  });

  test("an answer of an error type carries nothing", () => {
    const wall = memoryDefault(null, null, { type: "unreachable", metric: 1 });
    const view = viewDefaults({ routes: [wall, eth], answers: [wall, wall] }, interfaces, now);
    expect(view.effective).toBeNull();
    expect(losses([wall, eth], [wall, wall])).toContainEqual(["unreachable", "error-type"]);
  });

  test("an answer from a table of someone's own came by a rule", () => {
    const vpn = memoryDefault(null, 4, { table: 51820 });
    const view = viewDefaults({ routes: [eth, vpn], answers: [vpn, vpn] }, interfaces, now);
    expect(view.effective).toEqual({ route: vpn, via: "rule" });
    expect(losses([eth, vpn], [vpn, vpn])).toEqual([
      [4, null],
      ["10.0.0.1", "rule"],
    ]);
  });

  test("two halves are a split, and both carry", () => {
    const low = memoryDefault(null, 4, { prefix: "0.0.0.0/1" });
    const high = memoryDefault(null, 4, { prefix: "128.0.0.0/1" });
    const view = viewDefaults({ routes: [eth, low, high], answers: [low, high] }, interfaces, now);
    expect(view.effective).toEqual({ route: low, via: "split" });
    expect(view.candidates.map(({ route, lostBecause }) => [route.prefix, lostBecause])).toEqual([
      ["0.0.0.0/1", null],
      ["128.0.0.0/1", null],
      ["0.0.0.0/0", "split"],
    ]);
  });

  test("half a split, or a half that nothing carries, is a split too", () => {
    const high = memoryDefault(null, 4, { prefix: "128.0.0.0/1" });
    const half = viewDefaults({ routes: [eth, high], answers: [eth, high] }, interfaces, now);
    expect(half.effective).toEqual({ route: eth, via: "split" });
    const alone = viewDefaults({ routes: [high], answers: [null, high] }, interfaces, now);
    expect(alone.effective).toEqual({ route: high, via: "split" });
  });

  test("an answer that no table lists is a candidate all the same", () => {
    const hidden = memoryDefault("10.9.9.9", 3, { table: 1234 });
    const view = viewDefaults({ routes: [eth], answers: [hidden, hidden] }, interfaces, now);
    expect(view.candidates).toEqual([
      { route: hidden, lostBecause: null },
      { route: eth, lostBecause: "rule" },
    ]);
  });

  test("understands multipath", () => {
    const leg = { weight: 1, onlink: false, linkdown: false };
    const paths = memoryDefault(null, null, {
      nexthops: [
        { ...leg, gateway: "10.0.0.1", interfaceIndex: 5 },
        { ...leg, gateway: "10.1.0.1", interfaceIndex: 2 },
      ],
    });
    const answer = structuredClone(paths);
    const view = viewDefaults({ routes: [paths], answers: [answer, answer] }, interfaces, now);
    expect(view.effective?.route).toBe(paths);
    expect(view.candidates).toHaveLength(1);
  });

  const loser = (more: Partial<DefaultRoute>): DefaultRoute =>
    memoryDefault("10.7.7.7", 3, { metric: 600, ...more });
  const six = memoryDefault("fe80::1", 2, { metric: 1024, pref: "medium" });

  test.each<[string, DefaultRoute, DefaultRoute]>([
    ["higher-metric", eth, loser({})],
    ["later-position", eth, loser({ metric: 100, position: 1 })],
    ["lower-pref", six, memoryDefault("fe80::2", 3, { metric: 1024, pref: "low" })],
    ["later-position", six, memoryDefault("fe80::2", 3, { metric: 1024, position: 1 })],
    ["linkdown", eth, loser({ linkdown: true })],
    ["linkdown", eth, loser({ interfaceIndex: 6 })],
    ["interface-down", eth, loser({ interfaceIndex: 5 })],
    ["interface-down", eth, loser({ interfaceIndex: 99 })],
    ["expired", eth, loser({ expiresAt: now })],
    ["error-type", eth, loser({ type: "blackhole", interfaceIndex: null, gateway: null })],
    ["rule", eth, loser({ table: 1000 })],
    ["not-chosen", eth, loser({ tos: 16 })],
    ["not-chosen", eth, loser({ metric: 1 })],
    ["not-chosen", eth, loser({ prefix: "64.0.0.0/3" })],
  ])("says %s of a loser", (reason, winner, lost) => {
    const { candidates } = viewDefaults(
      { routes: [lost, winner], answers: [winner, winner] },
      interfaces,
      now,
    );
    expect(candidates).toEqual([
      { route: winner, lostBecause: null },
      { route: lost, lostBecause: reason },
    ]);
  });

  test("puts the live before the dead, then the lower metric first", () => {
    const routes = [
      loser({ gateway: "10.0.0.3", linkdown: true, metric: 1 }),
      loser({ gateway: "10.0.0.4", metric: 700 }),
      loser({ gateway: "10.0.0.5", metric: 650 }),
      eth,
    ];
    expect(losses(routes, [eth, eth])).toEqual([
      ["10.0.0.1", null],
      ["10.0.0.5", "higher-metric"],
      ["10.0.0.4", "higher-metric"],
      ["10.0.0.3", "linkdown"],
    ]);
  });
});

test("viaOfRoute() judges a route by its length and table", () => {
  expect(viaOfRoute(eth)).toBe("default");
  expect(viaOfRoute({ ...eth, table: 253 })).toBe("default");
  expect(viaOfRoute({ ...eth, table: 100 })).toBe("rule");
  expect(viaOfRoute({ ...eth, prefix: "128.0.0.0/1" })).toBe("split");
});

test("nextExpiry() is the earliest end to come", () => {
  const ends = [now - 1, now + 50, now + 20, null].map((expiresAt) => ({ ...eth, expiresAt }));
  expect(nextExpiry({ routes: ends, answers: [] }, now)).toBe(now + 20);
  expect(nextExpiry({ routes: [eth], answers: [] }, now)).toBeNull();
});
