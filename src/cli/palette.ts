export type Style = "plain" | "bold" | "dim" | "good" | "warn" | "bad" | "accent";

// Select Graphic Rendition (ECMA-48, 8.3.117): the code that turns a style on, and the one that ends it.
const renditions: Readonly<Record<Exclude<Style, "plain">, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
  accent: [36, 39],
};

/** The text in its style, or as it is when there is no colour. */
export function paint(text: string, style: Style, color: boolean): string {
  if (!color || style === "plain" || text === "") return text;
  const [on, off] = renditions[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** Colour is for terminals that can and users who did not say NO_COLOR (no-color.org: set and not empty). */
export function wantsColor(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTerminal && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
}
