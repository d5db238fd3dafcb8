/** What the daemon may do to the kernel, and why. */
export interface Mode {
  /** `observe`: nothing is written to the kernel. */
  readonly mode: "manage" | "observe";
  readonly reason: string;
  /** What to do to have routes managed; absent where they are, or cannot be. */
  readonly remedy?: string;
}

/** What decides whether routes are managed. */
export interface ModeQuestion {
  readonly uid: number;
  /** `--observe`. */
  readonly observe: boolean;
  /** Netwatch can change the routes of the system that is watched. */
  readonly canChangeRoutes: boolean;
  /** `/proc/self/status`, or null where there is none. */
  readonly processStatus: string | null;
}

/** Manages routes wherever that can be done and was not ruled out. */
export function chooseMode(question: ModeQuestion): Mode {
  const observe = (reason: string, remedy: string): Mode => ({ mode: "observe", reason, remedy });
  if (question.observe)
    return observe("as asked by --observe", "start netwatchd without --observe");
  if (!question.canChangeRoutes)
    return { mode: "observe", reason: "because it manages the routes of Linux and macOS only" };
  if (question.uid !== 0)
    return observe("because it does not run as root", "start netwatchd as root");
  if (question.processStatus !== null && !mayAdministerNetworks(question.processStatus))
    return observe("because this root has no CAP_NET_ADMIN", "start netwatchd with CAP_NET_ADMIN");
  return { mode: "manage", reason: "as root" };
}

// Number of the capability: linux/capability.h; the set in hexadecimal: proc_pid_status(5).
const CAP_NET_ADMIN = 12n;

function mayAdministerNetworks(processStatus: string): boolean {
  const set = /^CapEff:\s*([0-9a-f]+)$/m.exec(processStatus)?.[1];
  return set === undefined || (BigInt(`0x${set}`) & (1n << CAP_NET_ADMIN)) !== 0n;
}
