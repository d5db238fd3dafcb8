import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type GuardedDefaults, guardDefaults } from "../../src/daemon/guarded-defaults.ts";
import type { RouteNews } from "../../src/daemon/route-news.ts";
import type { HostState } from "../../src/monitor/host-state.ts";
import type { NetworkInterface } from "../../src/network/interface.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import type { RecordedDefault } from "../../src/platform/route-control.ts";
import type { GuardPolicy } from "../../src/routes/guard/guard-options.ts";
import { JournalError } from "../../src/routes/journal/journal-error.ts";
import type { JournalFact } from "../../src/routes/journal/record.ts";
import {
  eth0,
  evidence,
  looksLike,
  tun0,
  viaEth0,
  viaTun0,
  vpn,
  wlan0,
} from "../routes/guard/host.ts";
import { identity, tag } from "../routes/memory-host.ts";
import { silentLog } from "./admin-fixture.ts";

const graceMs = 5_000;
const links = [eth0, wlan0];

let guard: GuardedDefaults;
let policy: GuardPolicy;
let news: RouteNews[];
let putBack: (readonly DefaultRoute[])[];
let written: JournalFact[];
let warned: string[];
let asked: number[];
let refusal: Error | null;

beforeEach(() => {
  vi.useFakeTimers();
  policy = "restore";
  news = [];
  putBack = [];
  written = [];
  warned = [];
  asked = [];
  refusal = null;
  guard = guardDefaults({
    journal: {
      identity,
      records: [],
      async append(facts) {
        if (refusal !== null) throw refusal;
        written.push(...facts);
      },
    },
    graceMs,
    policy: () => policy,
    tag,
    awakeMs: () => performance.now(),
    putBack: (records: readonly RecordedDefault[]) =>
      putBack.push(records.map(({ route }) => route)),
    askRouters: (index) => asked.push(index),
    tell: (told) => news.push(...told),
    log: { ...silentLog, warn: (message) => warned.push(message) },
  });
});
afterEach(() => {
  guard[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** What the monitor and the loop's reading show together. */
function look(interfaces: readonly NetworkInterface[], routes: readonly DefaultRoute[]): void {
  const { state, records } = seen(interfaces, routes);
  guard.networkRead();
  guard.routingRead(state, records);
}

function seen(interfaces: readonly NetworkInterface[], routes: readonly DefaultRoute[]) {
  const { records, ...state } = looksLike(interfaces, routes);
  return { state: state as unknown as HostState, records };
}

const kinds = () => news.map(({ kind }) => kind);
const known = () => written.map(({ kind }) => kind);

/** A program takes the default away, sets its own over a tunnel, and dies. */
function loseDefault(): void {
  look(links, [viaEth0]);
  guard.hear(evidence("removed", viaEth0, vpn));
  guard.hear(evidence("added", viaTun0, vpn));
  look([...links, tun0], [viaTun0]);
  look(links, []);
}

test("a loss is told after the grace, and put back under restore", () => {
  loseDefault();
  vi.advanceTimersByTime(graceMs - 1);
  expect(kinds()).not.toContain("default-lost");
  expect(putBack).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(news.at(-1)).toMatchObject({
    kind: "default-lost",
    because: "displaced",
    by: "badvpn (pid 4242)",
    default: { interface: "eth0" },
    restoring: true,
  });
  expect(putBack).toEqual([[viaEth0]]);
});

test("a wish to put back is given once, and taken back when it stands again", () => {
  loseDefault();
  vi.advanceTimersByTime(graceMs);
  look(links, []);
  look(links, []);
  expect(putBack).toEqual([[viaEth0]]);
  look(links, [viaEth0]);
  expect(news.at(-1)).toMatchObject({ kind: "default-restored", default: { interface: "eth0" } });
  expect(putBack).toEqual([[viaEth0], []]);
});

test("the policy is asked at the time of the decision: the configuration can be read anew", () => {
  loseDefault();
  policy = "warn";
  vi.advanceTimersByTime(graceMs);
  expect(news.at(-1)).toMatchObject({ restoring: false, remedy: "netwatch routes restore" });
  expect(putBack).toEqual([]);
});

test("what is heard between the reading of the network and of the routing explains the look after", () => {
  look(links, [viaEth0]);
  const before = seen(links, [viaEth0]);
  guard.networkRead();
  // The default goes now, so the network as it was read still shows it.
  guard.hear(evidence("removed", viaEth0, vpn));
  guard.hear(evidence("added", viaTun0, vpn));
  guard.routingRead(before.state, before.records);
  look(links, []);
  vi.advanceTimersByTime(graceMs);
  expect(news.at(-1)).toMatchObject({ kind: "default-lost", because: "displaced" });
});

test("a routing read without the network before it concludes nothing", () => {
  look(links, [viaEth0]);
  const gone = seen(links, []);
  guard.routingRead(gone.state, gone.records);
  vi.advanceTimersByTime(10 * graceMs);
  expect(kinds()).toEqual([]);
});

test("a routing that could not be read leaves what it was: a loss is put back with the kernel's bytes", () => {
  look(links, [viaEth0]);
  guard.hear(evidence("removed", viaEth0, vpn));
  guard.hear(evidence("added", viaTun0, vpn));
  const gone = seen(links, []);
  guard.networkRead();
  guard.routingRead(gone.state, null);
  vi.advanceTimersByTime(graceMs);
  expect(putBack).toEqual([[viaEth0]]);
});

test("the last known good default is written down after 10 s, and not before", async () => {
  look(links, [viaEth0]);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(known()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toMatchObject([
    { kind: "last-known-good", family: "ipv4", interfaces: [{ name: "eth0" }] },
  ]);
});

test("that it cannot be written down is said once and disturbs nothing; it is tried again", async () => {
  refusal = new JournalError("disk-full", "write", "no space left on the device");
  look(links, [viaEth0]);
  await vi.advanceTimersByTimeAsync(10_000);
  look(links, [viaEth0]);
  await vi.advanceTimersByTimeAsync(0);
  expect(warned).toEqual([
    "what is known of good defaults could not be written down: cannot write: no space left on the device",
  ]);
  refusal = null;
  look(links, [viaEth0]);
  await vi.advanceTimersByTimeAsync(0);
  expect(known()).toEqual(["last-known-good"]);
  loseDefault();
  await vi.advanceTimersByTimeAsync(graceMs);
  expect(putBack).toEqual([[viaEth0]]);
});

test("of what could not be written down only the newest of a family is, in the end", async () => {
  refusal = new JournalError("disk-full", "write", "no space left on the device");
  look(links, [viaEth0]);
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(guard.forget()).rejects.toBe(refusal);
  refusal = null;
  await guard.forget();
  expect(known()).toEqual(["last-known-good-void"]);
});

test("forget() forgets what was good and what is missed", async () => {
  look(links, [viaEth0]);
  await vi.advanceTimersByTimeAsync(10_000);
  loseDefault();
  vi.advanceTimersByTime(graceMs);
  await guard.forget();
  expect(known()).toEqual(["last-known-good", "last-known-good-void"]);
  expect(putBack).toEqual([[viaEth0], []]);
});

test("once disposed of, it arms no timer and says nothing more", () => {
  loseDefault();
  expect(vi.getTimerCount()).toBe(1);
  guard[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  look(links, []);
  vi.advanceTimersByTime(graceMs);
  expect(kinds()).not.toContain("default-lost");
});

test("a router's default is asked for, never copied", () => {
  const ra = {
    ...viaEth0,
    family: "ipv6",
    prefix: "::/0",
    gateway: "fe80::1",
    protocol: "ra",
    pref: "medium",
  } as const;
  look(links, [ra]);
  look([{ ...eth0, up: false, carrier: false, addresses: [] }, wlan0], []);
  look(links, []);
  vi.advanceTimersByTime(60_000);
  expect(asked).toContain(eth0.index);
  expect(putBack.flat()).toEqual([]);
});
