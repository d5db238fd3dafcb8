import { FileDescriptor } from "./file-descriptor.ts";
import { sendto } from "./socket-call.ts";
import { setSocketOption } from "./socket-option.ts";
import { checkResult } from "./syscall-error.ts";

/** A socket that sends ICMPv6 messages. Disposing of it closes it. */
export interface PacketSocket extends Disposable {
  /** The interface and the hop limit of what goes to multicast addresses. */
  setMulticast(interfaceIndex: number, hopLimit: number): void;
  /** Sends one message; the kernel fills in its checksum (RFC 3542, 3.1). `address` has 16 bytes. */
  sendTo(address: Uint8Array, interfaceIndex: number, message: Uint8Array): void;
}

/** What a system calls the things that such a socket needs. */
export interface PacketDialect {
  /** socket(2): the descriptor, or -1. Child processes do not inherit it. */
  open(): number;
  readonly IPV6_MULTICAST_IF: number;
  readonly IPV6_MULTICAST_HOPS: number;
  /** What struct sockaddr_in6 begins with: the family, after the structure's length where it has one. */
  readonly addressHead: Uint8Array;
}

// netinet/in.h: the same everywhere.
export const IPPROTO_ICMPV6 = 58;
const IPPROTO_IPV6 = 41;

/** Opens a raw ICMPv6 socket. @throws SyscallError: EPERM without the right to, EAFNOSUPPORT without IPv6 */
export function openPacketSocket(dialect: PacketDialect): PacketSocket {
  const descriptor = new FileDescriptor(
    checkResult(dialect.open(), "socket", "open an ICMPv6 socket"),
  );
  return {
    setMulticast(interfaceIndex, hopLimit) {
      const attempted = `send by interface ${interfaceIndex}`;
      const { fd } = descriptor;
      setSocketOption(fd, IPPROTO_IPV6, dialect.IPV6_MULTICAST_IF, interfaceIndex, attempted);
      setSocketOption(fd, IPPROTO_IPV6, dialect.IPV6_MULTICAST_HOPS, hopLimit, attempted);
    },
    sendTo(address, interfaceIndex, message) {
      const to = encodePacketAddress(dialect.addressHead, address, interfaceIndex);
      const sent = sendto(descriptor.fd, message, message.length, 0, to, to.length);
      checkResult(sent, "sendto", "send an ICMPv6 message");
    },
    [Symbol.dispose]: () => descriptor[Symbol.dispose](),
  };
}

/** struct sockaddr_in6: its head, port, flow, address, scope id. */
export function encodePacketAddress(
  head: Uint8Array,
  address: Uint8Array,
  scopeId: number,
): Uint8Array {
  const bytes = new Uint8Array(28);
  bytes.set(head);
  bytes.set(address, 8);
  new Uint32Array(bytes.buffer)[6] = scopeId;
  return bytes;
}
