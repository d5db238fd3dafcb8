import { accessSync, constants } from "node:fs";
import { delimiter, join, relative } from "node:path";

/** What decides how a person types the name of one of our programs. */
export interface CommandSurroundings {
  readonly searchPath: string;
  readonly workingDirectory: string;
  readonly program: "netwatch" | "netwatchd";
  /** The program's file that came with this one. */
  readonly file: string;
}

/** A command that works when it is typed: `netwatch status`, or by its file where it is not installed. */
export function typedCommand(
  { searchPath, workingDirectory, program, file }: CommandSurroundings,
  words: readonly string[],
): string {
  const installed = searchPath
    .split(delimiter)
    // npm adds such folders for the programs that it starts; a person's shell does not have them.
    .filter((folder) => folder !== "" && !folder.includes("node_modules"))
    .some((folder) => isExecutable(join(folder, program)));
  const near = relative(workingDirectory, file);
  const start = installed ? [program] : ["node", near.startsWith("..") ? file : near];
  return [...start, ...words].map(quote).join(" ");
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
