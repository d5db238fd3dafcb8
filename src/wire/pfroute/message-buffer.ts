import { DecodeError } from "../decode-error.ts";
import type { RoutingFormat } from "./format.ts";
import { decodeMessage, type RoutingMessage } from "./message.ts";

const commonHeaderLength = 4;

/**
 * Walks the messages of a sysctl answer by their length fields alone.
 *
 * @param visit where a message begins and ends
 * @returns how many bytes at the end belong to no whole message: the answer was cut (ENOMEM), or a length
 *   field cannot be trusted
 */
export function walkMessages(
  buffer: Uint8Array,
  visit: (start: number, end: number) => void,
): number {
  let at = 0;
  while (at + commonHeaderLength <= buffer.length) {
    const length = (buffer[at] ?? 0) | ((buffer[at + 1] ?? 0) << 8);
    if (length < commonHeaderLength || at + length > buffer.length) break;
    visit(at, at + length);
    at += length;
  }
  return buffer.length - at;
}

/** Everything that a sysctl answer says, and how much of it could not be read. */
export interface DecodedBuffer {
  readonly messages: readonly RoutingMessage[];
  /** One for each message that was left out; the others are not affected. */
  readonly errors: readonly DecodeError[];
}

/** Reads a sysctl answer. Never throws: a message that cannot be read is an error beside the others. */
export function decodeBuffer(buffer: Uint8Array, format: RoutingFormat): DecodedBuffer {
  const messages: RoutingMessage[] = [];
  const errors: DecodeError[] = [];
  const left = walkMessages(buffer, (start, end) => {
    try {
      messages.push(decodeMessage(buffer.subarray(start, end), format));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      errors.push(error);
    }
  });
  if (left > 0)
    errors.push(
      new DecodeError("truncated", `cannot read the last ${left} bytes: they are no whole message`),
    );
  return { messages, errors };
}
