import { fileURLToPath } from "node:url";
import { typedCommand } from "../command-line/typed-command.ts";

/** How the daemon that came with this program is started, as it can be typed here. */
export function startCommand(searchPath: string, workingDirectory: string): string {
  const file = fileURLToPath(new URL("../daemon/main.js", import.meta.url));
  return typedCommand({ searchPath, workingDirectory, program: "netwatchd", file }, ["start"]);
}
