import { describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import type { Requester, ScopedEvidence } from "../../../src/platform/route-evidence.ts";
import { defaultHealOptions } from "../../../src/routes/self-heal/healer.ts";
import { createSelfHeal, type ScopedLook } from "../../../src/routes/self-heal/self-heal.ts";
import type { ScopedKey } from "../../../src/routes/self-heal/self-heal-event.ts";

const eth0: ScopedKey = { family: "ipv4", interfaceIndex: 2 };
const eth0Six: ScopedKey = { family: "ipv6", interfaceIndex: 2 };
const wlan0: ScopedKey = { family: "ipv4", interfaceIndex: 3 };
const kernel: Requester = { portId: 0, pid: null, command: null };
const us: Requester = { portId: 900, pid: 900, command: "netwatchd" };
const flusher: Requester = { portId: 51, pid: 51, command: "ip" };

function removal(requester: Requester, more: Partial<ScopedEvidence> = {}): ScopedEvidence {
  return {
    at: 0,
    part: "rule",
    family: "ipv4",
    slot: 0,
    interfaceIndex: null,
    replacedBy: null,
    requester,
    ...more,
  };
}

/** eth0 in both families and wlan0, in slots 0, 0 and 1. */
class Host {
  now = 1_000;
  readonly heal = createSelfHeal({
    limits: defaultHealOptions,
    isOurRequester: ({ portId }) => portId === us.portId,
  });
  readonly broken = new Set<ScopedKey>();

  constructor() {
    this.look();
  }

  look(): readonly string[] {
    const seen = [eth0, eth0Six, wlan0].map(
      (key): ScopedLook => ({
        ...key,
        slot: key === wlan0 ? 1 : 0,
        complete: !this.broken.has(key),
      }),
    );
    return this.heal.look(seen, this.now).map(({ kind }) => kind);
  }

  /** Somebody takes eth0's IPv4 part away, with a message where there is one. */
  takeAway(by: Requester | null, more: Partial<ScopedEvidence> = {}): readonly string[] {
    this.broken.add(eth0);
    const heard = by === null ? [] : this.heal.hear(removal(by, more), this.now);
    return [...heard.map(({ kind }) => kind), ...this.look()];
  }

  /** What the loop does at the next time that something is due; how long that took. */
  repairNext(): number | null {
    const due = this.heal.dueAt(this.now);
    if (due === null) return null;
    const waited = Math.max(0, due - this.now);
    this.now = Math.max(this.now, due);
    this.look();
    expect(this.heal.mayRepair(eth0, this.now)).toBe("repair");
    this.heal.repaired(eth0, this.now);
    this.broken.delete(eth0);
    this.look();
    return waited;
  }

  fightOut(): readonly string[] {
    const events: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      events.push(...this.takeAway(flusher));
      this.repairNext();
      this.now += 1_000;
    }
    return events;
  }
}

describe("an undo", () => {
  test("is put back after 250 ms", () => {
    const host = new Host();
    expect(host.takeAway(flusher)).toEqual(["undone"]);
    expect(host.heal.mayRepair(eth0, host.now + 249)).toBe("wait");
    expect(host.heal.holds(host.now + 249)).toMatchObject([{ ...eth0, kind: "wait" }]);
    expect(host.heal.holds(host.now + 250)).toEqual([]);
    expect(host.heal.mayRepair(eth0, host.now + 250)).toBe("repair");
    expect(host.repairNext()).toBe(250);
    expect(host.heal.dueAt(host.now)).toBeNull();
  });

  test("is one, however many messages tell of its parts", () => {
    const host = new Host();
    host.heal.hear(removal(flusher), host.now);
    expect(host.takeAway(flusher)).toEqual(["undone"]);
    expect(host.takeAway(flusher, { part: "route" })).toEqual([]);
  });

  test("is known also by a message that comes after the look", () => {
    const host = new Host();
    expect(host.takeAway(null)).toEqual([]);
    const events = host.heal.hear(removal(flusher), host.now + 5);
    expect(events).toMatchObject([{ kind: "undone", undos: 1, by: { requester: flusher } }]);
  });

  test.each([
    ["the kernel", kernel],
    ["netwatch itself", us],
  ])("is not what %s does", (_name, by) => {
    const host = new Host();
    expect(host.takeAway(by)).toEqual([]);
    expect(host.heal.fightOver(eth0)).toBeNull();
  });

  test("a message about what stands again counts for nothing", () => {
    const host = new Host();
    host.heal.hear(removal(flusher), host.now);
    expect(host.look()).toEqual([]);
    expect(host.takeAway(null)).toEqual([]);
  });

  test("belongs to one uplink and family: by slot, or by interface where there are no slots", () => {
    const host = new Host();
    host.broken.add(wlan0).add(eth0Six);
    host.look();
    const bySlot = host.heal.hear(removal(flusher, { slot: 1 }), host.now);
    expect(bySlot).toMatchObject([wlan0]);
    const more = { slot: null, interfaceIndex: 2, family: "ipv6" as IpFamily };
    expect(host.heal.hear(removal(flusher, more), host.now)).toMatchObject([eth0Six]);
    expect(host.heal.hear(removal(flusher, { slot: 40 }), host.now)).toEqual([]);
    expect(host.heal.mayRepair(eth0, host.now)).toBe("repair");
  });
});

