/** What was wrong with the bytes. */
export type DecodeErrorCode =
  /** A length field or the end of the buffer leaves too few bytes for what must be there. */
  | "truncated"
  /** A field has a size or a value that the format does not allow. */
  | "malformed"
  /** A datagram is longer or shorter than it says: nobody may believe it. */
  | "length-mismatch";

/** Bytes that do not have the shape that the kernel promises; the only error that a decoder throws. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly code: DecodeErrorCode;

  constructor(code: DecodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
