import { setTimeout as delay } from "node:timers/promises";
import type { EventLine } from "../admin-api/event-schema.ts";
import { eventsPath, statusPath } from "../admin-api/paths.ts";
import { asStatus, parseEventLine } from "./admin-answer.ts";
import type { AdminClient } from "./admin-client.ts";
import { AdminClientError } from "./admin-client-error.ts";

export interface EventsQuestion {
  /** An event's id or an ISO 8601 time. */
  readonly since?: string;
  readonly severity?: string;
}

/** What a follower tells: an event, that the daemon went away, that it (or another one) is there again. */
export type FollowUpdate =
  | { readonly kind: "open" }
  | { readonly kind: "event"; readonly event: EventLine }
  | { readonly kind: "lost" }
  | { readonly kind: "back"; readonly restarted: boolean };

const firstRetryMs = 100;
const slowestRetryMs = 2000;

/**
 * The daemon's events from now (or `since`) on, for ever: when the connection ends, it is made anew and goes
 * on after the last event seen. A restarted daemon counts from 1 again, so there it goes on from its start.
 *
 * @throws AdminClientError when the first connection fails, or a later one in a way that waiting does not mend
 */
export async function* followEvents(
  client: AdminClient,
  question: EventsQuestion,
  signal: AbortSignal,
): AsyncGenerator<FollowUpdate, void, undefined> {
  const action = "follow the events";
  let daemon = "";
  let lastId = 0;
  let since = question.since;
  let lostAt: string | null = null;
  let retryMs = firstRetryMs;
  while (!signal.aborted) {
    try {
      const status = asStatus(await client.get(statusPath, action, signal), action).daemon;
      const restarted = daemon !== "" && daemon !== `${status.pid} ${status.startedAt}`;
      if (restarted) {
        since = status.startedAt;
        lastId = 0;
      } else if (lostAt !== null) {
        since = lastId > 0 ? String(lastId) : (since ?? lostAt);
      }
      daemon = `${status.pid} ${status.startedAt}`;
      const path = eventsQuery({ ...question, ...(since === undefined ? {} : { since }) }, true);
      const lines = await client.openLines(path, action, signal);
      yield lostAt === null ? { kind: "open" } : { kind: "back", restarted };
      lostAt = null;
      retryMs = firstRetryMs;
      for await (const line of lines) {
        const event = parseEventLine(line, action);
        if ("id" in event) {
          if (event.id <= lastId) continue;
          lastId = event.id;
        }
        yield { kind: "event", event };
      }
      throw new AdminClientError("no-answer", "netwatchd ended the connection", null);
    } catch (error) {
      if (signal.aborted) return;
      if (daemon === "" || !isPassing(error)) throw error;
      if (lostAt === null) yield { kind: "lost" };
      lostAt ??= new Date().toISOString();
    }
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
    retryMs = Math.min(retryMs * 2, slowestRetryMs);
  }
}

/** The path of a question for events. */
export function eventsQuery({ since, severity }: EventsQuestion, follow: boolean): string {
  const query = new URLSearchParams();
  if (since !== undefined) query.set("since", since);
  if (severity !== undefined) query.set("severity", severity);
  if (follow) query.set("follow", "true");
  const text = query.toString();
  return text === "" ? eventsPath : `${eventsPath}?${text}`;
}

/** A daemon that is away may come back; one that refuses, or that speaks otherwise, will not change its mind. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof AdminClientError)) return false;
  return ["no-daemon", "stale-socket", "no-answer"].includes(error.code);
}
