/** Stands on a page for any number of lines that it does not show. */
export const elision = "…";

/** What is another one at each run: times, ages, processes, ids, hardware addresses, versions. */
const variable: readonly (readonly [RegExp, string])[] = [
  [/\b\d\d:\d\d:\d\d(\.\d{3})?/g, "TIME"],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"],
  [/\b\d+ events?\b/g, "N events"],
  [/\b(pid|netlink port|"pid":) ?\d+/g, "$1 N"],
  [/\brunning for \d+ \w+/g, "running for AGE"],
  [/\b\d+ (ms|s|min) ago|just now/g, "AGE"],
  [/\bno kernel message yet|last kernel message AGE/g, "LAST MESSAGE"],
  [/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, "MAC"],
  [/\b\d+\.\d+\.\d+(?= (only watches|looks after))|(?<=netwatchd )\d+\.\d+\.\d+/g, "VERSION"],
  [/(?<=version=")[^"]+/g, "VERSION"],
  // A program that has ended by the time that it is looked up.
  [/\bip \(pid N\)|netlink port N/g, "SOMEBODY"],
  [/\b(event|index)([= ] *)\d+/g, "$1$2N"],
  [/\bl-[0-9a-f]+\b/g, "LEASE"],
  // The uplinks of the test are of a kind that only a configuration can call wired.
  [/configured by \/etc\/netwatch\/config\.toml|no configuration file: defaults/g, "CONFIGURATION"],
  // A column is as wide as what varies in it.
  [/\s+/g, " "],
];

/** What stays the same of a line, whenever and wherever it is printed. */
function constantPart(line: string): string {
  return variable.reduce((text, [pattern, word]) => text.replace(pattern, word), line);
}

/** Whether lines that were printed are those that a page shows, up to what varies and what it leaves out. */
export function isAsShown(printed: readonly string[], shown: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return printed.length === 0;
  if (first === elision)
    return printed.some((_, at) => isAsShown(printed.slice(at), rest)) || isAsShown([], rest);
  const [line, ...others] = printed;
  return (
    line !== undefined && constantPart(line) === constantPart(first) && isAsShown(others, rest)
  );
}

/** How many lines must have been printed before those that a page shows can all be there. */
export function leastLines(shown: readonly string[]): number {
  return shown.filter((line) => line !== elision).length;
}
