import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds both binaries before the first test: end-to-end tests start what a user starts. */
export function setup(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  execFileSync("npx", ["--no-install", "tsc"], { cwd: root, stdio: "inherit" });
}
