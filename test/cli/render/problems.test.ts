import { expect, test } from "vitest";
import type { Status } from "../../../src/admin-api/status-schema.ts";
import { findProblems } from "../../../src/cli/render/problems.ts";
import { cannedDefault, cannedDefaults, cannedInterface, cannedStatus } from "../canned-status.ts";

const none = cannedDefaults(null);
const textsOf = (status: Status): string[] => findProblems(status).map(({ text }) => text);
const without = (family: "ipv4" | "ipv6", interfaces: Status["interfaces"]): Status => {
  const { defaults } = cannedStatus();
  return cannedStatus({ interfaces, defaults: { ...defaults, [family]: none } });
};

test("findProblems() finds nothing on a healthy host", () => {
  expect(findProblems(cannedStatus())).toEqual([]);
});

test("findProblems() misses a default only where an address could use it", () => {
  const eth0 = cannedInterface("eth0", 2, ["10.0.0.5/24", "2001:db8::5/64"]);
  expect(textsOf(without("ipv4", [eth0]))).toEqual([
    "ipv4 has no default: 10.0.0.5 on eth0 reaches only its own network",
  ]);
  expect(textsOf(without("ipv6", [eth0]))).toEqual([
    "ipv6 has no default: 2001:db8::5 on eth0 reaches only its own network",
  ]);
  const wlan0 = cannedInterface("wlan0", 3, ["10.0.0.5/24"], { carrier: false });
  expect(textsOf(without("ipv4", [wlan0]))).toEqual([]);
  const tun0 = cannedInterface("tun0", 3, ["10.0.0.5/24"], { kind: "tunnel" });
  expect(textsOf(without("ipv4", [tun0]))).toEqual([]);
  const local = cannedInterface("eth0", 2, ["fe80::5/64", "fd00::5/64"]);
  expect(textsOf(without("ipv6", [local]))).toEqual([]);
});

test("findProblems() finds a default whose only link is dead, though the route does not say so", () => {
  const status = cannedStatus();
  const interfaces = status.interfaces.map((one) => ({ ...one, carrier: one.name !== "eth0" }));
  expect(textsOf({ ...status, interfaces })).toEqual([
    "ipv4 leaves by 10.0.0.1 dev eth0, which has no carrier: packets are lost",
    "ipv6 leaves by fe80::1 dev eth0, which has no carrier: packets are lost",
  ]);
});

test("findProblems() says it of the part of the address space whose link is dead", () => {
  const part = { gateway: null, interface: "wg0", metric: 0, via: "split" } as const;
  const halves = [
    cannedDefault({ ...part, prefix: "0.0.0.0/1" }),
    cannedDefault({ ...part, prefix: "128.0.0.0/1" }),
  ].map((half) => ({ ...half, lostBecause: null }));
  const [low, high] = halves;
  if (low === undefined || high === undefined) throw new Error("there are two halves");
  const status = cannedStatus();
  const interfaces = status.interfaces.map((one) => ({ ...one, carrier: one.name !== "wg0" }));
  const rest = { ...cannedDefault(), lostBecause: null };
  const withIpv4 = (ipv4: Status["defaults"]["ipv4"]): Status => ({
    ...status,
    interfaces,
    defaults: { ...status.defaults, ipv4 },
  });
  expect(textsOf(withIpv4({ effective: low, candidates: [low, high] }))).toEqual([
    "ipv4 leaves by wg0, which has no carrier: packets are lost",
  ]);
  const partly = ["part of ipv4 leaves by wg0, which has no carrier: its packets are lost"];
  expect(textsOf(withIpv4({ effective: low, candidates: [low, rest] }))).toEqual(partly);
  expect(textsOf(withIpv4({ effective: rest, candidates: [high, rest] }))).toEqual(partly);
});

