import { paint, type Style } from "./palette.ts";
import { charWidth, textWidth } from "./text-width.ts";

export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** One line of text with its styles; widths are counted without them. */
export type Line = readonly Span[];

export function span(text: string, style: Style = "plain"): Span {
  return { text, style };
}

export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + textWidth(text), 0);
}

/** The line with spaces after (or before) it until it is so wide. */
export function padLine(line: Line, width: number, align: "left" | "right"): Line {
  const space = span(" ".repeat(Math.max(0, width - lineWidth(line))));
  return align === "left" ? [...line, space] : [space, ...line];
}

/** The line, or as much of it as fits before an ellipsis. */
export function truncateLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let room = width - 1;
  for (const { text, style } of line) {
    const head = headOf(text, room);
    kept.push(span(head, style));
    room -= textWidth(head);
    if (head !== text) return [...kept, span("…", style)];
  }
  return kept;
}

/**
 * Breaks a line at spaces so that none is wider than asked; later lines begin with `indent` spaces. A word
 * that is too long for a line of its own is cut, so that nothing is lost.
 */
export function wrapLine(line: Line, width: number, indent: number): Line[] {
  if (lineWidth(line) <= width) return [line];
  const hanging = Math.min(indent, Math.floor(width / 2));
  const lines: Span[][] = [];
  let current: Span[] = [];
  let used = 0;
  let empty = true;
  let gap: Span = span("");
  const breakLine = (): void => {
    lines.push(current);
    current = [span(" ".repeat(hanging))];
    used = hanging;
    empty = true;
    gap = span("");
  };
  for (const word of wordsOf(line)) {
    if (isGap(word)) {
      gap = word[0] ?? gap;
      continue;
    }
    const wanted = lineWidth(word);
    if (!empty && used + gap.text.length + wanted > width) breakLine();
    current.push(gap);
    used += gap.text.length;
    gap = span("");
    for (let { text, style } of word) {
      while (text !== "") {
        const head = headOf(text, width - used);
        if (head === "" && used > hanging) {
          breakLine();
          continue;
        }
        // Not even one character fits on a line of its own: it goes on, rather than looping here for ever.
        const taken = head === "" ? text : head;
        current.push(span(taken, style));
        used += textWidth(taken);
        text = text.slice(taken.length);
        if (text !== "") breakLine();
      }
    }
    empty = false;
  }
  return [...lines, current];
}

/**
 * Puts parts side by side as far as they fit, so that lines break between parts where they can; later lines
 * begin with `indent` spaces. Empty parts are left out.
 */
export function flowParts(
  parts: readonly Line[],
  separator: Span,
  width: number,
  indent: number,
): Line[] {
  const lines: Line[] = [];
  let current: Line | null = null;
  for (const part of parts.filter((one) => lineWidth(one) > 0)) {
    const longer: Line = current === null ? part : [...current, separator, ...part];
    if (current === null || lineWidth(longer) <= width) {
      current = longer;
      continue;
    }
    lines.push(current);
    current = [span(" ".repeat(indent)), ...part];
  }
  if (current !== null) lines.push(current);
  return lines.flatMap((line) => wrapLine(line, width, indent));
}

/** Lines as a terminal takes them, each ended by a newline and without spaces before it. */
export function paintLines(lines: readonly Line[], color: boolean): string {
  return lines
    .map((line) => {
      const shown = trimEnd(line);
      return `${shown.map(({ text, style }) => paint(text, style, color)).join("")}\n`;
    })
    .join("");
}

function trimEnd(line: Line): Line {
  const last = line.findLastIndex(({ text }) => text.trimEnd() !== "");
  return line
    .slice(0, last + 1)
    .map(({ text, style }, at) => span(at === last ? text.trimEnd() : text, style));
}

function headOf(text: string, width: number): string {
  let end = 0;
  let used = 0;
  for (const char of text) {
    used += charWidth(char);
    if (used > width) break;
    end += char.length;
  }
  return text.slice(0, end);
}

function isGap(word: Line): boolean {
  return word[0]?.text.startsWith(" ") ?? true;
}

/** Words and the gaps between them, in order. A word may change its style half-way. */
function wordsOf(line: Line): Span[][] {
  const words: Span[][] = [];
  for (const { text, style } of line) {
    for (const piece of text.match(/ +|[^ ]+/g) ?? []) {
      const last = words.at(-1);
      const sameSort = last !== undefined && isGap(last) === piece.startsWith(" ");
      if (sameSort && !piece.startsWith(" ")) last.push(span(piece, style));
      else if (sameSort) last[0] = span((last[0]?.text ?? "") + piece);
      else words.push([span(piece, style)]);
    }
  }
  return words;
}
