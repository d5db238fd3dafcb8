import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { openRouteControl } from "../platform/open-route-control.ts";
import type { Platform } from "../platform/platform.ts";
import type { RouteControl } from "../platform/route-control.ts";
import type { JournalMoment } from "../routes/journal/journal-entry.ts";
import {
  acquireManagementLock,
  type LockHeld,
  type LockHolder,
  type ManagementLock,
  managementLockName,
} from "../routes/journal/management-lock.ts";
import type { StateDirectory } from "../routes/journal/state-directory.ts";
import { stateDirectoryOnDisk } from "../routes/journal/state-directory-on-disk.ts";
import { slotCount } from "../routes/slot-choice.ts";
import type { SlotPlaces } from "../routes/slot-record.ts";

/** Everything that changing the routes of this kernel's namespace takes. Disposing of it closes it. */
export interface Management extends AsyncDisposable {
  readonly control: RouteControl;
  readonly directory: StateDirectory;
  readonly places: NonNullable<SlotPlaces>;
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
  /** Who is at the other end of a Unix socket; null where the system does not tell. */
  readonly readPeer: (socket: Socket) => LockHolder | null;
}

/**
 * Opens the routing for changes; nothing is changed, and nothing is locked yet.
 *
 * @param platform opened before: it enters the network namespace
 * @throws PlatformError
 */
export async function openManagement(
  platform: Pick<Platform, "uptime">,
  options: ManagementOptions,
): Promise<Management> {
  const { preferenceBase, tableBase, protocol } = options;
  const control = await openRouteControl({
    preferenceBase,
    tableBase,
    protocol,
    slots: slotCount,
  });
  const readPeer = (socket: Socket): LockHolder => {
    const peer = options.readPeer(socket);
    if (peer === null) throw new Error("the system does not say who is at the other end");
    return peer;
  };
  return {
    control,
    directory: stateDirectoryOnDisk(options.stateDirectory, options.uid),
    places: { preferenceBase, tableBase },
    tag: String(protocol),
    lock: () =>
      acquireManagementLock({ kind: "abstract-socket", name: managementLockName, readPeer }),
    moment: () => ({ epochMs: Date.now(), uptimeMs: platform.uptime().totalMs }),
    newPlanName: randomUUID,
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}
