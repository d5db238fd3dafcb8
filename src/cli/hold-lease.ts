import { setTimeout as delay } from "node:timers/promises";
import type { LeaseLine, LeaseRequestInput } from "../admin-api/lease-schema.ts";
import type { AdminClient } from "../admin-client/admin-client.ts";
import { type LeaseLines, openLeaseLines } from "../admin-client/lease-lines.ts";
import { CliError } from "./cli-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { listenForInterruption } from "./interruption.ts";
import { startLeasedCommand } from "./leased-command.ts";
import { print, printJson } from "./print.ts";
import { renderLeaseLine } from "./render/lease.ts";
import { type Session, viewOf } from "./session.ts";

/** What holding a lease takes. */
export interface HoldOptions {
  readonly request: LeaseRequestInput;
  /** A program to run meanwhile; none for holding it until the user ends it. */
  readonly command: readonly string[];
  readonly json: boolean;
}

const action = "take the lease";
const firstRetryMs = 200;
const slowestRetryMs = 2_000;

/**
 * Holds a lease and tells what becomes of it: while a program runs, else until Ctrl-C. When the daemon is away it is
 * asked again and again.
 *
 * @returns what the shell shall get
 * @throws AdminClientError, CliError
 */
export async function holdLease(
  client: AdminClient,
  session: Session,
  { request, command, json }: HoldOptions,
): Promise<number> {
  const leaving = new AbortController();
  const { signal } = leaving;
  // What the program prints is not mixed with what is said of the lease.
  const output = command.length === 0 ? session.stdout : session.stderr;
  const show = (line: LeaseLine): Promise<void> =>
    json
      ? printJson(output, line, signal)
      : print(output, renderLeaseLine(line, command.length === 0 && viewOf(session).color), signal);
  const say = (text: string): Promise<void> => print(session.stderr, `netwatch: ${text}\n`, signal);

  if (command.length === 0) {
    using interruption = listenForInterruption();
    interruption.signal.addEventListener("abort", () => leaving.abort(), { once: true });
    const first = await openLeaseLines(client, request, action, signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (first === null) return exitCodes.done;
    await show(first.granted);
    const end = await followLease(client, request, first, { show, say }, signal);
    if (end === null) return exitCodes.done;
    throw new CliError("refused", `the lease ended: ${end}`, { hint: null });
  }
  const first = await openLeaseLines(client, request, action, signal);
  if (json) await show(first.granted);
  const hasTerminal = process.stdin.isTTY === true;
  using running = startLeasedCommand(command, first.granted, process.env, hasTerminal);
  const followed = followLease(client, request, first, { show, say }, signal)
    .then((end) => (end === null ? undefined : say(`the lease ended: ${end}`)))
    .catch(() => undefined);
  try {
    return await running.ended;
  } finally {
    leaving.abort();
    await followed;
  }
}

/** Tells of it until the signal aborts, then null; else why it can be held no more. */
async function followLease(
  client: AdminClient,
  request: LeaseRequestInput,
  first: LeaseLines,
  { show, say }: Telling,
  signal: AbortSignal,
): Promise<string | null> {
  let id = first.granted.id;
  for (let lines: LeaseLines | null = first; lines !== null; ) {
    let why = "netwatchd ended the connection";
    try {
      for await (const line of lines.later) {
        await show(line);
        if (line.kind !== "released") continue;
        if (line.because !== "stopping") return line.reason;
        why = line.reason;
      }
    } catch {
      // The line was cut: what it was cut by does not matter to whoever asks again.
    }
    if (signal.aborted) return null;
    await say(`${why}; asking for the lease again`);
    lines = await askAgain(client, { ...request, claim: id }, say, signal);
    if (lines === null) return null;
    id = lines.granted.id;
    await show(lines.granted);
  }
  return null;
}

interface Telling {
  readonly show: (line: LeaseLine) => Promise<void>;
  readonly say: (text: string) => Promise<void>;
}

/** Null when the signal aborts. */
async function askAgain(
  client: AdminClient,
  request: LeaseRequestInput,
  say: Telling["say"],
  signal: AbortSignal,
): Promise<LeaseLines | null> {
  let retryMs = firstRetryMs;
  let said = "";
  while (!signal.aborted) {
    try {
      return await openLeaseLines(client, request, action, signal);
    } catch (error) {
      if (signal.aborted) return null;
      const why = error instanceof Error ? error.message : String(error);
      if (why !== said) await say(why);
      said = why;
    }
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
    retryMs = Math.min(retryMs * 2, slowestRetryMs);
  }
  return null;
}
