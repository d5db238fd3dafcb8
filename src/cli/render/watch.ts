import type { EventLine } from "../../admin-api/event-schema.ts";
import type { Status } from "../../admin-api/status-schema.ts";
import { formatTimeOfDay } from "../clock-time.ts";
import { formatRoughly } from "../duration.ts";
import type { View } from "../session.ts";
import { paintLines, span, wrapLine } from "../styled-line.ts";
import { renderEvent } from "./events.ts";
import { renderStatus } from "./status.ts";

export interface Watched {
  readonly status: Status;
  /** Since when the daemon is away, in ms since the epoch, or null while it answers. */
  readonly lostSince: number | null;
  /** What happened lately, oldest first. */
  readonly recent: readonly EventLine[];
}

/** `netwatch status --watch`: the status and, where there is room below it, what happened last. */
export function renderWatch(
  { status, lostSince, recent }: Watched,
  view: View & { readonly rows: number },
): string {
  const head = lostSince === null ? "" : renderLost(lostSince, view);
  const picture = `${head}${renderStatus(status, view)}`;
  let room = view.rows - lineCount(picture) - 1;
  const events: string[] = [];
  for (const event of recent.toReversed()) {
    const text = renderEvent(event, view);
    room -= lineCount(text);
    if (room < 0) break;
    events.unshift(text);
  }
  return events.length === 0 ? picture : `${picture}\n${events.join("")}`;
}

function renderLost(lostSince: number, { columns, color, now }: View): string {
  const time = formatTimeOfDay(new Date(lostSince).toISOString()).slice(0, 8);
  const away = now - lostSince < 1000 ? "just now" : `${formatRoughly(now - lostSince)} ago`;
  const words = `netwatchd went away at ${time} (${away}): this is what it last said`;
  return paintLines([...wrapLine([span(words, "bad")], columns, 2), []], color);
}

function lineCount(text: string): number {
  return text.split("\n").length - 1;
}
