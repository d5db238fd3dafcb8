/** What decides where the admin socket stands; both programs must see the same. */
export interface SocketSurroundings {
  /** `process.platform`. */
  readonly platform: string;
  /** The effective user. */
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `os.tmpdir()`. */
  readonly tmpdir: string;
}

const socketName = "netwatchd.sock";

/** Where root's daemon listens. */
export function systemSocketPath(platform: string): string {
  return platform === "darwin" ? `/var/run/netwatch/${socketName}` : `/run/netwatch/${socketName}`;
}

/**
 * Where this user's daemon listens: the system's place for root, else the user's runtime folder, else a folder
 * of the user's own in the temp folder. XDG_RUNTIME_DIR counts only when it is absolute (XDG base directory
 * specification, "Basics").
 */
export function defaultSocketPath({ platform, uid, env, tmpdir }: SocketSurroundings): string {
  if (uid === 0) return systemSocketPath(platform);
  const runtime = env.XDG_RUNTIME_DIR ?? "";
  if (runtime.startsWith("/")) return `${withoutEndSlash(runtime)}/netwatch/${socketName}`;
  return `${withoutEndSlash(tmpdir)}/netwatch-${uid}/${socketName}`;
}

function withoutEndSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
