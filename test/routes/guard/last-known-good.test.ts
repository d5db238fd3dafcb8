import { describe, expect, test } from "vitest";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";
import {
  createLastKnownGood,
  type KnownGood,
  type LastKnownGood,
} from "../../../src/routes/guard/last-known-good.ts";
import type { JournalFact } from "../../../src/routes/journal/record.ts";
import { memoryDefault } from "../../platform/memory/memory-host.ts";
import { eth0, looksLike, tun0, viaEth0, viaTun0, viaWlan0, wlan0 } from "./host.ts";

interface Kept {
  readonly good: LastKnownGood;
  readonly facts: JournalFact[];
}

function keeping(ipv4: KnownGood | null = null, epochMs = () => 0): Kept {
  const facts: JournalFact[] = [];
  const good = createLastKnownGood({
    standForMs: 10_000,
    known: { ipv4, ipv6: null },
    isOurRoute: ({ protocol }) => protocol === "199",
    write: (fact) => facts.push(fact),
    epochMs,
  });
  return { good, facts };
}

const all = [eth0, wlan0, tun0];

describe("createLastKnownGood()", () => {
  test("writes the effective default once it has stood for 10 s, and no second time", () => {
    const { good, facts } = keeping();
    good.look(looksLike(all, [viaWlan0, viaEth0]), 0);
    expect(good.dueAt()).toBe(10_000);
    good.advance(9_999);
    expect(facts).toEqual([]);
    good.advance(10_000);
    expect(facts).toMatchObject([
      {
        kind: "last-known-good",
        family: "ipv4",
        route: viaEth0,
        interfaces: [{ index: 2, name: "eth0", mac: eth0.mac, kind: "physical" }],
      },
    ]);
    expect(good.dueAt()).toBeNull();
    good.look(looksLike(all, [viaEth0]), 20_000);
    good.advance(90_000);
    expect(facts).toHaveLength(1);
  });

  test("writes nothing that the journal has already", () => {
    const first = keeping();
    first.good.look(looksLike(all, [viaEth0]), 0);
    first.good.advance(10_000);
    const [fact] = first.facts;
    if (fact?.kind !== "last-known-good") throw new Error("nothing was written");
    const second = keeping(fact);
    second.good.look(looksLike(all, [viaEth0]), 0);
    expect(second.good.dueAt()).toBeNull();
    second.good.advance(60_000);
    expect(second.facts).toEqual([]);
  });

  test.each<[string, DefaultRoute]>([
    ["a tunnel's", viaTun0],
    ["one of our own", { ...viaEth0, protocol: "199" }],
    ["half of a split", { ...viaEth0, prefix: "0.0.0.0/1" }],
    ["one of a rule's table", { ...viaEth0, table: 100 }],
    ["a dead link's", { ...viaEth0, linkdown: true }],
    ["a vanished interface's", { ...viaEth0, interfaceIndex: 99 }],
  ])("does not take %s default", (_name, route) => {
    const { good, facts } = keeping();
    good.look(looksLike(all, [route]), 0);
    good.advance(60_000);
    expect(facts).toEqual([]);
  });

  test("does not take one over a link without carrier", () => {
    const { good, facts } = keeping();
    good.look(looksLike([{ ...eth0, carrier: false }], [viaEth0]), 0);
    good.advance(60_000);
    expect(facts).toEqual([]);
  });

  describe.each(["container", "virtual"] as const)(
    "a device of software, such as a VPN's: %s",
    (kind) => {
      const soft0 = { ...eth0, index: 8, name: "vpn0", mac: "02:00:00:00:00:08", kind };
      const viaSoft0 = memoryDefault("10.0.0.9", 8, { metric: 100 });
      const replaced = (then: readonly NetworkInterface[]): Kept => {
        const kept = keeping();
        kept.good.look(looksLike([eth0, soft0], [viaEth0]), 0);
        kept.good.look(looksLike([eth0, soft0], [viaEth0]), 10_000);
        kept.good.look(looksLike(then, [viaSoft0]), 20_000);
        kept.good.advance(60_000);
        return kept;
      };
      const written = ({ facts }: Kept): readonly unknown[] =>
        facts.map((fact) => fact.kind === "last-known-good" && fact.interfaces[0]?.name);

      test("takes not the place of a real link that could carry the default again", () => {
        expect(written(replaced([eth0, soft0]))).toEqual(["eth0"]);
      });

      test.each<[string, readonly NetworkInterface[]]>([
        ["is gone", [soft0]],
        ["is down", [{ ...eth0, up: false }, soft0]],
        ["has no carrier", [{ ...eth0, carrier: false }, soft0]],
        ["is in another network", [{ ...eth0, addresses: wlan0.addresses }, soft0]],
      ])("takes its place when that %s", (_, then) => {
        expect(written(replaced(then))).toEqual(["eth0", "vpn0"]);
      });

      test("is good where there is nothing else, as in a container", () => {
        const kept = keeping();
        kept.good.look(looksLike([soft0], [viaSoft0]), 0);
        kept.good.look(looksLike([soft0], [{ ...viaSoft0, gateway: "10.0.0.1" }]), 20_000);
        kept.good.advance(60_000);
        expect(written(kept)).toEqual(["vpn0"]);
      });
    },
  );

  test("a default that a tunnel overrides begins its 10 s anew", () => {
    const { good, facts } = keeping();
    good.look(looksLike(all, [viaEth0]), 0);
    good.look(looksLike(all, [{ ...viaTun0, metric: 1 }, viaEth0]), 9_000);
    good.advance(60_000);
    good.look(looksLike(all, [viaEth0]), 60_000);
    good.advance(69_999);
    expect(facts).toEqual([]);
    good.advance(70_000);
    expect(facts).toHaveLength(1);
  });

  test("a lifetime is written anew when less than half of what is left is on record", () => {
    let epochMs = 0;
    const { good, facts } = keeping(null, () => epochMs);
    const announced = (): void => {
      const ra = memoryDefault("fe80::1", 2, { protocol: "ra", expiresAt: epochMs + 1_800_000 });
      good.look(looksLike(all, [ra]), epochMs);
      good.advance(epochMs + 10_000);
    };
    for (; epochMs < 36_000_000; epochMs += 300_000) announced();
    const ends = facts.flatMap((fact) =>
      fact.kind === "last-known-good" ? [fact.route.expiresAt ?? 0] : [],
    );
    expect(ends.length).toBeGreaterThan(10);
    expect(ends.length).toBeLessThanOrEqual(40);
    expect(ends.at(-1)).toBeGreaterThan(epochMs);
  });

  test("a sliding lifetime changes nothing, another gateway does", () => {
    const { good, facts } = keeping();
    const ra = memoryDefault("fe80::1", 2, { protocol: "ra", expiresAt: 1_000_000 });
    good.look(looksLike(all, [ra]), 0);
    good.advance(10_000);
    good.look(looksLike(all, [{ ...ra, expiresAt: 2_000_000 }]), 20_000);
    good.advance(60_000);
    expect(facts).toHaveLength(1);
    good.look(looksLike(all, [{ ...ra, gateway: "fe80::2" }]), 60_000);
    good.advance(70_000);
    expect(facts).toMatchObject([
      { route: { gateway: "fe80::1" } },
      { route: { gateway: "fe80::2" } },
    ]);
  });

  test("voidIfSame() voids that default alone, and once", () => {
    const { good, facts } = keeping();
    good.look(looksLike(all, [viaEth0]), 0);
    good.advance(10_000);
    good.look(looksLike(all, []), 20_000);
    good.voidIfSame(viaWlan0, "deliberate-removal");
    expect(facts).toHaveLength(1);
    good.voidIfSame({ ...viaEth0, metric: 7 }, "deliberate-removal");
    good.voidIfSame(viaEth0, "deliberate-removal");
    expect(facts.slice(1)).toEqual([
      { kind: "last-known-good-void", family: "ipv4", reason: "deliberate-removal" },
    ]);
  });

  test("forget() voids whatever the family has, and what stands on must prove itself anew", () => {
    const { good, facts } = keeping();
    good.look(looksLike(all, [viaEth0]), 0);
    good.advance(10_000);
    good.forget("ipv6");
    good.forget("ipv4");
    expect(facts.slice(1)).toEqual([
      { kind: "last-known-good-void", family: "ipv4", reason: "forgotten" },
    ]);
    good.look(looksLike(all, [viaEth0]), 20_000);
    expect(good.dueAt()).toBe(30_000);
  });

  test("a default whose bytes were not read is not written", () => {
    const { good, facts } = keeping();
    const bare = { ...looksLike(all, [viaEth0]), records: [] };
    good.look(bare, 0);
    good.advance(60_000);
    expect(facts).toEqual([]);
  });
});
