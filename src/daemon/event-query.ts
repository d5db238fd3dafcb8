import type { EventsQuery } from "../admin-api/query-schema.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminCall } from "./admin-route.ts";
import type { EventLog } from "./event-log.ts";
import type { Subscription } from "./event-stream.ts";

/**
 * What a request for events asks for. Server-sent events always follow, and go on after `Last-Event-ID`. Without
 * `since`, a request that follows begins with what comes, another one with the oldest event that is kept.
 *
 * @throws AdminError 400 for a bad query
 */
export function readSubscription(call: AdminCall, log: EventLog): Subscription {
  const format = (call.headers.accept ?? "").includes("text/event-stream") ? "sse" : "ndjson";
  const query = checkEventsQuery(call.query);
  const follow = format === "sse" || ["true", "1", ""].includes(query.follow ?? "false");
  // A browser's EventSource connects again with the query of the first time.
  const since = lastEventId(call) ?? query.since ?? null;
  const place = since === null ? null : placeOf(since, log);
  return {
    afterId: place?.afterId ?? (follow ? log.lastId : log.firstId - 1),
    missed: place?.missed ?? null,
    severity: query.severity ?? null,
    follow,
    format,
  };
}

/** What each parameter may be; the same as `eventsQuerySchema` says, by test. */
const parameters: Readonly<Record<keyof EventsQuery, { allowed: RegExp; hint: string }>> = {
  since: {
    allowed: /^\d{1,15}$|^\d{4}-\d\d-\d\dT/,
    hint: "give an event's id, or an ISO 8601 time such as 2026-01-31T12:00:00Z",
  },
  severity: { allowed: /^(effective|churn|health)$/, hint: "use effective, churn or health" },
  follow: { allowed: /^(true|false|1|0|)$/, hint: "use true or false" },
};

/**
 * Checks three short texts by hand: a schema library would cost every daemon that was ever asked for events some
 * 12 MB of memory.
 *
 * @throws AdminError 400
 */
export function checkEventsQuery(query: AdminCall["query"]): EventsQuery {
  for (const [name, value] of Object.entries(query)) {
    const known = Object.hasOwn(parameters, name) ? parameters[name as keyof EventsQuery] : null;
    if (known?.allowed.test(value) === true) continue;
    const message = `the query parameter "${name}" cannot be "${value}"`;
    throw new AdminError(400, "bad-request", message, known?.hint ?? null);
  }
  return query as EventsQuery;
}

function lastEventId({ headers }: AdminCall): string | null {
  const id = headers["last-event-id"];
  return typeof id === "string" && /^\d{1,15}$/.test(id) ? id : null;
}

function placeOf(since: string, log: EventLog): Pick<Subscription, "afterId" | "missed"> {
  if (!/^\d+$/.test(since)) return placeOfTime(since, log);
  const afterId = Number(since);
  // Ids begin again with the daemon: one that was not given yet is of an earlier run.
  return afterId > log.lastId ? { afterId: log.firstId - 1, missed: 0 } : { afterId, missed: null };
}

function placeOfTime(since: string, log: EventLog): Pick<Subscription, "afterId" | "missed"> {
  const timeMs = Date.parse(since);
  if (Number.isNaN(timeMs)) {
    const message = `the query parameter "since" cannot be "${since}"`;
    throw new AdminError(400, "bad-request", message, "there is no such time");
  }
  const afterId = log.idBefore(timeMs);
  const lost = log.firstId - 1;
  return { afterId, missed: afterId === lost && lost > 0 ? lost : null };
}
