import { libcFunction } from "./libc.ts";

/** socket(2); -1 on failure. */
export const openSocket = libcFunction<[domain: number, type: number, protocol: number], number>(
  "int socket(int domain, int type, int protocol)",
);

/** sendto(2): bytes sent, or -1. */
export const sendto = libcFunction<
  [
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ],
  number
>(
  "intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)",
);
