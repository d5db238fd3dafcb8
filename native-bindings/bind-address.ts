import { libcFunction } from "./libc.ts";
import { checkResult } from "./syscall-error.ts";

type AddressCall = (fd: number, address: Uint8Array, length: number) => number;

const bind: AddressCall = libcFunction<[fd: number, address: Uint8Array, length: number], number>(
  "int bind(int fd, const void *address, uint32_t length)",
);
const connect: AddressCall = libcFunction<
  [fd: number, address: Uint8Array, length: number],
  number
>("int connect(int fd, const void *address, uint32_t length)");

/**
 * Gives a socket its own address (bind(2)), a sockaddr in the system's layout.
 *
 * @throws SyscallError
 */
export function bindToAddress(fd: number, address: Uint8Array): void {
  checkResult(bind(fd, address, address.length), "bind", "give a socket its address");
}

/**
 * Gives a datagram socket its peer (connect(2)), or takes it away with the family AF_UNSPEC.
 *
 * @throws SyscallError
 */
export function setPeer(fd: number, address: Uint8Array): void {
  checkResult(connect(fd, address, address.length), "connect", "give a socket its peer");
}
