import type { AdminEvent } from "../admin-api/event-schema.ts";
import { describeEvent } from "../cli/render/event-words.ts";
import type { Logger } from "./logger.ts";

/** One line for each event that matters, in the words of `netwatch events`; churn only at level debug. */
export function logEvents(log: Logger, events: readonly AdminEvent[]): void {
  for (const event of events) {
    const { id, severity } = event;
    const say = severity === "churn" ? log.debug : severity === "health" ? log.warn : log.info;
    const words = describeEvent(event).map((span) => span.text);
    say(words.join(""), { event: id });
  }
}

/** Says what is wrong when it begins, and when it is over. Returns a function to call when it may have changed. */
export function healthReporter(log: Logger, reasons: () => readonly string[]): () => void {
  let known: readonly string[] = [];
  return () => {
    const now = reasons();
    for (const reason of now) if (!known.includes(reason)) log.warn(reason);
    if (now.length === 0 && known.length > 0) log.info("all is well again");
    known = now;
  };
}
