import type { AdminEvent } from "../../admin-api/event-schema.ts";
import { type Line, span } from "../styled-line.ts";
import { describeRoute } from "./route-words.ts";

/** What became of a route that netwatch looks after. */
export type RouteEvent = Extract<
  AdminEvent,
  {
    kind:
      | "scoped-installed"
      | "scoped-removed"
      | "scoped-stale"
      | "scoped-repaired"
      | "fight"
      | "default-lost"
      | "default-restored"
      | "displaced";
  }
>;

/** The event in plain words. */
export function describeRouteEvent(event: RouteEvent): Line {
  const family = span(event.family, "bold");
  switch (event.kind) {
    case "scoped-installed":
      return [...ofBound(event), span(` leaves ${way(event)}${because(event.reason)}`)];
    case "scoped-removed":
      return [...ofBound(event), span(" has no way of its own any more")];
    case "scoped-stale":
      return [
        ...ofBound(event),
        span(` lost its way ${way(event)}${because(event.reason)}`, "warn"),
      ];
    case "scoped-repaired":
      return [...ofBound(event), span(` leaves ${way(event)} again: a part had been taken away`)];
    case "fight":
      return [...ofFight(event), span(` is fought over: ${event.meaning}`, "warn")];
    case "default-lost": {
      const { meaning, restoring, remedy } = event;
      const next = restoring ? "it is put back now" : remedy === null ? null : `remedy: ${remedy}`;
      const words = [` ${describeRoute(event.default)} is lost: ${meaning}`];
      return [family, span([...words, ...(next === null ? [] : [next])].join("; "), "bad")];
    }
    case "default-restored": {
      const who = event.by === null ? "" : `, by ${event.by}`;
      return [family, span(` ${describeRoute(event.now)} is back${who}`, "good")];
    }
    case "displaced": {
      const who = event.by ?? "something";
      const over = event.over.join(", ");
      return [
        family,
        span(` ${describeRoute(event.default)} was displaced by ${who}, over ${over}`, "warn"),
      ];
    }
    default:
      return event satisfies never;
  }
}

function ofFight(event: Extract<RouteEvent, { kind: "fight" }>): Line {
  if (event.what === "scoped-default") return ofBound(event);
  return [span(event.family, "bold"), span(" default over "), span(event.interface, "bold")];
}

function ofBound(event: Extract<RouteEvent, { interface: string }>): Line {
  return [span(event.family, "bold"), span(" of sockets bound to "), span(event.interface, "bold")];
}

function way({ gateway }: { readonly gateway: string | null }): string {
  return gateway === null ? "by the link itself" : `by ${gateway}`;
}

function because(reason: string | null): string {
  return reason === null ? "" : ` (${reason})`;
}
