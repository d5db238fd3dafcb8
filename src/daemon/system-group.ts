import { readFile } from "node:fs/promises";

/** A group as the system's files have it. */
export interface SystemGroup {
  readonly gid: number;
  readonly memberUids: ReadonlySet<number>;
}

/**
 * Looks a group up in `/etc/group`, its members' users in `/etc/passwd` (group(5), passwd(5)). Null when there
 * is none.
 */
export async function findSystemGroup(name: string): Promise<SystemGroup | null> {
  const [groups, users] = await Promise.all([
    readFile("/etc/group", "utf8").catch(() => ""),
    readFile("/etc/passwd", "utf8").catch(() => ""),
  ]);
  return parseSystemGroup(name, groups, users);
}

/** The group in the two files' texts. */
export function parseSystemGroup(name: string, groups: string, users: string): SystemGroup | null {
  const [, , gid, members = ""] = rows(groups).find(([group]) => group === name) ?? [];
  if (gid === undefined || !/^\d+$/.test(gid)) return null;
  const names = new Set(members.split(","));
  const uids = rows(users).flatMap(([user = "", , uid = ""]) =>
    names.has(user) && /^\d+$/.test(uid) ? [Number(uid)] : [],
  );
  return { gid: Number(gid), memberUids: new Set(uids) };
}

function rows(text: string): string[][] {
  return text.split("\n").map((line) => line.trim().split(":"));
}
