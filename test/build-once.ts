import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Builds both binaries before the first test: end-to-end tests start what a user starts. What the crash tests kill is
 * built beside them.
 */
export function setup(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  for (const project of [".", "test/crash"])
    execFileSync("npx", ["--no-install", "tsc", "-p", project], { cwd: root, stdio: "inherit" });
}
