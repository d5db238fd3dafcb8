// An interface name is up to 15 bytes of anything but "/", ":" and white space (dev_valid_name, net/core/dev.c),
// so escape sequences and right-to-left marks reach the daemon's strings from whoever may name an interface.
const ascii = /^[\x20-\x7e]*$/;
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

// What JSON.stringify leaves as it is, though a terminal may act on it.
const unprintableInJson =
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The text with everything that a terminal could act on written out, `\u{1b}` for escape. */
export function printableText(text: string): string {
  // Compiling the Unicode classes takes longer than all else that a status needs.
  if (ascii.test(text)) return text;
  return text.replace(unprintable, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A copy of a JSON value whose every string, keys included, is printable. */
export function printable<Value>(value: Value): Value {
  return copyPrintable(value) as Value;
}

/** One line of JSON, equal in meaning, on which no terminal acts. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    unprintableInJson,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function copyPrintable(value: unknown): unknown {
  if (typeof value === "string") return printableText(value);
  if (Array.isArray(value)) return value.map(copyPrintable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [printableText(key), copyPrintable(member)]),
  );
}
