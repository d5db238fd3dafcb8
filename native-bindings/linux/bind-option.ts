import { getIntegerSocketOption, getSocketOption, setSocketOption } from "../socket-option.ts";

// asm-generic/socket.h, linux/in.h, linux/in6.h.
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_MARK = 36;
const SO_BINDTOIFINDEX = 62;
const IPPROTO_IP = 0;
const IP_UNICAST_IF = 50;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_IF = 76;
const IFNAMSIZ = 16;

/**
 * Lets a socket send and receive by one interface alone (SO_BINDTODEVICE, socket(7)); an empty name undoes it.
 *
 * @throws SyscallError: ENODEV when there is no such interface, EPERM when the socket is bound already and the
 * caller lacks CAP_NET_RAW
 */
export function bindToDevice(fd: number, interfaceName: string): void {
  const value = new TextEncoder().encode(`${interfaceName}\0`);
  const attempted = `bind a socket to ${interfaceName}`;
  setSocketOption(fd, SOL_SOCKET, SO_BINDTODEVICE, value, attempted);
}

/**
 * The interface that a socket is bound to, or null.
 *
 * @throws SyscallError: ENODEV when the interface is gone and the socket is bound to nothing that can ever come back
 */
export function readBoundDevice(fd: number): string | null {
  const attempted = "read the device that a socket is bound to";
  const bytes = getSocketOption(fd, SOL_SOCKET, SO_BINDTODEVICE, IFNAMSIZ, attempted);
  const end = bytes.indexOf(0);
  const name = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  return name === "" ? null : name;
}

/**
 * The index of the interface that a socket is bound to, 0 for none (SO_BINDTOIFINDEX, Linux 5.0). A name can pass to
 * another interface, which this tells.
 *
 * @throws SyscallError: ENODEV when no interface has that index any more
 */
export function readBoundIndex(fd: number): number {
  const attempted = "read the index that a socket is bound to";
  return readBoundDevice(fd) === null
    ? 0
    : getIntegerSocketOption(fd, SOL_SOCKET, SO_BINDTOIFINDEX, attempted);
}

/**
 * Chooses the interface of outgoing packets without filtering incoming ones; TCP ignores it. Index 0 undoes it
 * (IP_UNICAST_IF, IPV6_UNICAST_IF: the index is in network byte order, ip(7)).
 *
 * @throws SyscallError: EADDRNOTAVAIL when there is no such interface
 */
export function setUnicastInterface(
  fd: number,
  family: "ipv4" | "ipv6",
  interfaceIndex: number,
): void {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, interfaceIndex);
  const attempted = `send by interface ${interfaceIndex}`;
  if (family === "ipv4") setSocketOption(fd, IPPROTO_IP, IP_UNICAST_IF, value, attempted);
  else setSocketOption(fd, IPPROTO_IPV6, IPV6_UNICAST_IF, value, attempted);
}

/**
 * Sets the mark that rules can select a socket's packets by (SO_MARK, socket(7)).
 *
 * @throws SyscallError: EPERM without CAP_NET_ADMIN
 */
export function setMark(fd: number, mark: number): void {
  setSocketOption(fd, SOL_SOCKET, SO_MARK, Uint32Array.of(mark), `mark a socket ${mark}`);
}
