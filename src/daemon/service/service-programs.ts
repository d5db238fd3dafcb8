import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DaemonError } from "../daemon-error.ts";

/** What a service starts, by paths that hold outside of any shell. */
export interface ServicePrograms {
  readonly node: string;
  /** The file of the program `netwatchd`. */
  readonly netwatchd: string;
  /** The file of the program `netwatch`. */
  readonly netwatch: string;
}

/** Programs that were looked at. */
export interface CheckedPrograms {
  readonly programs: ServicePrograms;
  /** What may go wrong with them later, each a sentence. */
  readonly warnings: readonly string[];
}

/** Who may do what with a file, as stat(2) tells. */
export interface FileFacts {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds where the programs are, and whether a service can start them there: it runs as root without the right to
 * pass over file modes.
 *
 * @throws DaemonError when they will not be there for long, or cannot be reached
 */
export function checkPrograms(
  running: ServicePrograms,
  realpath: (path: string) => string = realpathSync,
  facts: (path: string) => FileFacts = statSync,
): CheckedPrograms {
  const programs = {
    node: realpath(running.node),
    netwatchd: realpath(running.netwatchd),
    netwatch: realpath(running.netwatch),
  };
  const paths = Object.values(programs);
  const passing = paths.find((path) => path.includes("/_npx/"));
  if (passing !== undefined)
    throw new DaemonError(
      "usage",
      `cannot make a service of ${passing}: it is in the cache of npx, which is emptied without notice`,
      "install it for good, then again: npm install --global netwatch",
    );
  const strange = paths.find((path) => /[\p{Cc}"'\\$]/u.test(path));
  if (strange !== undefined)
    throw new DaemonError(
      "usage",
      `cannot make a service of ${JSON.stringify(strange)}: systemd starts no program with such characters in its path`,
      "install node and netwatch elsewhere",
    );
  for (const path of paths) checkReachable(path, facts);
  return { programs, warnings: [...new Set(paths.flatMap((path) => warningsOf(path, facts)))] };
}

function checkReachable(path: string, facts: (path: string) => FileFacts): void {
  const obstacle = [path, ...parentsOf(path)].findLast((place) => {
    const { mode, uid, gid } = facts(place);
    // To read a file, and to search a directory: root without CAP_DAC_OVERRIDE is an owner like others.
    const bit = place === path ? 0o4 : 0o1;
    const shift = uid === 0 ? 6 : gid === 0 ? 3 : 0;
    return ((mode >> shift) & bit) === 0;
  });
  if (obstacle === undefined) return;
  throw new DaemonError(
    "usage",
    `cannot make a service of ${path}: the service obeys file modes as every user does, and those of ${obstacle} keep it out`,
    "install node and netwatch where every user can read them, such as in /usr/local",
  );
}

function warningsOf(path: string, facts: (path: string) => FileFacts): string[] {
  const owned = [path, ...parentsOf(path)].find((place) => facts(place).uid !== 0);
  if (owned !== undefined)
    return [`${owned} does not belong to root: its owner decides what this service does as root`];
  const passing = ["/tmp/", "/var/tmp/"].find((folder) => path.startsWith(folder));
  return passing === undefined
    ? []
    : [`${path} may be cleaned away: ${passing} is for files that pass`];
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...parentsOf(parent)];
}
