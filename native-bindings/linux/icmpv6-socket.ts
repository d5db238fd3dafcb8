import { FileDescriptor } from "../file-descriptor.ts";
import { setSocketOption } from "../socket-option.ts";
import { checkResult } from "../syscall-error.ts";
import { openSocket, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, sendto } from "./socket-call.ts";

// linux/socket.h, linux/in.h, linux/in6.h, asm-generic/socket.h.
const AF_INET6 = 10;
const IPPROTO_IPV6 = 41;
const IPPROTO_ICMPV6 = 58;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;

/** A socket that sends ICMPv6 messages. Disposing of it closes it. */
export interface PacketSocket extends Disposable {
  /** The interface and the hop limit of what goes to multicast addresses. */
  setMulticast(interfaceIndex: number, hopLimit: number): void;
  /** Sends one message; the kernel fills in its checksum (RFC 3542, 3.1). `address` has 16 bytes. */
  sendTo(address: Uint8Array, interfaceIndex: number, message: Uint8Array): void;
}

/**
 * Opens a raw ICMPv6 socket (raw(7)).
 *
 * @throws SyscallError: EPERM without CAP_NET_RAW, EAFNOSUPPORT without IPv6
 */
export function openIcmpv6Socket(): PacketSocket {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const opened = openSocket(AF_INET6, type, IPPROTO_ICMPV6);
  const descriptor = new FileDescriptor(checkResult(opened, "socket", "open an ICMPv6 socket"));
  return {
    setMulticast(interfaceIndex, hopLimit) {
      const attempted = `send by interface ${interfaceIndex}`;
      setSocketOption(descriptor.fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interfaceIndex, attempted);
      setSocketOption(descriptor.fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hopLimit, attempted);
    },
    sendTo(address, interfaceIndex, message) {
      const to = socketAddress(address, interfaceIndex);
      const sent = sendto(descriptor.fd, message, message.length, 0, to, to.length);
      checkResult(sent, "sendto", "send an ICMPv6 message");
    },
    [Symbol.dispose]: () => descriptor[Symbol.dispose](),
  };
}

/** struct sockaddr_in6: family, port, flow, address, scope id. */
function socketAddress(address: Uint8Array, scopeId: number): Uint8Array {
  const bytes = new Uint8Array(28);
  new Uint16Array(bytes.buffer)[0] = AF_INET6;
  bytes.set(address, 8);
  new Uint32Array(bytes.buffer)[6] = scopeId;
  return bytes;
}
