import type { AdminEvent } from "../../admin-api/event-schema.ts";
import { type Line, span } from "../styled-line.ts";

/** What became of a lease. */
export type LeaseEvent = Extract<
  AdminEvent,
  {
    kind: "lease-granted" | "lease-released" | "lease-changed" | "binding-moved" | "binding-stale";
  }
>;

/** The event in plain words. */
export function describeLeaseEvent(event: LeaseEvent): Line {
  const holder = span(`${event.by ?? "somebody"} (pid ${event.pid})`, "bold");
  const wish = span(` ${event.wish}`);
  switch (event.kind) {
    case "lease-granted":
      return [holder, span(event.reclaimed ? " took its lease up again:" : " leased"), wish];
    case "lease-released":
      return [holder, span(` has no lease any more (${event.because}):`), wish];
    case "lease-changed":
      return [
        holder,
        span(`: the lease of the ${event.family} default is ${event.state}`, "warn"),
        why(event),
      ];
    case "binding-moved":
      return [holder, span(`: the ${event.family} binding moved`), why(event)];
    case "binding-stale":
      return [holder, span(`: the ${event.family} binding is stale`, "warn"), why(event)];
    default:
      return event satisfies never;
  }
}

function why({ reason }: { readonly reason: string }): Line[number] {
  return span(`: ${reason}`);
}
