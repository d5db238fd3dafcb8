import { IPPROTO_ICMPV6, openPacketSocket, type PacketSocket } from "../icmpv6-socket.ts";
import { openSocket } from "../socket-call.ts";
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from "./socket-constants.ts";

// linux/socket.h, linux/in6.h.
const AF_INET6 = 10;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;

/**
 * Opens a raw ICMPv6 socket (raw(7)).
 *
 * @throws SyscallError: EPERM without CAP_NET_RAW, EAFNOSUPPORT without IPv6
 */
export function openIcmpv6Socket(): PacketSocket {
  return openPacketSocket({
    open: () => openSocket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6),
    IPV6_MULTICAST_IF,
    IPV6_MULTICAST_HOPS,
    addressHead: new Uint8Array(Uint16Array.of(AF_INET6).buffer),
  });
}
