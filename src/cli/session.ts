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
  /** How the daemon is started here, as it can be typed; absent for `netwatchd start`. */
  readonly startCommand?: () => Promise<string>;
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
