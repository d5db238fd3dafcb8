import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bindingsOf } from "../../src/leases/binding.ts";
import type { HeldLease, HolderNews, LeaseNews, Leases } from "../../src/leases/lease-holding.ts";
import { type AskedWish, leaseLimits } from "../../src/leases/lease-terms.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import type { JournalFact } from "../../src/routes/journal/record.ts";
import type { JournalPort } from "../../src/routes/journal-port.ts";
import { type LeasedHost, leasedHost } from "../routes/leased/leased-host.ts";
import { defaultRoute, identity, link } from "../routes/memory-host.ts";
import { openLeasesOf, owner, tunnel, uplink } from "./leases-of-host.ts";

let own: LeasedHost;
let leases: Leases;
let before: unknown;
let news: LeaseNews[];
let journal: JournalPort;
let facts: JournalFact[];
/** Instead of what the memory kernel answers. */
let carriers: readonly DefaultRoute[] | null;
let uptimeMs: number;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  own = await leasedHost();
  before = own.host.snapshot();
  news = [];
  facts = [];
  carriers = null;
  uptimeMs = 60_000;
  const records: JournalPort["records"][number][] = [];
  journal = {
    identity,
    records,
    append: async (added) => {
      facts.push(...added);
      const stamp = { ...identity, time: "2026-11-21T12:00:00.000Z", uptimeMs };
      for (const fact of added) records.push({ ...stamp, ...fact } as (typeof records)[number]);
    },
  };
  leases = await open();
});
afterEach(async () => {
  await leases[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
  vi.useRealTimers();
});

function open(): Promise<Leases> {
  const { kernel } = own.host.platform;
  return openLeasesOf(own, {
    journal,
    readCarriers: async (family) =>
      carriers ?? kernel.defaults(family).answers.flatMap((answer) => answer ?? []),
    uptimeMs: () => uptimeMs,
    onNews: (one) => news.push(one),
    limits: { ...leaseLimits, ofOneUser: 3, stacked: 2 },
  });
}

const ask = (
  asked: AskedWish,
  terms: { ttlMs?: number; claim?: string; uid?: number } = {},
): Promise<HeldLease> =>
  leases.request(asked, {
    ttlMs: terms.ttlMs ?? 0,
    claim: terms.claim ?? null,
    owner: { ...owner, uid: terms.uid ?? owner.uid },
  });
const settled = async (): Promise<void> => {
  await own.follow();
  leases.look();
  await vi.advanceTimersByTimeAsync(0);
};

describe("request()", () => {
  test("gives an uplink's way, and undoes it when its holder leaves", async () => {
    const held = await ask(uplink);
    expect(held.bindings()).toMatchObject([
      { state: "ready", interface: "wlan0", index: 3, gateway: "10.1.0.1", table: 5101 },
    ]);
    held.leave();
    await settled();
    expect(leases.list()).toEqual([]);
    expect(own.host.snapshot()).toEqual(before);
    expect(news.map(({ kind }) => kind)).toEqual(["granted", "released"]);
    // Without a time there is nothing that a next daemon must know.
    expect(facts).toEqual([]);
  });

  test("takes families from the interface's addresses, link-local ones aside", async () => {
    own.host.platform.controls.setInterface(
      link(9, "tun0", ["10.9.0.2/24", "fe80::9/64"], { kind: "tunnel" }),
    );
    const held = await ask({ ...tunnel, families: null });
    expect(held.bindings().map(({ family }) => family)).toEqual(["ipv4"]);
  });

  test.each([
    ["no-such-interface", { ...tunnel, via: "tun7" }],
    ["not-ready", { ...tunnel, via: "bare0", families: null }],
    ["interface-down", { ...tunnel, via: "down0" }],
  ] as const)("is refused with %s when the wait is over", async (code, asked) => {
    const { controls } = own.host.platform;
    controls.setInterface(link(20, "bare0", []));
    controls.setInterface(link(21, "down0", ["10.7.0.2/24"], { up: false }));
    const refused = expect(ask(asked)).rejects.toMatchObject({ name: "LeaseError", code });
    uptimeMs += 2_000;
    await vi.advanceTimersByTimeAsync(2_000);
    await refused;
    expect(leases.list()).toEqual([]);
  });

  test("waits for an interface that is only just made", async () => {
    const asked = ask({ ...tunnel, via: "tun7" });
    await vi.advanceTimersByTimeAsync(100);
    expect(leases.concerns("tun7")).toBe(true);
    own.host.platform.controls.setInterface(link(30, "tun7", ["10.7.0.2/24"], { kind: "tunnel" }));
    leases.look();
    expect((await asked).bindings()).toMatchObject([{ state: "ready", index: 30 }]);
  });

  test("is refused where a rule wins, which it names, and leaves nothing", async () => {
    own.host.control.controls.tableRules = [
      { family: "ipv4", preference: 700, table: 77, by: "700: from all lookup 77" },
    ];
    carriers = [defaultRoute("ipv4", 3, "10.1.0.1", { table: 77 })];
    await expect(ask(tunnel)).rejects.toMatchObject({
      code: "shadowed",
      message: expect.stringContaining("shadowed by rule 700"),
    });
    expect(own.host.snapshot()).toEqual(before);
  });

  test("over another interface is a conflict that names the holder, unless it is stacked", async () => {
    const { controls } = own.host.platform;
    controls.setInterface(link(10, "tun1", ["10.8.0.2/24"], { kind: "tunnel" }));
    controls.setInterface(link(11, "tun2", ["10.7.0.2/24"], { kind: "tunnel" }));
    const first = await ask(tunnel);
    await expect(ask({ ...tunnel, via: "tun1" })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("vpn (pid 42)"),
    });
    const second = await ask({ ...tunnel, via: "tun1", stack: true });
    await settled();
    expect(first.bindings()).toMatchObject([{ state: "covered" }]);
    await expect(ask({ ...tunnel, via: "tun2", stack: true })).rejects.toMatchObject({
      code: "too-many",
    });
    second.leave();
    await settled();
    expect(first.bindings()).toMatchObject([{ state: "ready" }]);
  });

  test("counts leases of one wish, and the user's leases", async () => {
    const first = await ask(tunnel);
    const second = await ask(tunnel);
    const third = await ask(tunnel, { ttlMs: 1 });
    await expect(ask(tunnel)).rejects.toMatchObject({ code: "too-many" });
    await expect(ask(tunnel, { uid: 7 })).resolves.toBeDefined();
    const stands = own.routes("ipv4")[0];
    first.leave();
    second.leave();
    await settled();
    expect(own.routes("ipv4")[0]).toBe(stands);
    third.leave();
    uptimeMs += 2;
    await vi.advanceTimersByTimeAsync(2);
    await settled();
    expect(leases.list().map(({ lease }) => lease.owner.uid)).toEqual([7]);
  });
});

