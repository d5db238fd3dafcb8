/** What the daemon may do to the kernel, and why. */
export interface Mode {
  readonly mode: "observe";
  readonly reason: string;
}

/** This version only reads, whoever starts it; what would have kept a later one from more is said all the same. */
export function chooseMode(uid: number, observe: boolean): Mode {
  if (observe) return { mode: "observe", reason: "as asked by --observe" };
  if (uid !== 0) return { mode: "observe", reason: "because it does not run as root" };
  return { mode: "observe", reason: "because this version manages no routes yet" };
}
