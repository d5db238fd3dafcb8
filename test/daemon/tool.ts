import { spawnSync } from "node:child_process";

/** Whether a test has to do without a program. Where CI is set none may be missing: then the test fails instead. */
export function lacks(program: string): boolean {
  if (process.env.CI !== undefined) return false;
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined;
}
