import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { openPeerReader } from "../../src/daemon/peer.ts";
import type { Management } from "../../src/management/management.ts";
import { interfacePolicy } from "../../src/monitor/interface-policy.ts";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { openLinuxRouteControl } from "../../src/platform/linux/linux-route-control.ts";
import { openTraceableTransport } from "../../src/platform/linux/requester.ts";
import type { Platform } from "../../src/platform/platform.ts";
import {
  acquireManagementLock,
  managementLockName,
} from "../../src/routes/journal/management-lock.ts";
import { stateDirectoryOnDisk } from "../../src/routes/journal/state-directory-on-disk.ts";
import { slotCount } from "../../src/routes/slot-choice.ts";
import { type FaultPoints, faultyDirectory, faultyTransport } from "./fault-points.ts";
import type { Deed, Order } from "./life.ts";

const kinds = { "tun*": "tunnel" } as const;
const layout = { preferenceBase: 5_100, tableBase: 5_100, protocol: 199 };

/** What netwatch opens to change routes, with fault points at the disk and at the kernel. */
export async function openDoomedManagement(
  platform: Platform,
  { directory }: Order,
  points: FaultPoints,
): Promise<Management> {
  const uid = process.geteuid?.() ?? 0;
  const control = openLinuxRouteControl({
    ...layout,
    slots: slotCount,
    openTransport: () => faultyTransport(openTraceableTransport(), points),
  });
  const read = await openPeerReader(process.platform);
  return {
    control,
    directory: faultyDirectory(stateDirectoryOnDisk(join(directory, "state"), uid), points),
    places: layout,
    tag: String(layout.protocol),
    lock: () =>
      acquireManagementLock({
        kind: "abstract-socket",
        name: managementLockName,
        readPeer: (socket) => {
          const peer = read(socket);
          if (peer === null) throw new Error("nobody is at the other end");
          return peer;
        },
      }),
    moment: () => ({ epochMs: Date.now(), uptimeMs: platform.uptime().totalMs }),
    newPlanName: randomUUID,
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}

/** The interfaces as a daemon of the test's configuration sees them. */
export async function readInterfaces(
  platform: Platform,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, NetworkInterface>> {
  const { kindOf } = interfacePolicy([], kinds);
  const { interfaces } = await platform.read({ kind: "all" }, signal);
  return new Map(
    [...interfaces].flatMap(([index, link]) =>
      link === null ? [] : [[index, { ...link, kind: kindOf(link) }]],
    ),
  );
}

/** Changes the network as others do. */
export function changeWorld({ ip }: Extract<Deed, { readonly do: "world" }>): void {
  execFileSync("ip", ["-batch", "-"], {
    input: `${ip.join("\n")}\n`,
    stdio: ["pipe", "ignore", "inherit"],
  });
}
