import { typedCommand } from "../command-line/typed-command.ts";

/** How the daemon that came with this program is started, as it can be typed here. @param file the daemon's own */
export function startCommand(searchPath: string, workingDirectory: string, file: string): string {
  return typedCommand({ searchPath, workingDirectory, program: "netwatchd", file }, ["start"]);
}
