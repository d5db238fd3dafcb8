import { existsSync, lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { longestSocketPath } from "../admin-api/paths.ts";
import {
  defaultSocketPath,
  type SocketSurroundings,
  systemSocketPath,
} from "../admin-api/socket-path.ts";
import { AdminClientError } from "./admin-client-error.ts";

/**
 * Sockets to try, in order: the one that the user named and no other, else the user's own daemon, else root's.
 * A folder for the own one that belongs to somebody else is passed over: in the temp folder anybody may make one.
 *
 * @throws AdminClientError "bad-socket" when the named path is longer than a socket's may be
 */
export function socketsToTry(
  seeker: Omit<SocketSurroundings, "tmpdir">,
  named: string | undefined,
  exists: (path: string) => boolean = existsSync,
  ownerOf: (path: string) => number | null = ownerOfFile,
): readonly string[] {
  const fromEnv = seeker.env.NETWATCH_SOCKET;
  const chosen = named ?? (fromEnv === "" ? undefined : fromEnv);
  if (chosen !== undefined) return [checkedPath(chosen, seeker.platform)];
  const own = defaultSocketPath({ ...seeker, tmpdir: tmpdir() });
  const system = systemSocketPath(seeker.platform);
  if (own === system) return [own];
  if (![null, seeker.uid].includes(ownerOf(own.slice(0, own.lastIndexOf("/"))))) return [system];
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
  throw new AdminClientError(
    "bad-socket",
    `cannot use the socket ${JSON.stringify(path)}: ${why}`,
    "Give a shorter path, for example through a symbolic link to its folder.",
  );
}