describe("repairs", () => {
  test("what nobody explains waits 250 ms, and has a burst of 10, then one in 5 s", () => {
    const host = new Host();
    const waits: (number | null)[] = [];
    for (let round = 0; round < 13; round += 1) {
      host.takeAway(null);
      waits.push(host.repairNext());
    }
    expect(waits.slice(0, 10)).toEqual(new Array(10).fill(250));
    expect(waits[10]).toBeGreaterThan(2_000);
    expect(waits[11]).toBe(5_000);
    expect(waits[12]).toBe(5_000);
  });

  test("a repair that did not help is tried again within the same limits", () => {
    const host = new Host();
    host.takeAway(null);
    let repairs = 0;
    for (const end = host.now + 60_000; host.now < end; ) {
      host.now = Math.max(host.now, host.heal.dueAt(host.now) ?? end);
      if (host.heal.mayRepair(eth0, host.now) === "repair") {
        host.heal.repaired(eth0, host.now);
        repairs += 1;
      }
      host.look();
    }
    expect(repairs).toBeGreaterThan(10);
    expect(repairs).toBeLessThanOrEqual(10 + 12);
  });

  test.each<[string, (host: Host) => void]>([
    ["a link change", ({ heal, now }) => heal.linkChanged(2, now)],
    ["a default change", ({ heal, now }) => heal.defaultChanged("ipv4", now)],
    ["a wake", ({ heal, now }) => heal.woke(now)],
  ])("after %s they follow at once, without a limit and without a count", (_name, change) => {
    const host = new Host();
    for (let round = 0; round < 30; round += 1) {
      change(host);
      host.takeAway(null);
      expect(host.repairNext()).toBe(0);
      host.now += 300;
    }
    change(host);
    expect(host.takeAway(flusher)).toEqual([]);
    expect(host.repairNext()).toBe(250);
  });

  test("another interface's change is none of this one's", () => {
    const host = new Host();
    host.heal.linkChanged(3, host.now);
    host.heal.defaultChanged("ipv6", host.now);
    host.takeAway(null);
    expect(host.repairNext()).toBe(250);
  });

  test("following ends after 2 s", () => {
    const host = new Host();
    host.heal.woke(host.now);
    host.now += 2_000;
    expect(host.takeAway(flusher)).toEqual(["undone"]);
  });

  test("what was never seen may be made at once", () => {
    const host = new Host();
    expect(host.heal.mayRepair({ family: "ipv4", interfaceIndex: 77 }, host.now)).toBe("repair");
  });
});

describe("a fight", () => {
  test("is five undos in 60 s: netwatch stops and says who", () => {
    const host = new Host();
    const events = host.fightOut();
    expect(events.filter((kind) => kind === "undone")).toHaveLength(5);
    expect(events.at(-1)).toBe("fight");
    expect(host.heal.mayRepair(eth0, host.now + 3_600_000)).toBe("fight");
    expect(host.heal.dueAt(host.now)).toBeNull();
    expect(host.heal.fightOver(eth0)).toEqual({
      opponents: [{ requester: flusher, protocol: null }],
      meaning:
        "ip (pid 51) took it away 5 times within a minute; it is left alone until a link or the default changes, or until it is installed by hand",
    });
    expect(host.heal.fightOver(wlan0)).toBeNull();
    const reason = host.heal.fightOver(eth0)?.meaning;
    expect(host.heal.holds(host.now)).toEqual([{ ...eth0, kind: "fight", reason }]);
  });

  test("five undos in more than 60 s are none", () => {
    const host = new Host();
    for (let round = 0; round < 40; round += 1) {
      expect(host.takeAway(flusher)).toEqual(["undone"]);
      host.repairNext();
      host.now += 15_000;
    }
  });

  test.each<[string, (host: Host) => readonly { readonly kind: string }[]]>([
    ["the next link change", ({ heal, now }) => heal.linkChanged(2, now)],
    ["the next default change", ({ heal, now }) => heal.defaultChanged("ipv4", now)],
    ["an explicit request", ({ heal }) => heal.resume(eth0)],
  ])("ends with %s, and the count begins anew", (_name, change) => {
    const host = new Host();
    host.fightOut();
    expect(change(host)).toMatchObject([{ kind: "resumed", ...eth0 }]);
    expect(host.heal.mayRepair(eth0, host.now)).toBe("repair");
    host.repairNext();
    host.now += 2_000;
    expect(host.fightOut().filter((kind) => kind === "undone")).toHaveLength(5);
  });

  test("an explicit request is fulfilled at once, and only once", () => {
    const host = new Host();
    host.fightOut();
    host.takeAway(flusher);
    host.heal.resume(eth0);
    host.look();
    expect(host.heal.mayRepair(eth0, host.now)).toBe("repair");
    host.heal.repaired(eth0, host.now);
    host.look();
    expect(host.heal.mayRepair(eth0, host.now)).toBe("wait");
  });

  test("a request ends no fight of another, and is no event where there is none", () => {
    const host = new Host();
    host.fightOut();
    expect(host.heal.resume(wlan0)).toEqual([]);
    expect(host.heal.mayRepair(eth0, host.now)).toBe("fight");
  });

  test("is forgotten with its scoped default", () => {
    const host = new Host();
    host.fightOut();
    host.heal.look([], host.now);
    host.look();
    expect(host.heal.fightOver(eth0)).toBeNull();
  });
});
