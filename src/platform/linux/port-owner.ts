import { readFileSync } from "node:fs";
import type { Requester } from "../../platform/route-evidence.ts";

/** Process ids have at most 22 bits on Linux (PID_MAX_LIMIT, linux/threads.h). */
const pidBits = 22;
const pidMask = (1 << pidBits) - 1;

/** The kernel chooses port ids from here on when a process's own id is taken (netlink_autobind()). */
const firstRandomPortId = 0x8000_0000;

/**
 * Port ids that name a process: its id in the low bits, as libnl does it, from a number on that libnl rarely comes
 * to. A process has one for each socket that it keeps open, and some to spare.
 */
export function traceablePortIds(pid: number): readonly number[] {
  return Array.from({ length: 16 }, (_, at) => (256 + at) * (1 << pidBits) + pid);
}

/**
 * Who a port id belongs to. The kernel gives a process's first netlink socket the process's own id, and libnl puts
 * that into the low 22 bits; other port ids are random and tell nothing. What is said holds only as long as the
 * process lives: ask at once.
 *
 * @param readCommand the name of a process's program, or null when there is no such process
 */
export function portOwner(
  portId: number,
  readCommand: (pid: number) => string | null = commandOf,
): Requester {
  const pid = portId & pidMask;
  const unknown: Requester = { portId, pid: null, command: null };
  if (portId === 0 || portId >= firstRandomPortId || pid === 0) return unknown;
  const command = readCommand(pid);
  return command === null ? unknown : { portId, pid, command };
}

function commandOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").replace(/\n$/, "");
  } catch {
    return null;
  }
}
