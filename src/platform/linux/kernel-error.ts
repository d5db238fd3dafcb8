/** The kernel's answer to a netlink request that it refused. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  /** `EEXIST`, or `errno 123` where it has no known name. */
  readonly code: string;
  readonly errno: number;
  /** Where in the request the attribute stands that the kernel minds, or null. */
  readonly offset: number | null;

  /** `sentence` is the kernel's own (NETLINK_EXT_ACK) where it gave one, else that of the errno. */
  constructor(code: string, errno: number, sentence: string, offset: number | null) {
    super(`${sentence} (${code})`);
    this.code = code;
    this.errno = errno;
    this.offset = offset;
  }
}
