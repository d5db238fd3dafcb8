import type { GlobalOptions } from "./session.ts";

/**
 * The options of a line that is nothing but `status` with the options that every command has; null for any
 * other. Prompts and scripts ask this often, and loading commander takes longer than asking the daemon.
 */
export function plainStatusOptions(words: readonly string[]): GlobalOptions | null {
  const rest = [...words];
  let socket: string | undefined;
  let json = false;
  let asked = false;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--json") json = true;
    else if (word === "status" && !asked) asked = true;
    else if (word === "--socket" && /^[^-]/.test(rest[0] ?? "")) socket = rest.shift();
    else return null;
  }
  if (!asked) return null;
  return { ...(socket === undefined ? {} : { socket }), ...(json ? { json } : {}) };
}
