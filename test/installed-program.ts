import { spawnSync } from "node:child_process";

/**
 * Whether a test that needs a program beside ours can run. A developer may lack it; where CI is true nothing is
 * left out, and the test fails for want of it.
 */
export function hasProgram(name: string): boolean {
  if (process.platform !== "linux") return false;
  return process.env.CI === "true" || spawnSync(name, ["--version"]).error === undefined;
}
