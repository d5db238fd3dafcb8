import { CliError } from "./cli-error.ts";
import { parseDuration } from "./duration.ts";

/**
 * What the admin API takes as `since`: an event's id as it is, a duration (`10m`) as the time so long ago, a
 * time in ISO 8601 in UTC.
 *
 * @throws CliError "usage"
 */
export function resolveSince(text: string, now: number): string {
  if (/^\d{1,15}$/.test(text)) return text;
  const ago = parseDuration(text);
  const time =
    ago === null && /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : now - (ago ?? NaN);
  const date = new Date(time);
  if (!Number.isNaN(date.getTime()) && date.getTime() >= 0) return date.toISOString();
  throw new CliError(
    "usage",
    `cannot go back to ${JSON.stringify(text)}: it is no duration, event id or time`,
    { hint: "Say it like 10m, 2h, 1d, 1234 (an event's id) or 2026-03-01T08:00." },
  );
}
