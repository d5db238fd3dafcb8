import { type Attribute, bytesAttribute } from "./attribute.ts";

// Interface names are bytes without an encoding; users give them in UTF-8. Bytes that are no UTF-8 become one
// lone surrogate each (U+DC80 to U+DCFF, as in Python's PEP 383), which no UTF-8 text can hold, so that every
// name goes back to the kernel as it came.

/** The text up to the first NUL, or to the end. */
export function decodeString(value: Uint8Array): string {
  const end = value.indexOf(0);
  const bytes = end < 0 ? value : value.subarray(0, end);
  let text = "";
  for (const byte of bytes) {
    if (byte >= 0x80) return decodeBeyondAscii(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

/** An attribute of text, with the NUL that the kernel wants at its end. */
export function stringAttribute(type: number, text: string): Attribute {
  const escaped = /[\udc80-\udcff]/u.test(text); // with the u flag: only lone ones
  const bytes = escaped
    ? Uint8Array.from(text, (character) => character.charCodeAt(0))
    : new TextEncoder().encode(text);
  const value = new Uint8Array(bytes.length + 1);
  value.set(bytes);
  return bytesAttribute(type, value);
}

function decodeBeyondAscii(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      String.fromCharCode(byte < 0x80 ? byte : 0xdc00 | byte),
    ).join("");
  }
}
