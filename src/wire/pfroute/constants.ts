/** Message types (net/route.h of XNU). */
export const RTM = {
  ADD: 1,
  DELETE: 2,
  CHANGE: 3,
  GET: 4,
  LOSING: 5,
  REDIRECT: 6,
  MISS: 7,
  LOCK: 8,
  RESOLVE: 11,
  NEWADDR: 12,
  DELADDR: 13,
  IFINFO: 14,
  NEWMADDR: 15,
  DELMADDR: 16,
  GET_SILENT: 17,
  IFINFO2: 18,
  NEWMADDR2: 19,
  GET2: 20,
} as const;

/** Route flags (net/route.h of XNU). */
export const RTF = {
  UP: 0x1,
  GATEWAY: 0x2,
  HOST: 0x4,
  REJECT: 0x8,
  DYNAMIC: 0x10,
  DONE: 0x40,
  DELCLONE: 0x80,
  CLONING: 0x100,
  XRESOLVE: 0x200,
  LLINFO: 0x400,
  STATIC: 0x800,
  BLACKHOLE: 0x1000,
  NOIFREF: 0x2000,
  PROTO2: 0x4000,
  PROTO1: 0x8000,
  PRCLONING: 0x10000,
  WASCLONED: 0x20000,
  PROTO3: 0x40000,
  LOCAL: 0x200000,
  BROADCAST: 0x400000,
  MULTICAST: 0x800000,
  IFSCOPE: 0x1000000,
  CONDEMNED: 0x2000000,
  IFREF: 0x4000000,
  PROXY: 0x8000000,
  ROUTER: 0x10000000,
  DEAD: 0x20000000,
  GLOBAL: 0x40000000,
} as const;

/** Which place of the packed sockaddrs is which; bit n of `rtm_addrs` says that place n is filled. */
export const RTAX = {
  DST: 0,
  GATEWAY: 1,
  NETMASK: 2,
  GENMASK: 3,
  IFP: 4,
  IFA: 5,
  AUTHOR: 6,
  BRD: 7,
  MAX: 8,
} as const;

/** Which metrics a request sets (`rtm_inits`). */
export const RTV = { MTU: 0x1 } as const;

/** Address families as Darwin numbers them. */
export const AF = { UNSPEC: 0, INET: 2, ROUTE: 17, LINK: 18, INET6: 30, MAX: 41 } as const;

/** Operations of sysctl net.routetable. */
export const NET_RT = {
  DUMP: 1,
  FLAGS: 2,
  IFLIST: 3,
  STAT: 4,
  TRASH: 5,
  IFLIST2: 6,
  DUMP2: 7,
  FLAGS_PRIV: 10,
} as const;

/** Interface flags (net/if.h). */
export const IFF = {
  UP: 0x1,
  BROADCAST: 0x2,
  LOOPBACK: 0x8,
  POINTOPOINT: 0x10,
  NOTRAILERS: 0x20,
  RUNNING: 0x40,
  SIMPLEX: 0x800,
  MULTICAST: 0x8000,
} as const;
