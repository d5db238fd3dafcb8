/** Errnos as Darwin numbers them (sys/errno.h). */
export const Errno = {
  OK: 0,
  EPERM: 1,
  ESRCH: 3,
  ENOMEM: 12,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  EPIPE: 32,
  EPROTONOSUPPORT: 43,
  EAFNOSUPPORT: 47,
  EADDRINUSE: 48,
  EADDRNOTAVAIL: 49,
  ENETUNREACH: 51,
  ENOBUFS: 55,
  EHOSTUNREACH: 65,
  EOPNOTSUPP: 102,
} as const;
