// East Asian Wide and Fullwidth blocks (UAX #11) and what terminals show as emoji take two cells.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const combining = /[\p{Mn}\p{Me}]/u;
/** ASCII and the marks that netwatch itself draws: one cell each, found without compiling the classes above. */
const narrow = /^[\x20-\x7e·×…→─●✗]*$/;

/** Cells that a printable text takes in a terminal. */
export function textWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** Cells of one code point: 0, 1 or 2. */
export function charWidth(char: string): 0 | 1 | 2 {
  if (narrow.test(char)) return 1;
  if (combining.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}