describe("a lease with a time", () => {
  test("outlives its connection by it; its user takes it over, and nobody else does", async () => {
    const held = await ask(tunnel, { ttlMs: 30_000 });
    const { id } = held.lease;
    held.leave();
    uptimeMs += 20_000;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(leases.list()).toMatchObject([{ connected: false }]);
    await expect(ask(tunnel, { claim: id, uid: 7 })).rejects.toMatchObject({ code: "not-yours" });
    const again = await ask(tunnel, { claim: id, ttlMs: 30_000 });
    expect(again).toMatchObject({ reclaimed: true, lease: { id } });
    uptimeMs += 60_000;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(leases.list()).toMatchObject([{ connected: true }]);
    again.leave();
    uptimeMs += 30_000;
    await vi.advanceTimersByTimeAsync(30_000);
    await settled();
    expect(leases.list()).toEqual([]);
    expect(own.host.snapshot()).toEqual(before);
    expect(facts.map((fact) => fact.kind === "lease" && fact.state)).toEqual([
      "held",
      // Its end, each time it was left; without one when it was taken over.
      "held",
      "held",
      "held",
      "released",
    ]);
    expect(facts.map((fact) => fact.kind === "lease" && fact.endsAtUptimeMs)).toEqual([
      undefined,
      90_000,
      undefined,
      170_000,
      undefined,
    ]);
  });

  test("is taken from a connection that still stands, which is told", async () => {
    const told: HolderNews[] = [];
    const held = await ask(tunnel);
    held.follow((one) => told.push(one));
    const again = await ask(tunnel, { claim: held.lease.id });
    expect(told).toMatchObject([{ kind: "released", because: "claimed" }]);
    held.leave();
    expect(leases.list()).toMatchObject([{ connected: true }]);
    again.leave();
    expect(leases.list()).toEqual([]);
  });

  test("is held again by the next daemon, without a change of any route", async () => {
    await ask({ ...tunnel, mode: "displace" }, { ttlMs: 30_000 });
    await ask(uplink);
    const stood = own.routes("ipv4");
    // The first one is gone without a word; its routes are another's to know.
    leases = await open();
    await settled();
    expect(own.routes("ipv4")).toEqual(stood);
    expect(leases.list()).toMatchObject([
      { connected: false, lease: { wish: { kind: "default", mode: "displace" } } },
    ]);
    uptimeMs += 30_000;
    await vi.advanceTimersByTimeAsync(30_000);
    await settled();
    expect(leases.list()).toEqual([]);
  });

  test("ends in time, however often the daemon dies and comes again", async () => {
    await ask(tunnel, { ttlMs: 30_000 });
    for (const _ of [1, 2, 3]) {
      leases = await open();
      uptimeMs += 10_000;
    }
    await vi.advanceTimersByTimeAsync(10_000);
    await settled();
    expect(leases.list()).toEqual([]);
    expect(own.host.snapshot()).toEqual(before);
  });

  test("ends with the daemon that ends", async () => {
    const told: HolderNews[] = [];
    const held = await ask(tunnel, { ttlMs: 30_000 });
    held.follow((one) => told.push(one));
    await leases[Symbol.asyncDispose]();
    expect(told).toMatchObject([{ kind: "released", because: "stopping" }]);
    expect(facts.at(-1)).toMatchObject({ kind: "lease", state: "released" });
    await expect(ask(tunnel)).rejects.toMatchObject({ code: "stopping" });
  });
});

