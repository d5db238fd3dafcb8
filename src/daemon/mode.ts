/** What the daemon may do to the kernel, and why. */
export interface Mode {
  /** `observe`: nothing is written to the kernel. */
  readonly mode: "manage" | "observe";
  readonly reason: string;
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
  if (question.observe) return { mode: "observe", reason: "as asked by --observe" };
  if (question.uid !== 0) return { mode: "observe", reason: "because it does not run as root" };
  if (!question.canChangeRoutes)
    return { mode: "observe", reason: "because it manages routes on Linux only" };
  if (question.processStatus !== null && !mayAdministerNetworks(question.processStatus))
    return { mode: "observe", reason: "because this root has no CAP_NET_ADMIN" };
  return { mode: "manage", reason: "as root" };
}

// Number of the capability: linux/capability.h; the set in hexadecimal: proc_pid_status(5).
const CAP_NET_ADMIN = 12n;

function mayAdministerNetworks(processStatus: string): boolean {
  const set = /^CapEff:\s*([0-9a-f]+)$/m.exec(processStatus)?.[1];
  return set === undefined || (BigInt(`0x${set}`) & (1n << CAP_NET_ADMIN)) !== 0n;
}
