import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { openRouteControl } from "../platform/open-route-control.ts";
import type { NetworkReader } from "../platform/platform.ts";
import type { RouteControl } from "../platform/route-control.ts";
import type { JournalMoment } from "../routes/journal/journal-entry.ts";
import {
  acquireManagementLock,
  type LockHeld,
  type LockHolder,
  type ManagementLock,
} from "../routes/journal/management-lock.ts";
import type { StateDirectory } from "../routes/journal/state-directory.ts";
import { stateDirectoryOnDisk } from "../routes/journal/state-directory-on-disk.ts";
import { slotCount } from "../routes/slot-choice.ts";
import type { SlotPlaces } from "../routes/slot-record.ts";
import { openLockSystem } from "./lock-system.ts";

/** Everything that changing the routes of this kernel's namespace takes. Disposing of it closes it. */
export interface Management extends AsyncDisposable {
  readonly control: RouteControl;
  readonly directory: StateDirectory;
  readonly places: SlotPlaces;
  /** The protocol that marks routes as ours, as `DefaultRoute.protocol` gives it. */
  readonly tag: string;
  lock(): Promise<ManagementLock | LockHeld>;
  moment(): JournalMoment;
  newPlanName(): string;
}

export interface ManagementOptions {
  readonly stateDirectory: string;
  /** The user that this process runs as. */
  readonly uid: number;
  readonly preferenceBase: number;
  readonly tableBase: number;
  readonly protocol: number;
  /** The route flag that marks a route as ours on macOS. */
  readonly flag: "proto1" | "proto2" | "proto3";
  /** Who is at the other end of a Unix socket; null where the system does not tell. */
  readonly readPeer: (socket: Socket) => LockHolder | null;
}

/**
 * Opens the routing for changes; nothing is changed, and nothing is locked yet.
 *
 * @param network opened before: it enters the network namespace
 * @throws PlatformError
 */
export async function openManagement(
  network: Pick<NetworkReader, "uptime">,
  options: ManagementOptions,
  openControl: typeof openRouteControl = openRouteControl,
): Promise<Management> {
  const { preferenceBase, tableBase, protocol, flag } = options;
  const layout = { preferenceBase, tableBase, protocol, flag, slots: slotCount };
  const control = await openControl(layout);
  const hasRules = control.traits.scoped === "rules";
  const lockSystem = await openLockSystem(process.platform, options.readPeer);
  return {
    control,
    directory: stateDirectoryOnDisk(options.stateDirectory, options.uid),
    places: hasRules ? { preferenceBase, tableBase, protocol } : null,
    tag: hasRules ? String(protocol) : flag,
    lock: () => acquireManagementLock(lockSystem),
    moment: () => ({ epochMs: Date.now(), uptimeMs: network.uptime().totalMs }),
    newPlanName: randomUUID,
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}
