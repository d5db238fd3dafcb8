import { openPlatform } from "../../src/platform/open-platform.ts";
import type { Platform } from "../../src/platform/platform.ts";
import type { DisplacingWish } from "../../src/routes/displacement.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import { createRouteKeeper } from "../../src/routes/route-keeper.ts";
import { changeWorld, openDoomedManagement, readInterfaces } from "./doomed-pieces.ts";
import type { FaultPoints } from "./fault-points.ts";
import type { Order, WishedDefault } from "./life.ts";

const never = new AbortController().signal;

/** The life of the loop that changes routes: every wish can be made of it. */
export async function keepRoutes(
  order: Order,
  points: FaultPoints,
  changed: (deed: number) => void,
): Promise<void> {
  const platform = await openPlatform({ netns: order.netns });
  const management = await openDoomedManagement(platform, order, points);
  await hold(management.lock());
  const { control, directory, places, tag, moment, newPlanName } = management;
  const { journalLimitBytes: limitBytes } = order.life;
  const journal = await openJournal(directory, control.identity(), { now: moment, limitBytes });
  const keeper = createRouteKeeper(
    {
      workplace: {
        control: guardRemovals(control),
        journal,
        places,
        newPlanName,
        uptimeMs: () => moment().uptimeMs,
      },
      policy: { scoped: "auto", families: ["ipv4", "ipv6"], replies: false, byHand: new Map() },
      tag,
      carrierGraceMs: 60_000,
      now: Date.now,
      random: () => 0.5,
      holds: () => [],
      onReconciled: () => undefined,
      onFailure: () => undefined,
    },
    never,
  );
  const follow = async (): Promise<void> => keeper.follow(await readInterfaces(platform, never));
  await follow();
  let wished: readonly WishedDefault[] = [];
  for (const [at, deed] of order.life.deeds.entries()) {
    switch (deed.do) {
      case "world":
        changeWorld(deed);
        changed(at);
        await follow();
        break;
      case "displace":
        for (const { id } of wished)
          if (!deed.wishes.some((one) => one.id === id)) await keeper.release(id);
        for (const wish of deed.wishes)
          await keeper.displace(await displacing(wish, platform, tag));
        wished = deed.wishes;
        break;
      case "install":
        await keeper.install(deed.interfaceName);
        break;
      case "remove":
        await keeper.remove(deed.interfaceName);
        break;
      case "rotate":
        await journal.rotate();
        break;
      case "restore":
        await keeper.restore();
        break;
      case "lease":
      case "release":
        throw new Error("only a daemon has leases");
      case "stop":
        await keeper.stop(deed.onStop);
        return;
      default:
        return deed satisfies never;
    }
  }
}

async function displacing(
  { id, family, gateway, metric }: WishedDefault,
  platform: Platform,
  tag: string,
): Promise<DisplacingWish> {
  const interfaces = await readInterfaces(platform, never);
  const tunnel = [...interfaces.values()].find(({ name }) => name === "tun0");
  if (tunnel === undefined) throw new Error("there is no tun0");
  return {
    id,
    displace: true,
    by: { command: "vpn", pid: process.pid, uid: 0 },
    route: {
      family,
      prefix: family === "ipv4" ? "0.0.0.0/0" : "::/0",
      type: "unicast",
      gateway,
      interfaceIndex: tunnel.index,
      metric,
      tos: 0,
      table: 254,
      position: 0,
      protocol: tag,
      source: null,
      onlink: false,
      mtu: null,
      pref: family === "ipv4" ? null : "medium",
      expiresAt: null,
      linkdown: false,
      nexthopId: null,
      nexthops: [],
    },
  };
}

async function hold(lock: Promise<{ readonly kind: string }>): Promise<void> {
  const { kind } = await lock;
  if (kind !== "acquired") throw new Error("somebody else manages this namespace");
}
