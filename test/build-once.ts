import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Builds both binaries before the first test: end-to-end tests start what a user starts. What the crash tests kill is
 * built beside them.
 */
export function setup(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  for (const words of [
    ["tsc"],
    ["rolldown", "-c", "--logLevel", "warn"],
    ["tsc", "-p", "test/crash"],
  ])
    execFileSync("npx", ["--no-install", ...words], { cwd: root, stdio: "inherit" });
}
