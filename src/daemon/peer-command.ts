import { readFile } from "node:fs/promises";

/** Programs that run the program which their first argument names. */
const interpreters =
  /^(node|MainThread|bun|deno|sh|bash|dash|zsh|busybox|env|perl|ruby|python[\d.]*)$/;

/**
 * The name of a process's program, as proc(5) tells it; for a script, the script's name. Never a command line:
 * arguments can hold secrets. Null where the system does not tell, or when the process is gone.
 */
export async function readPeerCommand(
  pid: number,
  readText: (path: string) => Promise<string> = (path) => readFile(path, "utf8"),
): Promise<string | null> {
  try {
    const name = (await readText(`/proc/${pid}/comm`)).replace(/\n$/, "");
    if (!interpreters.test(name)) return name;
    const [, script = ""] = (await readText(`/proc/${pid}/cmdline`)).split("\0");
    const base = script.slice(script.lastIndexOf("/") + 1);
    return base === "" || base.startsWith("-") ? name : base;
  } catch {
    return null;
  }
}
