import { getIntegerSocketOption, setSocketOption } from "../socket-option.ts";
import { DARWIN } from "./constants.ts";

/**
 * Lets a socket send and receive by one interface alone; index 0 undoes it (IP_BOUND_IF, IPV6_BOUND_IF: the index
 * is in host byte order).
 *
 * @throws SyscallError: ENXIO when there is no such interface, EINVAL when the socket is of the other family
 */
export function bindToInterface(fd: number, family: "ipv4" | "ipv6", interfaceIndex: number): void {
  const attempted = `bind a socket to interface ${interfaceIndex}`;
  const { level, name } = optionOf(family);
  setSocketOption(fd, level, name, interfaceIndex, attempted);
}

/**
 * The index of the interface that a socket is bound to, 0 for none. It stays when the interface goes.
 *
 * @throws SyscallError
 */
export function readBoundInterface(fd: number, family: "ipv4" | "ipv6"): number {
  const { level, name } = optionOf(family);
  return getIntegerSocketOption(fd, level, name, "read the interface that a socket is bound to");
}

function optionOf(family: "ipv4" | "ipv6"): { readonly level: number; readonly name: number } {
  return family === "ipv4"
    ? { level: DARWIN.IPPROTO_IP, name: DARWIN.IP_BOUND_IF }
    : { level: DARWIN.IPPROTO_IPV6, name: DARWIN.IPV6_BOUND_IF };
}
