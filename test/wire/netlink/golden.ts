import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { type NetlinkMessage, splitMessages } from "../../../src/wire/netlink/message.ts";

const folder = new URL("goldens/", import.meta.url);

/** Bytes written as hex digits; spaces, line ends and everything after `#` do not count. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/#.*/g, "").replace(/\s/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`these are no hex digits: ${digits}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The recorded bytes of goldens/NAME.hex: one message or several. */
export function readGolden(name: string): Uint8Array {
  return hex(readFileSync(new URL(`${name}.hex`, folder), "utf8"));
}

/** Message number `at` of goldens/NAME.hex. */
export function goldenMessage(name: string, at = 0): NetlinkMessage {
  const message = splitMessages(readGolden(name))[at];
  if (message === undefined) throw new Error(`${name}.hex has no message ${at}`);
  return message;
}

/** The recorded request, and the sequence number that it bore. */
export function goldenRequest(name: string): { readonly bytes: Uint8Array; readonly seq: number } {
  return { bytes: readGolden(name), seq: goldenMessage(name).seq };
}

/** The names of all recordings. */
export function goldenNames(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".hex"))
    .map((name) => name.slice(0, -".hex".length))
    .sort();
}

/**
 * A copy with zeros between the attributes that begin at `start`. iproute2 leaves there what its buffer held
 * before: its `encap ip` request has a 1 behind RTA_ENCAP_TYPE.
 */
export function clearPadding(bytes: Uint8Array, start: number): Uint8Array {
  const cleared = bytes.slice();
  const view = new DataView(cleared.buffer);
  for (let at = start; at + 4 <= cleared.length; ) {
    const end = at + view.getUint16(at, true);
    at = (end + 3) & ~3;
    cleared.fill(0, end, at);
  }
  return cleared;
}

/** An IP address in text, as the bytes on the wire. */
export function ip(text: string): Uint8Array {
  if (!text.includes(":")) return Uint8Array.from(text.split("."), Number);
  const [head = "", tail] = text.split("::");
  const groups = (part: string): string[] =>
    part === "" ? [] : part.split(":").map((group) => group.padStart(4, "0"));
  const left = groups(head);
  const right = groups(tail ?? "");
  const bytes = hex(
    [...left, ...new Array(8 - left.length - right.length).fill("0000"), ...right].join(""),
  );
  expect(bytes.length).toBe(16);
  return bytes;
}
