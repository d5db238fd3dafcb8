/** The kernel's answer to a netlink request that it refused. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  /** `EEXIST`, or `errno 123` where it has no known name. */
  readonly code: string;
  readonly errno: number;
  /** Where in the request the attribute stands that the kernel minds, or null. */
  readonly offset: number | null;
  /** The sentence in the message is the kernel's own (NETLINK_EXT_ACK), not that of the errno. */
  readonly explained: boolean;

  constructor(
    [code, sentence]: readonly [code: string, sentence: string],
    errno: number,
    explanation: string | null,
    offset: number | null,
  ) {
    super(`${explanation ?? sentence} (${code})`);
    this.explained = explanation !== null;
    this.code = code;
    this.errno = errno;
    this.offset = offset;
  }
}
