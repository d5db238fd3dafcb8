import { libcFunction } from "../libc.ts";
import { setSocketOption } from "../socket-option.ts";
import { DARWIN } from "./constants.ts";

const nameToIndex = libcFunction<[name: string], number>(
  "unsigned int if_nametoindex(const char *name)",
);

/** The index of an interface by its name (if_nametoindex(3)), or null when there is none. */
export function interfaceIndexOf(name: string): number | null {
  const index = nameToIndex(name);
  return index === 0 ? null : index;
}

/**
 * Lets a socket send and receive by one interface alone; index 0 undoes it (IP_BOUND_IF, IPV6_BOUND_IF: the index
 * is in host byte order).
 *
 * @throws SyscallError: ENXIO when there is no such interface, EINVAL when the socket is of the other family
 */
export function bindToInterface(fd: number, family: "ipv4" | "ipv6", interfaceIndex: number): void {
  const attempted = `bind a socket to interface ${interfaceIndex}`;
  if (family === "ipv4")
    setSocketOption(fd, DARWIN.IPPROTO_IP, DARWIN.IP_BOUND_IF, interfaceIndex, attempted);
  else setSocketOption(fd, DARWIN.IPPROTO_IPV6, DARWIN.IPV6_BOUND_IF, interfaceIndex, attempted);
}
