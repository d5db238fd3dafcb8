import { fc, test } from "@fast-check/vitest";
import { afterAll, describe, expect } from "vitest";
import type { Requester } from "../../../src/platform/route-evidence.ts";
import { defaultHealOptions } from "../../../src/routes/self-heal/healer.ts";
import { createSelfHeal } from "../../../src/routes/self-heal/self-heal.ts";
import type { ScopedKey, SelfHealEvent } from "../../../src/routes/self-heal/self-heal-event.ts";

const { undoDelayMs, followMs, repairEveryMs, repairBurst, fightUndos, fightWindowMs } =
  defaultHealOptions;
const key: ScopedKey = { family: "ipv4", interfaceIndex: 2 };
const bystander: ScopedKey = { family: "ipv6", interfaceIndex: 2 };
const kernel: Requester = { portId: 0, pid: null, command: null };
const us: Requester = { portId: 900, pid: 900, command: "netwatchd" };
const ip: Requester = { portId: 51, pid: 51, command: "ip" };
const mwan: Requester = { portId: 52, pid: 52, command: "mwan3" };

type Deed =
  | { readonly kind: "take"; readonly by: Requester | null; readonly late: boolean }
  | { readonly kind: "link" | "default" | "wake" | "resume" }
  | { readonly kind: "pass"; readonly ms: number; readonly fails: boolean };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      by: fc.constantFrom(ip, ip, ip, mwan, kernel, us, null),
      late: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "link" as const,
        "default" as const,
        "wake" as const,
        "resume" as const,
      ),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(0, 249, 251, 251, 1_999, 1_999, 2_001, 2_001, 5_000, 12_000, 61_000),
      fails: fc.nat({ max: 7 }).map((dice) => dice === 0),
    }),
  },
);

/** Lives through the deeds as the one loop would, and holds every promise after each of them. */
function live(deeds: readonly Deed[]): { repairs: number; fights: number } {
  const heal = createSelfHeal({
    limits: defaultHealOptions,
    isOurRequester: ({ portId }) => portId === us.portId,
  });
  let now = 10_000;
  let complete = true;
  let fighting = false;
  let followingUntil = 0;
  /** When a foreign message told of the breach that stands. */
  let blamedAt: number | null = null;
  /** A user has asked for it since it was last seen whole. */
  let asked = false;
  const undos: number[] = [];
  const limited: number[] = [];
  const count = { repairs: 0, fights: 0 };

  const take = (events: readonly SelfHealEvent[]): void => {
    for (const event of events) {
      expect(event).toMatchObject(key);
      if (event.kind === "undone") {
        expect(blamedAt, "an undo that nobody told of").not.toBeNull();
        expect(fighting).toBe(false);
        undos.push(now);
      } else if (event.kind === "fight") {
        expect(fighting).toBe(false);
        expect(undos.filter((at) => at > now - fightWindowMs)).toHaveLength(fightUndos);
        fighting = true;
        count.fights += 1;
      } else {
        expect(fighting).toBe(true);
        fighting = false;
      }
    }
    if (fighting || events.some(({ kind }) => kind === "resumed")) return;
    const recent = undos.filter((at) => at > now - fightWindowMs);
    expect(recent.length, "a fight that was not seen").toBeLessThan(fightUndos);
  };

  const look = (): void => {
    asked &&= !complete;
    take(
      heal.look(
        [
          { ...key, slot: 0, complete },
          { ...bystander, slot: 0, complete: true },
        ],
        now,
      ),
    );
  };

  const repair = (fails: boolean): void => {
    const leave = heal.mayRepair(key, now);
    if (fighting) expect(leave).toBe("fight");
    if (complete || leave !== "repair") return;
    if (blamedAt !== null && !asked) expect(now - blamedAt).toBeGreaterThanOrEqual(undoDelayMs);
    heal.repaired(key, now);
    complete = !fails;
    blamedAt = null;
    count.repairs += 1;
    if (now >= followingUntil && !asked) limited.push(now);
    asked = false;
    look();
  };

  const pass = (ms: number, fails: boolean): void => {
    const end = now + ms;
    for (;;) {
      const due = heal.dueAt(now);
      if (due === null || due > end) break;
      now = Math.max(now, due);
      look();
      const before = count.repairs;
      repair(fails);
      // The loop would never rest if something were due that may not be done.
      expect(count.repairs).toBe(before + 1);
      if (fails && now < followingUntil) break;
    }
    now = Math.max(now, end);
  };

  look();
  for (const one of deeds) {
    switch (one.kind) {
      case "take": {
        const isFresh = complete;
        complete = false;
        const foreign = one.by !== null && one.by !== kernel && one.by !== us;
        if (one.late) look();
        if (foreign && blamedAt === null) blamedAt = isFresh ? now : now - undoDelayMs;
        if (one.by !== null) {
          take(
            heal.hear(
              {
                at: now,
                part: "rule",
                family: "ipv4",
                slot: 0,
                interfaceIndex: null,
                replacedBy: null,
                requester: one.by,
              },
              now,
            ),
          );
        }
        break;
      }
      case "link":
        followingUntil = now + followMs;
        undos.length = 0;
        take(heal.linkChanged(2, now));
        break;
      case "default":
        followingUntil = now + followMs;
        undos.length = 0;
        take(heal.defaultChanged("ipv4", now));
        break;
      case "wake":
        followingUntil = now + followMs;
        undos.length = 0;
        take(heal.woke(now));
        break;
      case "resume":
        undos.length = 0;
        asked = true;
        take(heal.resume(key));
        break;
      case "pass":
        pass(one.ms, one.fails);
        break;
      default:
        one satisfies never;
    }
    look();
    repair(false);
    expect(heal.mayRepair(bystander, now)).toBe("repair");
  }
  for (const [first, from] of limited.entries()) {
    for (const [last, until] of limited.entries()) {
      const most = repairBurst + (until - from) / repairEveryMs;
      if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
    }
  }
  return count;
}

describe("createSelfHeal()", () => {
  const seen = { repairs: 0, fights: 0 };

  test.prop([fc.array(deed, { minLength: 10, maxLength: 80, size: "max" })], { numRuns: 500 })(
    "keeps within its limits, and repairs nothing from a fight on until it is over",
    (deeds) => {
      const { repairs, fights } = live(deeds);
      seen.repairs += repairs;
      seen.fights += fights;
    },
  );

  // A healer that never does anything would keep these promises too.
  afterAll(() => {
    expect(seen.repairs).toBeGreaterThan(1_000);
    expect(seen.fights).toBeGreaterThan(50);
  });
});
