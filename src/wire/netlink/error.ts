import { DecodeError } from "../decode-error.ts";
import { type Attribute, decodeAttributes, decodeU32 } from "./attribute.ts";
import {
  NLMSGERR_ATTR_MISS_NEST,
  NLMSGERR_ATTR_MISS_TYPE,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
} from "./error-constants.ts";
import { readI32, readU16, readU32 } from "./host-order.ts";
import { messageHeaderLength } from "./message.ts";
import { NLM_F_ACK_TLVS, NLM_F_CAPPED } from "./message-constants.ts";
import { decodeString } from "./text-attribute.ts";

/** The outcome of a request: what NLMSG_ERROR and NLMSG_DONE carry. */
export interface ErrorMessage {
  /** A negative errno; 0 is success (an acknowledgement). In NLMSG_DONE it may be positive: success. */
  readonly error: number;
  /** The kernel's sentence. It may come with success too, as a warning. */
  readonly message: string | null;
  /** Where in the request, counted from its nlmsghdr, the offending attribute stands. */
  readonly offset: number | null;
  /** The type of a required attribute that was missing. */
  readonly missingType: number | null;
  /** Where the list stands that misses it. */
  readonly missingNest: number | null;
  readonly unknown: readonly Attribute[];
}

/**
 * Decodes the body of NLMSG_ERROR: struct nlmsgerr, then the request unless `flags` say NLM_F_CAPPED, then
 * attributes if `flags` say NLM_F_ACK_TLVS.
 *
 * @param flags of the message's header
 * @throws DecodeError
 */
export function decodeError(body: Uint8Array, flags: number): ErrorMessage {
  const bytes = body.slice();
  if (bytes.length < 4 + messageHeaderLength)
    throw new DecodeError("truncated", `cannot decode an error: ${bytes.length} bytes`);
  const error = readI32(bytes, 0);
  const requestLength = readU32(bytes, 4);
  let end = 4 + messageHeaderLength;
  if ((flags & NLM_F_CAPPED) === 0 && error !== 0) {
    if (requestLength < messageHeaderLength || requestLength > bytes.length - 4)
      throw new DecodeError("malformed", `cannot skip a request of ${requestLength} bytes`);
    end = 4 + ((requestLength + 3) & ~3);
  }
  return decodeOutcome(error, bytes, end, flags);
}

/**
 * Decodes the body of NLMSG_DONE: the end of a dump. Old kernels may send no body: success.
 *
 * @param flags of the message's header
 * @throws DecodeError
 */
export function decodeDone(body: Uint8Array, flags: number): ErrorMessage {
  const bytes = body.slice();
  return decodeOutcome(bytes.length === 0 ? 0 : readI32(bytes, 0), bytes, 4, flags);
}

/** The type and sequence number of the request that an NLMSG_ERROR answers.
 *
 * @throws DecodeError */
export function decodeErrorRequest(body: Uint8Array): { type: number; seq: number } {
  return { type: readU16(body, 8), seq: readU32(body, 12) };
}

function decodeOutcome(
  error: number,
  bytes: Uint8Array,
  attributesAt: number,
  flags: number,
): ErrorMessage {
  const outcome: { -readonly [Key in keyof ErrorMessage]: ErrorMessage[Key] } = {
    error,
    message: null,
    offset: null,
    missingType: null,
    missingNest: null,
    unknown: [],
  };
  if ((flags & NLM_F_ACK_TLVS) === 0) return outcome;
  const unknown: Attribute[] = [];
  for (const attribute of decodeAttributes(bytes, attributesAt)) {
    const { type, value } = attribute;
    if (type === NLMSGERR_ATTR_MSG) outcome.message = decodeString(value);
    else if (type === NLMSGERR_ATTR_OFFS) outcome.offset = decodeU32(value);
    else if (type === NLMSGERR_ATTR_MISS_TYPE) outcome.missingType = decodeU32(value);
    else if (type === NLMSGERR_ATTR_MISS_NEST) outcome.missingNest = decodeU32(value);
    else unknown.push(attribute);
  }
  outcome.unknown = unknown;
  return outcome;
}
