import type { ServerResponse } from "node:http";
import type { Lagged } from "../admin-api/event-schema.ts";
import type { Severity } from "../monitor/event.ts";
import type { EventLog, LoggedEvent } from "./event-log.ts";

/** What a subscriber asked for. */
export interface Subscription {
  /** The id to go on after. */
  readonly afterId: number;
  /** Null for all; `effective` lets `health` through as well. */
  readonly severity: Severity | null;
  /** Keep the answer open and stream what comes. */
  readonly follow: boolean;
  readonly format: "ndjson" | "sse";
  /** How many events before that are lost, 0 where nobody can know; null for none. */
  readonly missed: number | null;
}

/** What is kept in memory for a subscriber that does not read; the rest waits in the ring, or is lost to it. */
const writableHighWaterBytes = 65_536;

/**
 * Writes events until the subscriber leaves or the signal aborts. Each subscriber has its own place in the ring:
 * one that reads too slowly stops being written to, goes on from the ring when it has caught up, and where the
 * ring has moved past its place it is told how many it missed.
 */
export function streamEvents(
  log: EventLog,
  { afterId, severity, follow, format, missed }: Subscription,
  response: ServerResponse,
  signal: AbortSignal,
): void {
  let nextId = afterId + 1;
  let untold = missed;

  const pump = (): void => {
    if (response.writableEnded) return;
    const room = writableHighWaterBytes - response.writableLength;
    let text = "";
    let atEnd = false;
    while (text.length < room) {
      if (nextId < log.firstId) {
        untold = (untold ?? 0) + log.firstId - nextId;
        nextId = log.firstId;
      }
      if (untold !== null) text += laggedLine(untold, format);
      untold = null;
      const event = log.get(nextId);
      atEnd = event === null;
      if (event === null) break;
      nextId += 1;
      if (passes(event, severity)) text += eventLine(event, format);
    }
    if (text !== "") writeAtOnce(response, text);
    if (atEnd && !follow) response.end();
  };

  response.writeHead(200, {
    "content-type": format === "sse" ? "text/event-stream" : "application/x-ndjson",
    "cache-control": "no-store",
  });
  response.flushHeaders();
  const appended = follow ? log.onAppend(pump) : null;
  const end = (): void => void response.end();
  response.on("drain", pump);
  signal.addEventListener("abort", end, { once: true });
  response.once("close", () => {
    appended?.[Symbol.dispose]();
    signal.removeEventListener("abort", end);
  });
  pump();
}

// Left alone, Node holds the parts of a chunk back until all callbacks of this turn have run (lib/_http_outgoing.js).
function writeAtOnce(response: ServerResponse, text: string): void {
  const { socket } = response;
  socket?.cork();
  response.write(text);
  socket?.uncork();
}

function passes(event: LoggedEvent, severity: Severity | null): boolean {
  if (severity === null || event.severity === severity) return true;
  return severity === "effective" && event.severity === "health";
}

function eventLine({ id, json }: LoggedEvent, format: Subscription["format"]): string {
  return format === "sse" ? `id: ${id}\ndata: ${json}\n\n` : `${json}\n`;
}

function laggedLine(missed: number, format: Subscription["format"]): string {
  const lagged: Lagged = {
    kind: "lagged",
    time: new Date().toISOString(),
    severity: "health",
    missed,
  };
  const json = JSON.stringify(lagged);
  return format === "sse" ? `data: ${json}\n\n` : `${json}\n`;
}
