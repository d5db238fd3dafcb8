/** What was wrong with a request. */
export type EncodeErrorCode =
  /** A flag that is not on the list of those that may be sent. */
  | "forbidden-flag"
  /** An interface index that is not 1 to 65535. As a scope, 0 would make the request an unscoped one. */
  | "bad-index"
  /** An address, prefix length or gateway that does not fit its family. */
  | "bad-address"
  /** Bits of the destination outside its prefix: the kernel would cut them and act on a shorter route. */
  | "bits-beyond-prefix"
  /** A link-local IPv6 gateway without the interface that it is on. */
  | "unscoped-gateway"
  /** An add without a gateway. */
  | "no-gateway";

/** A request that the encoder refuses to write because the kernel would do something else than asked. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  readonly code: EncodeErrorCode;

  constructor(code: EncodeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
