import type { InternetSockets } from "../platform/internet-socket.ts";
import type { Platform } from "../platform/platform.ts";

/** What the library has of the process that it runs in. */
export interface Surroundings {
  /** `process.platform`. */
  readonly platform: string;
  /** The effective user. */
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  openPlatform(): Promise<Platform>;
  openSockets(): Promise<InternetSockets>;
  /** The addresses of a host in the order of the resolver's answer. */
  resolve(host: string): Promise<readonly string[]>;
  /** Tells the program's owner something that nobody listens for. */
  warn(message: string): void;
}

/** Which netwatchd to ask. */
export interface DaemonChoice {
  /** Path of its socket; without it NETWATCH_SOCKET, else this user's own daemon, else root's. */
  readonly socket?: string;
  /** Without it: the daemon if one answers, else this process looks itself. */
  readonly source?: "daemon" | "in-process";
}
