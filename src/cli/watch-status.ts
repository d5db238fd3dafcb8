import { setTimeout as delay } from "node:timers/promises";
import type { EventLine } from "../admin-api/event-schema.ts";
import { statusPath } from "../admin-api/paths.ts";
import type { Status } from "../admin-api/status-schema.ts";
import { asStatus } from "../admin-client/admin-answer.ts";
import type { AdminClient } from "../admin-client/admin-client.ts";
import { followEvents } from "../admin-client/event-follower.ts";
import { openLiveScreen } from "./live-screen.ts";
import { print, printJson } from "./print.ts";
import { renderWatch } from "./render/watch.ts";
import { type Session, viewOf } from "./session.ts";

/** A burst of events makes one new picture, this long after the first of them. */
const gatherMs = 100;
/** "3 s ago" grows older without an event. */
const tickMs = 1000;
const keptEvents = 8;

/**
 * Shows the status until the signal aborts, anew at each event. When the daemon goes away it says so, keeps
 * the last picture and waits for it.
 */
export async function watchStatus(
  client: AdminClient,
  session: Session,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const action = "watch the status";
  const { stdout } = session;
  const readStatus = async (): Promise<Status> =>
    asStatus(await client.get(statusPath, action, signal), action);
  // Before the screen is taken over, so that "netwatchd is not running" is said on the ordinary one.
  let status = await readStatus();
  let lostSince: number | null = null;
  let recent: readonly EventLine[] = [];
  const isTerminal = stdout.isTTY === true && session.env.TERM !== "dumb" && !json;
  using screen = json ? null : openLiveScreen(stdout, isTerminal);
  const draw = (): void =>
    screen?.draw(
      renderWatch(
        { status, lostSince, recent: isTerminal ? recent : [] },
        { ...viewOf(session), rows: stdout.rows ?? Number.POSITIVE_INFINITY },
      ),
    );

  const ticks = isTerminal ? setInterval(draw, tickMs) : undefined;
  if (isTerminal) stdout.on("resize", draw);
  const gathering = new AbortController();
  const stop = AbortSignal.any([signal, gathering.signal]);
  let refreshing: Promise<void> | null = null;
  let again = false;
  const refresh = async (): Promise<void> => {
    do {
      await delay(gatherMs, undefined, { signal: stop }).catch(() => undefined);
      again = false;
      if (stop.aborted) return;
      // A daemon that ends between an event and this question is noticed by the follower, which waits for it.
      const fresh = await readStatus().catch(() => null);
      if (fresh === null) return;
      status = fresh;
      if (json) await printJson(stdout, status, signal);
      else draw();
    } while (again);
  };
  const scheduleRefresh = (): void => {
    again = true;
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
  };

  try {
    if (json) await printJson(stdout, status, signal);
    else draw();
    for await (const update of followEvents(client, {}, signal)) {
      switch (update.kind) {
        case "lost":
          lostSince = session.now();
          if (!isTerminal)
            await print(session.stderr, "netwatch: netwatchd went away; waiting for it\n");
          draw();
          break;
        case "back":
          lostSince = null;
          if (!isTerminal) await print(session.stderr, "netwatch: netwatchd is back\n");
          scheduleRefresh();
          break;
        case "open":
          scheduleRefresh();
          break;
        case "event":
          if (update.event.severity !== "churn")
            recent = [...recent, update.event].slice(-keptEvents);
          scheduleRefresh();
          break;
        default:
          update satisfies never;
      }
    }
  } finally {
    gathering.abort();
    clearInterval(ticks);
    stdout.off("resize", draw);
    await refreshing;
  }
}
