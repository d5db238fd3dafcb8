/** A word as any POSIX shell, zsh and bash read it back: within single quotes. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The same for fish, where a backslash counts within single quotes. */
export function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** The lines, each so far to the right. */
export function indented(width: number, lines: readonly string[]): string {
  return lines.map((line) => `${" ".repeat(width)}${line}`).join("\n");
}
