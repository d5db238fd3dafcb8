import type { Example } from "./command-tree.ts";

/** What a help says below everything else. */
export function examplesText(examples: readonly Example[]): string {
  const lines = examples.flatMap(({ line, purpose }) => [`  ${purpose}:`, `    ${line}`]);
  return ["", "Examples:", ...lines].join("\n");
}
