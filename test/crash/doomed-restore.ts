import { setTimeout as delay } from "node:timers/promises";
import { openPlatform } from "../../src/platform/open-platform.ts";
import { restoreRoutes } from "../../src/routes/restore.ts";
import { openDoomedManagement, readInterfaces } from "./doomed-pieces.ts";
import type { FaultPoints } from "./fault-points.ts";
import type { Order } from "./life.ts";

const never = new AbortController().signal;

/** The life of a restore without a daemon. */
export async function restoreOnce(order: Order, points: FaultPoints): Promise<void> {
  const platform = await openPlatform({ netns: order.netns });
  const management = await openDoomedManagement(platform, order, points);
  await restoreRoutes(
    {
      verb: "restore",
      ...management,
      lockWaitMs: 5_000,
      readInterfaces: (signal) => readInterfaces(platform, signal),
      pause: async (ms, signal) => void (await delay(ms, undefined, { signal })),
      dryRun: false,
    },
    never,
  );
}
