import type { Requester } from "../../platform/route-evidence.ts";

/** Port id 0 in a notification's header: nobody asked, the kernel did it of itself (netlink(7)). */
export function isKernel(requester: Requester): boolean {
  return requester.portId === 0;
}

/**
 * Whether two messages come from one program. Port ids are given again, so a port under another command is
 * somebody else; and a program may ask by more than one socket.
 */
export function isSameRequester(a: Requester, b: Requester): boolean {
  if (isKernel(a) || isKernel(b)) return false;
  if (a.command !== null && b.command !== null && a.command !== b.command) return false;
  return a.portId === b.portId || (a.pid !== null && a.pid === b.pid);
}

/** Who asked, for a person: `openvpn (pid 4242)`. */
export function nameRequester({ portId, pid, command }: Requester): string {
  if (portId === 0) return "the kernel";
  if (command === null) return pid === null ? `netlink port ${portId}` : `pid ${pid}`;
  return pid === null ? command : `${command} (pid ${pid})`;
}
