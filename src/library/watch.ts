import type { EventLine, Lagged } from "../admin-api/event-schema.ts";
import { createAdminClient } from "../admin-client/admin-client.ts";
import { AdminClientError } from "../admin-client/admin-client-error.ts";
import { type FollowUpdate, followEvents } from "../admin-client/event-follower.ts";
import { socketsToTry } from "../admin-client/sockets-to-try.ts";
import { viewEvent } from "../daemon/event-view.ts";
import type { MonitorEvent, Severity } from "../monitor/event.ts";
import { startMonitor } from "../monitor/monitor.ts";
import { createEventQueue } from "./event-queue.ts";
import { NetwatchError } from "./netwatch-error.ts";
import type { DaemonChoice, Surroundings } from "./surroundings.ts";

export interface WatchOptions extends DaemonChoice {
  /** An event's id or an ISO 8601 time, from which on to tell; only a daemon remembers. */
  readonly since?: string;
  /** Only these; `health` comes along with `effective`. */
  readonly severity?: Severity;
  readonly signal?: AbortSignal;
}

/** As many as a daemon keeps. */
const capacity = 4_096;

/**
 * What happens to the host's network, until the signal aborts or the loop is left. The daemon tells, if one answers, and
 * where the connection to it broke it goes on with the next event; else this process looks itself. Where events are
 * missing, one of kind `lagged` stands.
 *
 * @throws AdminClientError when only the daemon may be asked and it does not answer, or it refuses; PlatformError
 */
export async function* watchEvents(
  options: WatchOptions,
  surroundings: Surroundings,
): AsyncGenerator<EventLine, void, undefined> {
  const ending = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
  try {
    const updates = await daemonUpdates(options, surroundings, signal);
    if (updates === null) yield* ownEvents(options, surroundings, signal);
    else {
      for await (const update of updates) {
        if (update.kind === "event") yield update.event;
        // It counts from 1 again: what happened in between nobody knows.
        if (update.kind === "back" && update.restarted) yield lagged(0);
      }
    }
  } finally {
    ending.abort();
  }
}

/** Null when no daemon is to be asked. */
async function daemonUpdates(
  options: WatchOptions,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<AsyncGenerator<FollowUpdate, void, undefined> | null> {
  const { source, since, severity, socket } = options;
  if (source === "in-process") {
    if (since === undefined) return null;
    throw new NetwatchError("bad-option", "watch", "only a daemon knows what happened before");
  }
  const question = {
    ...(since === undefined ? {} : { since }),
    ...(severity === undefined ? {} : { severity }),
  };
  try {
    const client = createAdminClient(socketsToTry(surroundings, socket));
    const updates = followEvents(client, question, signal);
    await updates.next();
    return updates;
  } catch (error) {
    const mayLookItself =
      error instanceof AdminClientError && source === undefined && since === undefined;
    if (mayLookItself) return null;
    throw error;
  }
}

async function* ownEvents(
  { severity }: WatchOptions,
  surroundings: Surroundings,
  signal: AbortSignal,
): AsyncGenerator<EventLine, void, undefined> {
  if (signal.aborted) return;
  await using platform = await surroundings.openPlatform();
  await using monitor = await startMonitor(platform, {}, signal).catch((error: unknown) => {
    if (signal.aborted) return null;
    throw error;
  });
  const queue = createEventQueue<EventLine>(capacity);
  let lastId = 0;
  const end = monitor?.onEvents((events) => {
    const time = new Date().toISOString();
    queue.push(
      events
        .filter((event) => isWished(event, severity))
        .map((event) => viewEvent(event, ++lastId, time)),
    );
  });
  while (!signal.aborted) {
    const { missed, events } = await queue.take(signal);
    if (missed > 0) yield lagged(missed);
    for (const event of events) yield event;
  }
  end?.();
}

function isWished(event: MonitorEvent, severity: Severity | undefined): boolean {
  if (severity === undefined || event.severity === severity) return true;
  return severity === "effective" && event.severity === "health";
}

function lagged(missed: number): Lagged {
  return { kind: "lagged", time: new Date().toISOString(), severity: "health", missed };
}
