import type { InterfaceName, InternetSocket } from "../platform/internet-socket.ts";

/**
 * Looks that binding took: a name may pass to another interface, and an interface may go, between the look that found it
 * and the bind.
 *
 * @throws an error with the code ENODEV
 */
export function checkBound(socket: InternetSocket, to: InterfaceName): void {
  const index = socket.boundInterface();
  if (index === to.index) return;
  const why = `${to.name} is interface ${index} and not ${to.index} any more`;
  throw Object.assign(new Error(`cannot bind a socket to ${to.name}: ${why}`), { code: "ENODEV" });
}
