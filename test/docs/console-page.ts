/** A line that is typed on a page, and the lines that the page shows below it. */
interface TypedLine {
  readonly typed: string;
  readonly printed: readonly string[];
}

/** A page in pieces: what stands as it is, and what is typed in its console blocks. */
export type Piece = { readonly text: string } | TypedLine;

const fence = "```";
const prompt = "$ ";

/** A page's pieces, in order: in blocks of `console`, each line after a prompt is typed. */
export function splitPage(page: string): readonly Piece[] {
  const pieces: (Piece & { printed?: string[] })[] = [];
  let inside = false;
  for (const text of page.split("\n")) {
    const isFence = text.startsWith(fence);
    if (isFence) inside = text === `${fence}console`;
    const last = pieces.at(-1);
    if (!inside || isFence) pieces.push({ text });
    else if (text.startsWith(prompt))
      pieces.push({ typed: text.slice(prompt.length), printed: [] });
    else if (last?.printed === undefined) throw new Error(`nobody typed what prints "${text}"`);
    else last.printed.push(text);
  }
  return pieces;
}

/** The page again. */
export function joinPage(pieces: readonly Piece[]): string {
  return pieces
    .flatMap((piece) =>
      "text" in piece ? [piece.text] : [`${prompt}${piece.typed}`, ...piece.printed],
    )
    .join("\n");
}

/** The lines of a page's `sh` blocks that begin one of these programs: such blocks show nothing printed. */
export function shellLines(page: string, programs: readonly string[]): readonly string[] {
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = ""]) => block.replaceAll("\\\n", "").split("\n"))
    .map((line) => line.replace(/\s+#.*$/, ""))
    .filter((line) => programs.includes(line.replace(/^sudo /, "").split(" ")[0] ?? ""));
}