test("findProblems() names the default that refuses packets where it wins over others", () => {
  const standBy = { ...cannedDefault(), lostBecause: "not-chosen" };
  const refusing = {
    ...cannedDefault({ type: "unreachable", gateway: null, interface: null, metric: 5 }),
    lostBecause: "error-type",
  };
  const { defaults } = cannedStatus();
  const of = (...candidates: Status["defaults"]["ipv4"]["candidates"]): string[] =>
    textsOf(cannedStatus({ defaults: { ...defaults, ipv4: { effective: null, candidates } } }));
  const text = "ipv4 packets are refused: the default that wins is unreachable, metric 5";
  expect(of(standBy, refusing)).toEqual([text]);
  expect(of(refusing)).toEqual([text]);
  expect(of({ ...standBy, lostBecause: "linkdown" }, refusing)).toEqual([
    "ipv4 has no default that works: 10.0.0.1 dev eth0 (dead: no carrier)",
  ]);
});

test("findProblems() lets a multipath live while one of its links does", () => {
  const legs = ["eth0", "wlan0"].map((name) => ({
    gateway: "10.0.0.1",
    interface: name,
    weight: 1,
  }));
  const route = cannedDefault({ gateway: null, interface: null, nexthops: legs });
  const status = cannedStatus();
  const interfaces = status.interfaces.map((one) => ({ ...one, carrier: one.name !== "eth0" }));
  const defaults = { ...status.defaults, ipv4: cannedDefaults(route), ipv6: none };
  expect(textsOf({ ...status, interfaces, defaults })).toEqual([]);
});

test("findProblems() finds a default that refuses packets", () => {
  const route = cannedDefault({ type: "blackhole", gateway: null, interface: null });
  const { defaults } = cannedStatus();
  expect(textsOf(cannedStatus({ defaults: { ...defaults, ipv4: cannedDefaults(route) } }))).toEqual(
    ["ipv4 packets are refused: the default is blackhole"],
  );
});

test("findProblems() passes on what the daemon says, after what is worse", () => {
  const status = cannedStatus();
  const degraded = (reasons: string[]) => ({
    ...status,
    daemon: { ...status.daemon, health: "degraded" as const, reasons },
  });
  expect(findProblems(degraded(["a read failed"]))).toEqual([
    { gravity: "warn", text: "a read failed" },
  ]);
  const deaf = { ...degraded(["nothing is heard"]), source: { ...status.source, alive: false } };
  expect(findProblems(deaf)).toEqual([{ gravity: "bad", text: "nothing is heard" }]);
  expect(textsOf({ ...deaf, daemon: { ...deaf.daemon, reasons: [] } })).toEqual([
    "netwatchd hears nothing from the kernel (netlink): changes are found late",
    "netwatchd is degraded and does not say why",
  ]);
  expect(textsOf(degraded([]))).toEqual(["netwatchd is degraded and does not say why"]);
});

test("findProblems() names a scoped default that does not do what it promises", () => {
  const scoped = {
    interface: "eth0",
    family: "ipv4",
    gateway: null,
    state: "fight",
    adopted: false,
    reason: "removed 5 times by pid 7",
  } as const;
  expect(textsOf(cannedStatus({ scoped: [scoped] }))).toEqual([
    "ipv4 of sockets bound to eth0 is fought over: removed 5 times by pid 7",
  ]);
});

test("findProblems() says what brings a default back, where netwatchd can know one", () => {
  const status = without("ipv4", [cannedInterface("eth0", 2, ["10.0.0.5/24"])]);
  expect(textsOf({ ...status, daemon: { ...status.daemon, mode: "manage" } })).toEqual([
    "ipv4 has no default: 10.0.0.5 on eth0 reaches only its own network; `netwatch routes restore` puts the last good one back, where one is known",
  ]);
});

test("findProblems() tells of displaced defaults that should be back, with what they wait for", () => {
  const displaced = (
    state: "displaced" | "pending",
    reason: string | null,
  ): Status["displaced"][number] => ({
    family: "ipv4",
    route: cannedDefault(),
    since: "2026-03-03T12:00:00.000Z",
    by: "vpn",
    state,
    reason,
  });
  const waits = "ipv4 default via 10.0.0.1 dev eth0 waits to be put back";
  expect(
    textsOf(
      cannedStatus({
        displaced: [
          displaced("displaced", null),
          displaced("pending", "interface-down: eth0"),
          displaced("pending", "ra-stand-in"),
          displaced("pending", null),
        ],
      }),
    ),
  ).toEqual([
    `${waits}: interface-down: eth0`,
    `${waits}: netwatch's own stands in for it until its router announces it again`,
    waits,
  ]);
});
