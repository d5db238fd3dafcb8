import { IPPROTO_ICMPV6, openPacketSocket, type PacketSocket } from "../icmpv6-socket.ts";
import { openSocket } from "../socket-call.ts";
import { setCloseOnExec } from "./close-on-exec.ts";
import { DARWIN } from "./constants.ts";

/** sizeof(struct sockaddr_in6) and its family (netinet6/in6.h): XNU's sockaddrs begin with their length. */
export const inet6AddressHead: Uint8Array = Uint8Array.of(28, DARWIN.AF_INET6);

/**
 * Opens a raw ICMPv6 socket (icmp6(4)).
 *
 * @throws SyscallError: EPERM for anybody but root
 */
export function openIcmpv6Socket(): PacketSocket {
  return openPacketSocket({
    open() {
      const fd = openSocket(DARWIN.AF_INET6, DARWIN.SOCK_RAW, IPPROTO_ICMPV6);
      if (fd >= 0) setCloseOnExec(fd);
      return fd;
    },
    IPV6_MULTICAST_IF: DARWIN.IPV6_MULTICAST_IF,
    IPV6_MULTICAST_HOPS: DARWIN.IPV6_MULTICAST_HOPS,
    addressHead: inet6AddressHead,
  });
}
