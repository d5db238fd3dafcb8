import { decodeDone, decodeError, type ErrorMessage } from "./error.ts";
import { forEachMessage } from "./message.ts";
import {
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
} from "./message-constants.ts";

/** What one receive buffer says of the reply to a request. */
export interface ReplyProgress {
  /** Null while more is to come; else the outcome, with `error` below 0 for failure. */
  readonly outcome: ErrorMessage | null;
  /** NLM_F_DUMP_INTR was met: the table changed during the dump, ask again. */
  readonly interrupted: boolean;
}

/** Sees one message of a reply. Returns false to see no more of this buffer. */
export type ReplyVisitor = (
  type: number,
  bodyOffset: number,
  bodyLength: number,
) => boolean | undefined;

const success: ErrorMessage = {
  error: 0,
  message: null,
  offset: null,
  missingType: null,
  missingNest: null,
  unknown: [],
};

/**
 * Walks the messages in the first `length` bytes of a receive buffer that answer request `seq`; others are
 * passed over. A reply ends with NLMSG_DONE, with NLMSG_ERROR (which is also an acknowledgement), or with a
 * message that is not NLM_F_MULTI, unless an acknowledgement was asked for too.
 *
 * @throws DecodeError
 */
export function forEachReply(
  buffer: Uint8Array,
  length: number,
  seq: number,
  visit: ReplyVisitor,
  awaitsAcknowledgement = false,
): ReplyProgress {
  let outcome: ErrorMessage | null = null;
  let interrupted = false;
  forEachMessage(buffer, length, (type, flags, messageSeq, _pid, offset, bodyLength) => {
    if (messageSeq !== seq || type === NLMSG_NOOP) return true;
    if (type === NLMSG_ERROR) {
      outcome = decodeError(buffer.subarray(offset, offset + bodyLength), flags);
      return false;
    }
    if ((flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
    if (type === NLMSG_DONE) {
      outcome = decodeDone(buffer.subarray(offset, offset + bodyLength), flags);
      return false;
    }
    const goOn = visit(type, offset, bodyLength);
    if ((flags & NLM_F_MULTI) === 0 && !awaitsAcknowledgement) {
      outcome = success;
      return false;
    }
    return goOn;
  });
  return { outcome, interrupted };
}
