// linux/if_addr.h

export const IFA_ADDRESS = 1;
export const IFA_LOCAL = 2;
export const IFA_LABEL = 3;
export const IFA_BROADCAST = 4;
export const IFA_CACHEINFO = 6;
export const IFA_FLAGS = 8;
export const IFA_RT_PRIORITY = 9;
export const IFA_PROTO = 11;

/** RFC 8981; in IPv4 the same bit means a secondary address. */
export const IFA_F_TEMPORARY = 0x01;
export const IFA_F_NODAD = 0x02;
/** Another host has it: duplicate address detection failed. */
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_DEPRECATED = 0x20;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_PERMANENT = 0x80;
export const IFA_F_MANAGETEMPADDR = 0x100;

/** Lifetimes in struct ifa_cacheinfo: for ever. */
export const INFINITY_LIFE_TIME = 0xffff_ffff;
