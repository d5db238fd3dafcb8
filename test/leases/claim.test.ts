import { afterEach, beforeEach, expect, test } from "vitest";
import type { HeldLease, HolderNews, Leases } from "../../src/leases/lease-holding.ts";
import type { AskedWish } from "../../src/leases/lease-terms.ts";
import { type LeasedHost, leasedHost } from "../routes/leased/leased-host.ts";
import { identity } from "../routes/memory-host.ts";
import { openLeasesOf, owner, tunnel, uplink } from "./leases-of-host.ts";

// A claim with another wish gives the old lease up for the new one.

let own: LeasedHost;
let leases: Leases;
let before: unknown;

beforeEach(async () => {
  own = await leasedHost();
  before = own.host.snapshot();
  leases = await openLeasesOf(own, {
    journal: { identity, records: [], append: async () => undefined },
  });
});
afterEach(async () => {
  await leases[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
});

const ask = (
  asked: AskedWish,
  { claim = null }: { claim?: string | null } = {},
): Promise<HeldLease> => leases.request(asked, { ttlMs: 0, claim, owner });
const kinds = (): readonly string[] => leases.list().map(({ lease }) => lease.wish.kind);

test("a lease stays when what is asked for in its place is refused", async () => {
  const told: HolderNews[] = [];
  const held = await ask(uplink);
  held.follow((one) => told.push(one));
  await ask(tunnel);
  const stood = own.host.snapshot();
  const other: AskedWish = { ...tunnel, via: "wlan0" };
  await expect(ask(other, { claim: held.lease.id })).rejects.toMatchObject({ code: "conflict" });
  expect(told).toEqual([]);
  expect(kinds()).toEqual(["uplink", "default"]);
  await own.follow();
  expect(own.host.snapshot()).toEqual(stood);
  held.leave();
  await own.follow();
  expect(kinds()).toEqual(["default"]);
});

test("a lease makes way for what is asked for in its place", async () => {
  const told: HolderNews[] = [];
  const held = await ask(uplink);
  held.follow((one) => told.push(one));
  const other = await ask(tunnel, { claim: held.lease.id });
  expect(told).toMatchObject([{ kind: "released", because: "claimed" }]);
  expect(leases.list().map(({ lease }) => lease.id)).toEqual([other.lease.id]);
  held.leave();
  other.leave();
  await own.follow();
  expect(own.host.snapshot()).toEqual(before);
});
