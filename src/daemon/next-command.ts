import { accessSync, constants } from "node:fs";
import { delimiter, join, relative } from "node:path";

/** What decides how a person types the other program's name. */
export interface CommandSurroundings {
  readonly searchPath: string;
  readonly workingDirectory: string;
  /** The file of the `netwatch` program that came with this daemon. */
  readonly cliFile: string;
}

/** A command that works when it is typed: `netwatch status`, or by its file where it is not installed. */
export function netwatchCommand(
  { searchPath, workingDirectory, cliFile }: CommandSurroundings,
  words: readonly string[],
): string {
  const installed = searchPath
    .split(delimiter)
    // npm adds such folders for the programs that it starts; a person's shell does not have them.
    .filter((folder) => folder !== "" && !folder.includes("node_modules"))
    .some((folder) => isExecutable(join(folder, "netwatch")));
  const near = relative(workingDirectory, cliFile);
  const file = near.startsWith("..") ? cliFile : near;
  const program = installed ? ["netwatch"] : ["node", file];
  return [...program, ...words].map(quote).join(" ");
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
