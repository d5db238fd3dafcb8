import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DaemonError, errorCode } from "./daemon-error.ts";

/** The directory of a socket: 0755 for root, whose socket others may reach; 0700 for anybody else. */
export function prepareSocketDirectory(place: {
  readonly path: string;
  readonly uid: number;
  readonly ownDirectory: boolean;
}): void {
  const directory = dirname(place.path);
  try {
    mkdirSync(directory);
    chmodSync(directory, place.uid === 0 ? 0o755 : 0o700);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw cannotMake(directory, error);
    checkDirectory(directory, place);
  }
}

function checkDirectory(
  directory: string,
  { uid, ownDirectory }: { readonly uid: number; readonly ownDirectory: boolean },
): void {
  // Who owns a link can point it elsewhere afterwards, whoever owns what it points to now.
  const stat = ownDirectory ? lstatSync : statSync;
  const found = stat(directory, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) {
    const message = `cannot use ${directory} for the socket: it is not a directory`;
    throw new DaemonError("usage", message, "choose another path with --socket");
  }
  if (!ownDirectory || (found.uid === uid && (found.mode & 0o022) === 0)) return;
  throw new DaemonError(
    "not-permitted",
    `cannot use ${directory} for the socket: another user owns it or may write there`,
    "remove it, or choose another path with --socket",
  );
}

function cannotMake(directory: string, error: unknown): DaemonError {
  const message = `cannot make the directory ${directory} for the socket`;
  switch (errorCode(error)) {
    case "ENOENT":
      return new DaemonError(
        "usage",
        `${message}: ${dirname(directory)} does not exist`,
        "make that directory, or choose another path with --socket",
        { cause: error },
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new DaemonError(
        "not-permitted",
        `${message}: permission denied in ${dirname(directory)}`,
        "start it as a user who may write there, or choose another path with --socket",
        { cause: error },
      );
    default:
      return new DaemonError(
        "failed",
        `${message}: ${error instanceof Error ? error.message : String(error)}`,
        "choose another path with --socket",
        { cause: error },
      );
  }
}
