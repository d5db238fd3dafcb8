/** What to do next as a line of its own: hints come as sentences and as parts of one. */
export function asSentence(hint: string): string {
  const text = hint.replace(/(?<![.…])\.$/, "");
  return /^(netwatchd?|`)/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
