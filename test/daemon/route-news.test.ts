import { expect, test } from "vitest";
import { newsOfGuard, newsOfScoped } from "../../src/daemon/route-news.ts";
import type { GuardEvent } from "../../src/routes/guard/guard-event.ts";
import type { ScopedView } from "../../src/routes/scoped-view.ts";
import { defaultRoute } from "../routes/memory-host.ts";

const view = (changes: Partial<ScopedView> = {}): ScopedView => ({
  interface: "eth0",
  family: "ipv4",
  gateway: "10.0.0.1",
  state: "installed",
  adopted: false,
  reason: null,
  ...changes,
});
const never = (): boolean => false;

const down = view({ state: "stale", reason: "interface-down: eth0 is down" });
const fight = view({ state: "fight", reason: "somebody" });
const waiting = view({ state: "pending", gateway: null, reason: "no-gateway-known" });
const weak = view({ state: "degraded", reason: "rp-filter-strict" });

test.each<[string, ScopedView | null, ScopedView | null, string | null]>([
  ["a new one", null, view(), "scoped-installed"],
  ["a new one that is degraded", null, weak, "scoped-installed"],
  ["one that stands on", view(), view(), null],
  ["one that becomes degraded", view(), weak, null],
  ["another gateway", view(), view({ gateway: "10.0.0.9" }), "scoped-installed"],
  ["one that is gone", view(), null, "scoped-removed"],
  ["a stale one that is gone", down, null, null],
  ["one whose link took it away", view(), down, "scoped-stale"],
  ["one that is stale still", down, down, null],
  ["a stale one that is back", down, view(), "scoped-installed"],
  ["one that waits from the beginning", null, waiting, null],
  ["one that cannot be any more", weak, waiting, "scoped-stale"],
  // The fight has an event of its own.
  ["one that is fought over", view(), fight, null],
  ["the end of a fight", fight, view(), "scoped-installed"],
])("newsOfScoped() of %s", (_, before, after, kind) => {
  const views = (one: ScopedView | null): readonly ScopedView[] => (one === null ? [] : [one]);
  const news = newsOfScoped(views(before), views(after), never, "reconcile");
  expect(news.map((one) => one.kind)).toEqual(kind === null ? [] : [kind]);
  for (const one of news) expect(one).toMatchObject({ severity: "effective", cause: "reconcile" });
});

test("newsOfScoped() tells interfaces and families apart, and what was repaired", () => {
  const before = [
    view(),
    view({ family: "ipv6", gateway: "fe80::1" }),
    view({ interface: "eth1" }),
  ];
  const repaired = (one: ScopedView): boolean => one.family === "ipv6";
  const [first, second] = before;
  if (first === undefined || second === undefined) throw new Error("no views");
  expect(newsOfScoped(before, [first, second], repaired, "message")).toEqual([
    expect.objectContaining({ kind: "scoped-removed", interface: "eth1", reason: null }),
    expect.objectContaining({ kind: "scoped-repaired", interface: "eth0", family: "ipv6" }),
  ]);
});

test("newsOfScoped() does not call it repaired when it is new", () => {
  const news = newsOfScoped([], [view()], () => true, "message");
  expect(news.map(({ kind }) => kind)).toEqual(["scoped-installed"]);
});

const requester = { portId: 77, pid: 4242, command: "vpn" };
const subject = {
  family: "ipv4",
  route: defaultRoute("ipv4", 2, "10.0.0.1"),
  interfaceNames: ["eth0"],
  by: requester,
} as const;
/** Its first interface is gone meanwhile, and another has the name of the tunnel. */
const names = { get: (index: number) => (index === 9 ? "tun0" : undefined) };

test("newsOfGuard() calls an interface that is gone as it was called, and names who did it", () => {
  const event: GuardEvent = {
    ...subject,
    kind: "default-lost",
    because: "displaced",
    meaning: "vpn (pid 4242) displaced it",
    instead: defaultRoute("ipv4", 9, null),
    restoring: false,
    remedy: "netwatch routes restore",
  };
  expect(newsOfGuard(event, names)).toMatchObject({
    kind: "default-lost",
    severity: "effective",
    cause: "message",
    family: "ipv4",
    by: "vpn (pid 4242)",
    default: { interface: "eth0", gateway: "10.0.0.1", via: "default" },
    instead: { interface: "tun0", gateway: null },
    because: "displaced",
    restoring: false,
    remedy: "netwatch routes restore",
  });
});

test("newsOfGuard() of what is back and of what was displaced", () => {
  const now = defaultRoute("ipv4", 9, "10.9.0.1");
  expect(newsOfGuard({ ...subject, kind: "default-restored", by: null, now }, names)).toMatchObject(
    {
      kind: "default-restored",
      by: null,
      now: { interface: "tun0", gateway: "10.9.0.1" },
    },
  );
  expect(newsOfGuard({ ...subject, kind: "displaced", over: ["tun0"] }, names)).toMatchObject({
    kind: "displaced",
    over: ["tun0"],
    default: { interface: "eth0" },
  });
});

test("newsOfGuard() calls itself by its own name", () => {
  const by = { portId: 5, pid: process.pid, command: "node" };
  const event: GuardEvent = { ...subject, kind: "default-restored", by, now: subject.route };
  expect(newsOfGuard(event, names)).toMatchObject({ by: "netwatch" });
});

test("newsOfGuard() says of one half of a split that it is one", () => {
  const half = { ...subject.route, prefix: "128.0.0.0/1" };
  const event: GuardEvent = { ...subject, kind: "displaced", route: half, over: [] };
  expect(newsOfGuard(event, names)).toMatchObject({ default: { via: "split" } });
});
