import { describe, expect, test } from "vitest";
import type { DefaultRoute } from "../../../src/network/route.ts";
import type { Requester, RouteEvidence } from "../../../src/platform/route-evidence.ts";
import {
  createDisplacementHeal,
  type DisplacementEvent,
} from "../../../src/routes/self-heal/displacement-heal.ts";
import type { DisplacementLook } from "../../../src/routes/self-heal/displacement-look.ts";
import { defaultHealOptions } from "../../../src/routes/self-heal/healer.ts";
import { defaultRoute, tag } from "../memory-host.ts";

const owner: Requester = { portId: 77, pid: 77, command: "dhclient" };
const kernel: Requester = { portId: 0, pid: null, command: null };
const us: Requester = { portId: 1, pid: 1, command: "netwatchd" };
const theirs = defaultRoute("ipv4", 2, "10.0.0.1", { protocol: "dhcp" });
const ours = defaultRoute("ipv4", 9, "10.9.0.1", { protocol: tag });
const standing: DisplacementLook = {
  debt: "lease-1",
  family: "ipv4",
  table: 254,
  over: "tun0",
  interfaces: [9, 2],
  complete: true,
  stands: true,
  others: "",
};

class Host {
  now = 10_000;
  readonly events: DisplacementEvent[] = [];
  look: DisplacementLook = standing;
  readonly heal = createDisplacementHeal({
    limits: defaultHealOptions,
    tag,
    isOurRequester: ({ pid }) => pid === us.pid,
    awakeMs: () => this.now,
    tell: (events) => this.events.push(...events),
  });

  constructor() {
    this.heal.look([standing]);
  }

  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  says(action: RouteEvidence["action"], route: DefaultRoute, requester: Requester): void {
    this.heal.hear({ at: this.now, action, route, requester });
  }

  /** What is left alone now. */
  sees(changes: Partial<DisplacementLook> = {}): readonly string[] {
    this.look = { ...this.look, ...changes };
    return this.heal.look([this.look]).map(({ reason }) => reason);
  }

  /** Somebody undoes it; the loop repairs it as soon as it may. How long that took, or null when it never may. */
  undo(by: Requester): number | null {
    this.says("added", theirs, by);
    this.sees({ complete: false });
    const due = this.heal.dueAt();
    if (due === null) return null;
    const waited = Math.max(0, due - this.now);
    this.now += waited;
    expect(this.sees()).toEqual([]);
    this.heal.repairing("lease-1");
    this.sees({ complete: true });
    return waited;
  }
}

describe("createDisplacementHeal()", () => {
  test("what was displaced and comes back is displaced again after 250 ms", () => {
    const host = new Host();
    host.says("added", theirs, owner);
    expect(host.sees({ complete: false })).toEqual(["somebody changed it a moment ago"]);
    expect(host.events).toMatchObject([
      { kind: "undone", debt: "lease-1", family: "ipv4", over: "tun0", by: { requester: owner } },
    ]);
    host.now += 250;
    expect(host.sees()).toEqual([]);
  });

  test("so is ours that somebody took away, or replaced", () => {
    for (const [action, route] of [
      ["removed", ours],
      ["replaced", theirs],
    ] as const) {
      const host = new Host();
      host.says(action, route, owner);
      host.sees({ complete: false, stands: false });
      expect(host.kinds).toEqual(["undone"]);
    }
  });

  test("what the kernel or netwatch does, and what happens in other tables, is no undo", () => {
    const host = new Host();
    host.says("added", theirs, kernel);
    host.says("removed", ours, us);
    host.says("removed", theirs, owner);
    host.says("added", { ...theirs, table: 100 }, owner);
    host.says("added", defaultRoute("ipv6", 2, "fe80::1"), owner);
    expect(host.sees({ complete: false })).toEqual([]);
    expect(host.events).toEqual([]);
  });

  test("what nobody explains is put right at once, ten times, and then once in 5 s", () => {
    const host = new Host();
    for (let round = 0; round < 10; round += 1) expect(host.undo(kernel)).toBe(0);
    expect(host.undo(kernel)).toBe(5_000);
    expect(host.undo(kernel)).toBe(5_000);
  });

  test("five undos in 60 s are a fight: netwatch stops, and says who", () => {
    const host = new Host();
    for (let round = 0; round < 4; round += 1) expect(host.undo(owner)).toBe(250);
    expect(host.undo(owner)).toBeNull();
    expect(host.events.at(-1)).toMatchObject({
      kind: "fight",
      meaning:
        "dhclient (pid 77) took it away, or put another before it, 5 times within a minute; it is left alone until a link or another default changes, or until it is asked for again",
    });
    host.now += 3_600_000;
    expect(host.sees()[0]).toMatch(/^dhclient \(pid 77\) took it away/);
  });

  test.each<[string, (host: Host) => unknown]>([
    ["a link of it changes", (host) => host.heal.linkChanged(2)],
    ["another default comes", (host) => host.sees({ others: "another" })],
    ["the host wakes", (host) => host.heal.woke()],
    ["it is asked for again", (host) => host.heal.wished("lease-1")],
  ])("a fight ends when %s", (_name, happens) => {
    const host = new Host();
    for (let round = 0; round < 5; round += 1) host.undo(owner);
    host.now += 100;
    happens(host);
    expect(host.kinds.at(-1)).toBe("resumed");
    host.now += 250;
    expect(host.sees()).toEqual([]);
  });

  test("what belongs to the fight does not end it: theirs comes and goes, another link changes", () => {
    const host = new Host();
    for (let round = 0; round < 5; round += 1) host.undo(owner);
    host.heal.linkChanged(3);
    expect(host.sees({ complete: true })).toEqual([]);
    host.says("added", theirs, owner);
    expect(host.sees({ complete: false })).toHaveLength(1);
    expect(host.kinds.filter((kind) => kind === "fight")).toHaveLength(1);
  });

  test("after an end by another default the limits hold on", () => {
    const host = new Host();
    for (let round = 0; round < 40; round += 1) {
      host.sees({ others: `another ${round}` });
      host.undo(owner);
    }
    const before = host.now;
    host.undo(owner);
    expect(host.now - before).toBeGreaterThan(1_000);
  });

  test("nothing that did not stand is held back: neither the first time nor when it is wished again", () => {
    const host = new Host();
    const fresh = { ...standing, debt: "lease-2", complete: false, stands: false };
    expect(host.heal.look([standing, fresh])).toEqual([]);
    // A newer lease stands before it, and ends.
    for (let round = 0; round < 30; round += 1) {
      expect(host.sees({ complete: true, stands: false })).toEqual([]);
      expect(host.sees({ complete: false, stands: false })).toEqual([]);
      host.heal.repairing("lease-1");
      expect(host.sees({ complete: true, stands: true })).toEqual([]);
    }
  });

  test("is forgotten with its debt", () => {
    const host = new Host();
    for (let round = 0; round < 5; round += 1) host.undo(owner);
    host.heal.look([]);
    expect(host.sees({ complete: false, stands: false })).toEqual([]);
    expect(host.heal.dueAt()).toBeNull();
  });
});
