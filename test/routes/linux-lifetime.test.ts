import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { openLinuxPlatform } from "../../src/platform/linux/linux-platform.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { emptyCarrierHistory } from "../../src/routes/gateway-memory.ts";
import { foldJournal } from "../../src/routes/journal/journal-state.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import { reconcile } from "../../src/routes/reconcile.ts";
import { openNamespace, until } from "../namespace/namespace.ts";
import { openRouteControlHost } from "../platform/linux/route-control-host.ts";
import { memoryDirectory } from "./journal/memory-directory.ts";
import { defaultRoute, displacing, intentions, never, places, tag } from "./memory-host.ts";

const announce = join(import.meta.dirname, "../platform/linux/announce-router.py");

test.skipIf(process.platform !== "linux")(
  "a displaced default that its router announces again is displaced again, with its new lifetime on record",
  async () => {
    await using host = await openRouteControlHost();
    await using platform = openLinuxPlatform();
    using router = await openNamespace();
    host.ip(
      `link add up0 type veth peer name lan netns ${router.pid}`,
      "link add wan0 type veth peer name wan0p",
    );
    for (const setting of ["accept_dad", "router_solicitations"])
      writeFileSync(`/proc/sys/net/ipv6/conf/up0/${setting}`, "0");
    router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/lan/addr_gen_mode");
    router.ipBatch(["link set lan up", "address add fe80::1/64 dev lan nodad"]);
    for (const name of ["up0", "wan0", "wan0p"]) host.ip(`link set ${name} up`);
    host.ip("address add fd01::2/64 dev wan0 nodad");
    const main = (): string => host.table("ipv6", "main");
    const announced = (lifetime: number): Promise<void> =>
      until("the router's default", () => {
        router.run("python3", announce, "lan", String(lifetime), "medium");
        return main().includes("default via fe80::1");
      });
    const journal = await openJournal(memoryDirectory(), host.control.identity(), {
      now: () => ({ epochMs: Date.now(), uptimeMs: performance.now() }),
    });
    const { interfaces } = await platform.read({ kind: "all" }, never);
    const seen = new Map<number, NetworkInterface>();
    for (const [index, link] of interfaces) if (link !== null) seen.set(index, link);
    const round = async (): Promise<readonly string[]> => {
      const wish = displacing(defaultRoute("ipv6", host.indexOf("wan0"), "fd01::1"));
      const { outcomes } = await reconcile(
        intentions({ scoped: null, displacing: [wish] }),
        {
          interfaces: seen,
          carriers: emptyCarrierHistory,
          holds: [],
          madeHere: new Set(),
          refused: new Map(),
          tag,
          now: Date.now,
          changedAtUptimeMs: performance.now(),
        },
        {
          control: guardRemovals(host.control),
          journal,
          places,
          newPlanName: () => "plan",
          uptimeMs: () => performance.now(),
        },
        never,
      );
      return outcomes.map(({ step, result }) => `${step.kind} ${result}`);
    };
    const left = (): number => {
      const [debt] = foldJournal(journal.records, journal.identity).openDebts;
      return (debt?.displaced.defaults[0]?.route.expiresAt ?? 0) - Date.now();
    };

    await announced(300);
    expect(await round()).toEqual(["open-debt done", "remove-default done", "add-default done"]);
    expect(main()).not.toContain("fe80::1");
    await announced(400);
    expect(await round()).toEqual(["remove-default done"]);
    expect(left()).toBeLessThan(300_000);
    await announced(1_800);
    expect(await round()).toEqual(["renew-debt done", "remove-default done"]);
    expect(left()).toBeGreaterThan(1_700_000);
    expect(main()).not.toContain("fe80::1");
    await journal[Symbol.asyncDispose]();
  },
);
