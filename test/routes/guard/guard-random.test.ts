import { fc, test } from "@fast-check/vitest";
import { afterAll, describe, expect } from "vitest";
import type { DefaultRoute } from "../../../src/network/route.ts";
import type { Requester } from "../../../src/platform/route-evidence.ts";
import { isElsewhere, isSameDefault } from "../../../src/routes/guard/default-identity.ts";
import { createGuard } from "../../../src/routes/guard/guard.ts";
import type { GuardDecision } from "../../../src/routes/guard/guard-event.ts";
import { evidence, kernel, manager, us, vpn } from "./host.ts";
import { possible, RandomHost } from "./random-host.ts";

const graceMs = 5_000;
const requesters: readonly Requester[] = [manager, vpn];

type Deed =
  | {
      readonly kind: "add" | "remove";
      readonly route: DefaultRoute;
      readonly by: Requester;
      readonly heard: boolean;
    }
  | {
      readonly kind: "link" | "address";
      readonly index: number;
      readonly there: boolean;
      readonly heard: boolean;
    }
  | { readonly kind: "pass"; readonly ms: number };

const route = fc.constantFrom(...possible);
const by = fc.constantFrom(...requesters);
// Mostly: links come back, and messages come through.
const mostly = fc.nat({ max: 3 }).map((dice) => dice > 0);
const heard = mostly;
const index = fc.constantFrom(2, 3, 7);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constantFrom("add" as const, "remove" as const), route, by, heard }),
  fc.record({
    kind: fc.constantFrom("link" as const, "address" as const),
    index,
    there: mostly,
    heard,
  }),
  fc.record({
    kind: fc.constant("pass" as const),
    ms: fc.constantFrom(0, 1, 100, 1_000, 4_999, 5_000, 9_999, 10_001, 31_000),
  }),
);

/** Lives through the deeds and holds every promise after each of them. */
function live(deeds: readonly Deed[]): { wishes: number; losses: number } {
  const host = new RandomHost();
  const guard = createGuard({
    graceMs,
    policy: () => "restore",
    isOurRequester: ({ portId }) => portId === us.portId,
    isOurRoute: () => false,
  });
  const lost = new Set<string>();
  const count = { wishes: 0, losses: 0 };
  let now = 1_000_000;

  const take = (decisions: readonly GuardDecision[]): void => {
    for (const one of decisions) {
      if (one.kind !== "default-lost" && one.kind !== "default-restored") continue;
      const name = JSON.stringify([one.family, one.route.gateway, one.route.interfaceIndex]);
      expect(lost.has(name), `${one.kind} ${name}`).toBe(one.kind === "default-restored");
      if (one.kind === "default-lost") lost.add(name);
      else lost.delete(name);
      count.losses += 1;
    }
    for (const { record } of guard.wishes()) holdsFor(record.route);
  };

  const holdsFor = (wished: DefaultRoute): void => {
    count.wishes += 1;
    expect(host.stands(wished)).toBe(false);
    const found = [...host.absences].findLast(([gone]) => isSameDefault(gone, wished));
    if (found === undefined) throw new Error("a wish for what never went");
    const [gone, { since, by: remover, owner, linkWentAt, addressWentAt, blurred }] = found;
    expect(now - since, "within the grace").toBeGreaterThanOrEqual(graceMs);
    // Case 2.
    if (remover !== null) expect(owner === remover, "the owner's wish").toBe(false);
    // Cases 4 and 5, and what nobody explains.
    const displaced = host.arrivals.some(
      ({ route: other, at }) =>
        at >= since - 10_000 &&
        at <= since + graceMs &&
        other.family === gone.family &&
        isElsewhere(other, gone),
    );
    if (remover !== null) expect(displaced, "removed on purpose").toBe(true);
    // A removal that nobody heard, right after one that was heard and taken back unheard, looks like that one.
    else if (!blurred) expect(linkWentAt ?? addressWentAt, "without a reason").not.toBeNull();
    // Case 3.
    const within = (at: number | null): boolean => at !== null && at < since + graceMs;
    if (gone.protocol === "dhcp" && !within(linkWentAt))
      expect(within(addressWentAt), "a lease that was given up").toBe(false);
  };

  const hearRemoval = (gone: DefaultRoute, requester: Requester): void => {
    host.told.set(gone, now);
    guard.hear(evidence("removed", gone, requester), now);
  };

  const look = (): void => take(guard.look(host.seen(), now));

  const pass = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const due = guard.dueAt();
      if (due === null || due > end) break;
      expect(due, "due in the past").toBeGreaterThanOrEqual(now);
      now = due;
      take(guard.advance(now));
      const next = guard.dueAt();
      if (next !== null) expect(next).toBeGreaterThan(now);
    }
    now = end;
  };

  look();
  for (const one of possible) {
    if (host.add(one, manager, now)) guard.hear(evidence("added", one, manager), now);
  }
  look();
  for (const one of deeds) {
    switch (one.kind) {
      case "pass":
        pass(one.ms);
        break;
      case "add":
        if (host.add(one.route, one.heard ? one.by : null, now) && one.heard)
          guard.hear(evidence("added", one.route, one.by), now);
        break;
      case "remove":
        if (host.remove(one.route, one.heard ? one.by : null, now) && one.heard)
          hearRemoval(one.route, one.by);
        break;
      case "link":
      case "address": {
        const before = [...host.standing.keys()];
        host[one.kind](one.index, one.there, now);
        const taken = before.filter((gone) => !host.standing.has(gone));
        if (one.heard) for (const gone of taken) hearRemoval(gone, kernel);
        break;
      }
      default:
        one satisfies never;
    }
    look();
  }
  pass(120_000);
  return count;
}

describe("createGuard()", () => {
  const seen = { wishes: 0, losses: 0 };

  test.prop([fc.array(deed, { minLength: 10, maxLength: 60, size: "max" })], { numRuns: 1_000 })(
    "never puts back within the grace, on purpose or without a reason; events alternate",
    (deeds) => {
      const { wishes, losses } = live(deeds);
      seen.wishes += wishes;
      seen.losses += losses;
    },
  );

  // A guard that never does anything would keep these promises too.
  afterAll(() => {
    expect(seen.losses).toBeGreaterThan(1_000);
    expect(seen.wishes).toBeGreaterThan(1_000);
  });
});
