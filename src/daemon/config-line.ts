const part = String.raw`(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)`;
const dotted = String.raw`${part}(?:\s*\.\s*${part})*`;
const tablePattern = new RegExp(String.raw`^\s*\[{1,2}\s*(${dotted})\s*\]`);
const keyPattern = new RegExp(String.raw`^\s*(${dotted})\s*=`);
const partPattern = new RegExp(part, "g");

/**
 * The line, 1 first, on which a TOML text sets the key at `path`, or else the nearest table or key around it;
 * null when not even that is there. Escapes in a quoted key are not resolved: such a key is found
 * by its table. (TOML parsers give positions of broken syntax only.)
 */
export function lineOfKey(source: string, path: readonly string[]): number | null {
  let table: string[] = [];
  let best: { readonly line: number; readonly depth: number } | null = null;
  for (const [at, line] of source.split("\n").entries()) {
    const header = tablePattern.exec(line)?.[1];
    const key = keyPattern.exec(line)?.[1];
    if (header !== undefined) table = splitKey(header);
    else if (key === undefined) continue;
    const here = key === undefined ? table : [...table, ...splitKey(key)];
    const depth = Math.min(here.length, path.length);
    const around = here.slice(0, depth).every((word, place) => word === path[place]);
    if (around && depth > (best?.depth ?? 0)) best = { line: at + 1, depth };
  }
  return best?.line ?? null;
}

function splitKey(text: string): string[] {
  return (text.match(partPattern) ?? []).map((word) => {
    return /^["']/.test(word) ? word.slice(1, -1) : word;
  });
}
