import { lstat, mkdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DaemonError, errorCode } from "../daemon-error.ts";
import { serviceFileMark } from "./systemd-unit.ts";

/** What became of a file that is to be written. */
export type Written = "new" | "changed" | "same";

/**
 * Writes a service's file, whole or not at all, and never over one of somebody else's.
 *
 * @throws DaemonError `conflict` when another stands there, `not-permitted`, `failed`
 */
export async function writeServiceFile(path: string, content: string): Promise<Written> {
  const before = await readOurs(path, "write");
  if (before === content) return "same";
  const fresh = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(fresh, content, { mode: 0o644, flag: "wx" });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw failure("write", path, error);
  }
  return before === null ? "new" : "changed";
}

/**
 * Whether a file of ours stands there.
 *
 * @throws DaemonError `conflict` when it is one of somebody else's, `not-permitted`, `failed`
 */
export async function standsServiceFile(path: string): Promise<boolean> {
  return (await readOurs(path, "remove")) !== null;
}

/** @throws DaemonError `not-permitted`, `failed` */
export async function removeServiceFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    throw failure("remove", path, error);
  }
}

/** The content of a file that we wrote; null when there is none. */
async function readOurs(path: string, verb: "write" | "remove"): Promise<string | null> {
  try {
    const facts = await lstat(path);
    const content = facts.isFile() ? await readFile(path, "utf8") : "";
    // Within the first lines: an XML file begins with others.
    if (content.slice(0, 1_000).includes(serviceFileMark)) return content;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw failure(verb, path, error);
  }
  throw new DaemonError(
    "conflict",
    `cannot ${verb} ${path}: install-service did not write what stands there`,
    "look at it; move it away if nobody needs it, then try again",
  );
}

function failure(verb: string, path: string, cause: unknown): DaemonError {
  const code = errorCode(cause);
  const why = cause instanceof Error ? cause.message : String(cause);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    const reason = code === "EROFS" ? "the file system is read-only" : "permission denied";
    const hint = "try as root, or write it elsewhere with --root DIR and look at it with --print";
    return new DaemonError("not-permitted", `cannot ${verb} ${path}: ${reason}`, hint, { cause });
  }
  return new DaemonError("failed", `cannot ${verb} ${path}: ${why}`, null, { cause });
}
