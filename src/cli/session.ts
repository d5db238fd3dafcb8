import { existsSync, lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { longestSocketPath } from "../admin-api/paths.ts";
import { defaultSocketPath, systemSocketPath } from "../admin-api/socket-path.ts";
import { CliError } from "./cli-error.ts";
import { wantsColor } from "./palette.ts";

/** What text is written to: a terminal, a pipe or a file. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  once(event: "drain" | "close", listener: () => void): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize" | "drain" | "close", listener: () => void): unknown;
}

/** What a command has of the process it runs in. */
export interface Session {
  readonly platform: string;
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly socket?: string;
  readonly json?: true;
}

/** How a text shall look: its width in cells, and whether it may have colour. */
export interface View {
  readonly columns: number;
  readonly color: boolean;
  /** Now, in ms since the epoch: for "3 min ago". */
  readonly now: number;
}

/** A terminal is as wide as it says; a pipe or a file takes lines of any length, and no colour. */
export function viewOf({ stdout, env, now }: Session): View {
  const isTerminal = stdout.isTTY === true;
  const columns = isTerminal ? stdout.columns || 80 : Number.POSITIVE_INFINITY;
  return { columns: Math.max(20, columns), color: wantsColor(isTerminal, env), now: now() };
}

/**
 * Sockets to try, in order: the one that the user named and no other, else the user's own daemon, else root's.
 * A folder for the own one that belongs to somebody else is passed over: in the temp folder anybody may make one.
 *
 * @throws CliError "usage" when the named path is longer than a socket's may be
 */
export function socketsToTry(
  session: Session,
  named: string | undefined,
  exists: (path: string) => boolean = existsSync,
  ownerOf: (path: string) => number | null = ownerOfFile,
): readonly string[] {
  const fromEnv = session.env.NETWATCH_SOCKET;
  const chosen = named ?? (fromEnv === "" ? undefined : fromEnv);
  if (chosen !== undefined) return [checkedPath(chosen, session.platform)];
  const own = defaultSocketPath({ ...session, tmpdir: tmpdir() });
  const system = systemSocketPath(session.platform);
  if (own === system) return [own];
  if (![null, session.uid].includes(ownerOf(own.slice(0, own.lastIndexOf("/"))))) return [system];
  if (!exists(system)) return [own];
  return exists(own) ? [own, system] : [system];
}

function ownerOfFile(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.uid ?? null;
}

function checkedPath(path: string, platform: string): string {
  const longest = longestSocketPath(platform);
  const length = Buffer.byteLength(path);
  if (length > 0 && length <= longest) return path;
  const why =
    length === 0 ? "the path is empty" : `its path has ${length} bytes of at most ${longest}`;
  throw new CliError("usage", `cannot use the socket ${JSON.stringify(path)}: ${why}`, {
    hint: "Give a shorter path, for example through a symbolic link to its folder.",
  });
}
