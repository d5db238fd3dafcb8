/**
 * What these bindings say to the kernel, as net/route.h, sys/socket.h, sys/un.h, netinet/in.h, netinet6/in6.h and
 * net/if_media.h of XNU define it. Equal on arm64 and x86_64.
 */
export const DARWIN = {
  AF_ROUTE: 17,
  SOCK_RAW: 3,
  AF_INET: 2,
  AF_INET6: 30,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  MSG_DONTWAIT: 0x80,
  SOL_SOCKET: 0xffff,
  SO_REUSEADDR: 0x4,
  SO_USELOOPBACK: 0x40,
  SO_RCVBUF: 0x1002,
  SOL_LOCAL: 0,
  LOCAL_PEERCRED: 1,
  LOCAL_PEERPID: 2,
  IPPROTO_IP: 0,
  IP_BOUND_IF: 25,
  IPPROTO_IPV6: 41,
  IPV6_BOUND_IF: 125,
  IPV6_MULTICAST_IF: 9,
  IPV6_MULTICAST_HOPS: 10,
  IPV6_V6ONLY: 27,
  SIOCGIFMEDIA: 0xc02c6938,
  IFNAMSIZ: 16,
  EINTR: 4,
  ENOMEM: 12,
  EAGAIN: 35,
  ENOBUFS: 55,
} as const;