test("its holder is told what becomes of it", async () => {
  const told: string[] = [];
  const held = await ask(tunnel);
  held.follow((one) => {
    if (one.kind === "changed") told.push(`${one.change.kind} ${one.bindings[0]?.state}`);
  });
  own.host.platform.controls.removeInterface(9);
  await settled();
  await settled();
  own.host.platform.controls.setInterface(link(12, "tun0", ["10.9.0.2/24"], { kind: "tunnel" }));
  await settled();
  await settled();
  expect(told).toEqual(["lost lost", "moved ready"]);
  expect(held.bindings()).toMatchObject([{ index: 12 }]);
});

test("bindingsOf() says stale where there is no uplink at all", () => {
  const lease = { id: "a", group: "a", owner, since: 0, ttlMs: 0 };
  const wish = { kind: "uplink", via: null, families: ["ipv6"] } as const;
  const nothing = { links: new Map(), scoped: [], found: [], leased: [], tableRules: [] };
  const uplinks = { ipv4: null, ipv6: null };
  const sight = { ...nothing, uplinks, carriers: new Map(), tableBase: null };
  expect(bindingsOf({ ...lease, wish }, sight)).toMatchObject([
    { state: "stale", reason: expect.stringContaining("no-uplink"), interface: null },
  ]);
});
