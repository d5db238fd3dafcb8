// linux/rtnetlink.h and linux/lwtunnel.h

export const RTA_DST = 1;
export const RTA_SRC = 2;
export const RTA_IIF = 3;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_PRIORITY = 6;
export const RTA_PREFSRC = 7;
export const RTA_METRICS = 8;
export const RTA_MULTIPATH = 9;
export const RTA_FLOW = 11;
export const RTA_CACHEINFO = 12;
export const RTA_TABLE = 15;
export const RTA_MARK = 16;
export const RTA_VIA = 18;
export const RTA_PREF = 20;
export const RTA_ENCAP_TYPE = 21;
export const RTA_ENCAP = 22;
export const RTA_EXPIRES = 23;
export const RTA_UID = 25;
export const RTA_TTL_PROPAGATE = 26;
export const RTA_IP_PROTO = 27;
export const RTA_SPORT = 28;
export const RTA_DPORT = 29;
export const RTA_NH_ID = 30;

export const RTN_UNSPEC = 0;
export const RTN_UNICAST = 1;
export const RTN_BLACKHOLE = 6;
export const RTN_UNREACHABLE = 7;
export const RTN_PROHIBIT = 8;
export const RTN_THROW = 9;

export const RTPROT_KERNEL = 2;
export const RTPROT_BOOT = 3;
export const RTPROT_STATIC = 4;
export const RTPROT_RA = 9;
export const RTPROT_DHCP = 16;

export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_SITE = 200;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;

export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

/** In a look-up: name the table that answered. */
export const RTM_F_LOOKUP_TABLE = 0x1000;
/** In a look-up: answer with the table's entry instead of the resolved path. */
export const RTM_F_FIB_MATCH = 0x2000;

/** In rtm_flags, in a leg's flags and in nh_flags. */
export const RTNH_F_DEAD = 0x01;
export const RTNH_F_ONLINK = 0x04;
/** The link has no carrier; the route stays and packets die. */
export const RTNH_F_LINKDOWN = 0x10;

/** Nested in RTA_METRICS: a bit mask of the metrics that path discovery may not change. */
export const RTAX_LOCK = 1;
export const RTAX_MTU = 2;
export const RTAX_ADVMSS = 8;
/** The only metric that is text. */
export const RTAX_CC_ALGO = 16;

/** RTA_PREF: router preference (RFC 4191). */
export const ICMPV6_ROUTER_PREF_MEDIUM = 0;
export const ICMPV6_ROUTER_PREF_HIGH = 1;
export const ICMPV6_ROUTER_PREF_LOW = 3;

export const LWTUNNEL_ENCAP_IP = 2;
