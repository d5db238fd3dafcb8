import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type HealedScopes, healScopes } from "../../src/daemon/healed-scopes.ts";
import type { RouteNews } from "../../src/daemon/route-news.ts";
import type { RoutingReading, ScopedDefault } from "../../src/platform/route-control.ts";
import type { ScopedView } from "../../src/routes/scoped-view.ts";
import { type MemoryHost, memoryHost, places, tag } from "../routes/memory-host.ts";
import { silentLog } from "./admin-fixture.ts";

let host: MemoryHost;
let healer: HealedScopes;
let news: RouteNews[];
let logged: [message: string, fields: unknown][];
let dues: number;
let missing: boolean;

const entry: ScopedDefault = {
  family: "ipv4",
  slot: 0,
  interfaceIndex: 2,
  interfaceName: "eth0",
  gateway: "10.0.0.1",
  source: null,
  onlink: false,
  mtu: null,
  nexthops: [],
  form: "pair",
  connected: [],
  replyAddresses: [],
};
const view: ScopedView = {
  interface: "eth0",
  family: "ipv4",
  gateway: "10.0.0.1",
  state: "installed",
  adopted: false,
  reason: null,
};
const flusher = { portId: 51, pid: 51, command: "firewall" };

const look = (): void => {
  const reading: RoutingReading = {
    scoped: [{ entry, complete: !missing }],
    defaults: [],
    obstacles: [],
  };
  healer.look(reading);
};

beforeEach(() => {
  vi.useFakeTimers();
  host = memoryHost();
  news = [];
  logged = [];
  dues = 0;
  missing = false;
  healer = healScopes({
    places,
    tag,
    awakeMs: () => performance.now(),
    interfaces: () => host.platform.kernel.interfaces,
    views: () => [view],
    onDue() {
      dues += 1;
      look();
    },
    tell: (told) => news.push(...told),
    log: { ...silentLog, info: (message, fields) => logged.push([message, fields]) },
  });
  look();
  vi.advanceTimersByTime(10_000);
  dues = 0;
});
afterEach(() => {
  healer[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function takeAway(requester = flusher): void {
  missing = true;
  healer.hearRule({ at: Date.now(), family: "ipv4", preference: places.preferenceBase, requester });
  look();
}

function repair(): void {
  healer.installing(entry);
  missing = false;
  look();
  healer.reconciled();
}

const held = () => healer.holds().map(({ kind }) => kind);

function fightOut(): void {
  for (let round = 0; round < 5; round += 1) {
    takeAway();
    vi.advanceTimersByTime(1_000);
    if (held().length === 0) repair();
  }
}

test("what somebody took away is said, held for 250 ms, and then looked at again", () => {
  takeAway();
  expect(logged).toEqual([
    [
      "ipv4 of eth0: somebody took a part of the scoped default away",
      { command: "firewall", pid: 51, times: 1 },
    ],
  ]);
  expect(held()).toEqual(["wait"]);
  vi.advanceTimersByTime(249);
  expect(dues).toBe(0);
  vi.advanceTimersByTime(1);
  expect(dues).toBe(1);
  expect(held()).toEqual([]);
});

test("what netwatchd itself took away is nobody's doing", () => {
  takeAway({ portId: 1, pid: process.pid, command: "netwatchd" });
  expect(logged).toEqual([]);
});

test("a fight is an event with the name of the other program, and holds the repair", () => {
  fightOut();
  expect(news).toEqual([
    {
      kind: "fight",
      what: "scoped-default",
      severity: "health",
      cause: "message",
      interface: "eth0",
      family: "ipv4",
      meaning: expect.stringContaining("firewall (pid 51)"),
    },
  ]);
  expect(healer.holds()).toMatchObject([{ kind: "fight", family: "ipv4", interfaceIndex: 2 }]);
});

test.each<[string, (healer: HealedScopes) => void]>([
  ["the user asks for it", (one) => one.resume(2)],
  ["its link changes", (one) => one.linkChanged(2)],
  ["the family's default changes", (one) => one.defaultChanged("ipv4")],
])("a fight is over when %s, and that is said", (_, end) => {
  fightOut();
  logged = [];
  end(healer);
  expect(held()).not.toContain("fight");
  expect(logged).toEqual([["ipv4 of eth0: it is repaired again", expect.anything()]]);
});

test.each<[string, (healer: HealedScopes) => void]>([
  ["another link changes", (one) => one.linkChanged(3)],
  ["the other family's default changes", (one) => one.defaultChanged("ipv6")],
  ["the user asks for another", (one) => one.resume(3)],
])("a fight goes on when %s", (_, end) => {
  fightOut();
  end(healer);
  expect(held()).toEqual(["fight"]);
});

test("once disposed of, it arms no timer", () => {
  takeAway();
  expect(vi.getTimerCount()).toBe(1);
  healer[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  takeAway();
  expect(vi.getTimerCount()).toBe(0);
});
