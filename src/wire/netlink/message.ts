import { DecodeError } from "../decode-error.ts";
import { readU16, readU32, writeU16, writeU32 } from "./host-order.ts";

/** One netlink message: struct nlmsghdr (linux/netlink.h) and what follows it. */
export interface NetlinkMessage {
  /** RTM_* or NLMSG_*. */
  readonly type: number;
  /** NLM_F_*. */
  readonly flags: number;
  readonly seq: number;
  /** Port id of who asked, also in notifications; 0 is the kernel itself. */
  readonly pid: number;
  readonly body: Uint8Array;
}

/** Sees one message of a buffer. Returns false to stop. */
export type MessageVisitor = (
  type: number,
  flags: number,
  seq: number,
  pid: number,
  bodyOffset: number,
  bodyLength: number,
) => boolean | undefined;

/** Bytes of struct nlmsghdr. */
export const messageHeaderLength = 16;

/**
 * Walks the messages in the first `length` bytes of a receive buffer, without making an object for any.
 *
 * @returns false when the visitor stopped the walk
 * @throws DecodeError when a length field cannot be trusted; the messages before it have been visited
 */
export function forEachMessage(buffer: Uint8Array, length: number, visit: MessageVisitor): boolean {
  if (length > buffer.length)
    throw new DecodeError("truncated", `cannot split ${length} bytes: only ${buffer.length} there`);
  let at = 0;
  while (at < length) {
    if (length - at < messageHeaderLength)
      throw new DecodeError("truncated", `cannot split a message: ${length - at} bytes are left`);
    const messageLength = readU32(buffer, at);
    if (messageLength < messageHeaderLength)
      throw new DecodeError("malformed", `cannot split a message: its length is ${messageLength}`);
    if (messageLength > length - at)
      throw new DecodeError(
        "truncated",
        `cannot split a message: ${messageLength} bytes long, ${length - at} there`,
      );
    const goOn = visit(
      readU16(buffer, at + 4),
      readU16(buffer, at + 6),
      readU32(buffer, at + 8),
      readU32(buffer, at + 12),
      at + messageHeaderLength,
      messageLength - messageHeaderLength,
    );
    if (goOn === false) return false;
    // NLMSG_ALIGN; the last message of a buffer may go without its padding.
    at += (messageLength + 3) & ~3;
  }
  return true;
}

/**
 * The messages of a whole buffer. Bodies are views, not copies.
 *
 * @throws DecodeError when a length field cannot be trusted; forEachMessage() gives what stands before it
 */
export function splitMessages(buffer: Uint8Array): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  forEachMessage(buffer, buffer.length, (type, flags, seq, pid, offset, length) => {
    messages.push({ type, flags, seq, pid, body: buffer.subarray(offset, offset + length) });
  });
  return messages;
}

/** The bytes of one message, padded to 4; `pid` is 0 in what a program sends. */
export function encodeMessage(message: NetlinkMessage): Uint8Array {
  const length = messageHeaderLength + message.body.length;
  const bytes = new Uint8Array((length + 3) & ~3);
  writeU32(bytes, 0, length);
  writeU16(bytes, 4, message.type);
  writeU16(bytes, 6, message.flags);
  writeU32(bytes, 8, message.seq);
  writeU32(bytes, 12, message.pid);
  bytes.set(message.body, messageHeaderLength);
  return bytes;
}
