import type { AdminEvent, EventLine } from "../../admin-api/event-schema.ts";
import type { Default } from "../../admin-api/route-schema.ts";
import { formatDuration } from "../duration.ts";
import type { Style } from "../palette.ts";
import { type Line, span } from "../styled-line.ts";
import { describeChanges, describeFlagChange } from "./change-words.ts";
import { describeAddress, notableFlags } from "./interface-words.ts";
import { describeLeaseEvent } from "./lease-event-words.ts";
import { describeRouteEvent } from "./route-event-words.ts";
import {
  describeMetric,
  describePrefix,
  describeProtocol,
  describeTable,
  describeTarget,
} from "./route-words.ts";

/** What happened, in plain words. A kind that this version does not know is shown by its name. */
export function describeEvent(event: EventLine): Line {
  switch (event.kind) {
    case "interface-added":
      return [subject(event.interface), span(` appeared${origin(event)}`)];
    case "interface-removed":
      return [subject(event.interface), span(" disappeared")];
    case "interface-changed":
      return [subject(event.interface), span(` ${describeChanges(event.changes)}`)];
    case "address-added":
      return [
        subject(event.interface),
        span(` got ${describeAddress(withLife(event))}`),
        flags(event),
      ];
    case "address-removed":
      return [subject(event.interface), span(` lost ${describeAddress(withLife(event))}`)];
    case "address-changed":
      return [
        span(`${describeAddress(withLife(event))} on `),
        subject(event.interface),
        span(` ${describeFlagChange(event.changes)}`),
      ];
    case "default-changed":
      return describeDefaultChange(event);
    case "scoped-installed":
    case "scoped-removed":
    case "scoped-stale":
    case "scoped-repaired":
    case "fight":
    case "default-lost":
    case "default-restored":
    case "displaced":
      return describeRouteEvent(event);
    case "lease-granted":
    case "lease-released":
    case "lease-changed":
    case "binding-moved":
    case "binding-stale":
      return describeLeaseEvent(event);
    case "wake":
      return [span(`woke after ${formatDuration(event.sleptMs)} asleep`)];
    case "overflow": {
      const overflows = count(event.overflows, "overflow");
      return [span(`the kernel dropped messages (${overflows} so far): everything was read again`)];
    }
    case "drift": {
      const differences = count(event.differences, "difference");
      const announced = `re-read found ${differences} that no message announced`;
      return [span([announced, ...list(event.subjects)].join(": "))];
    }
    case "lagged":
      return [
        span(
          `missed ${event.missed === 0 ? "some events" : count(event.missed, "event")} (${lateness})`,
        ),
      ];
    default:
      return describeUnknown(event);
  }
}

const lateness = "too slow or too late: netwatchd keeps only the latest";

const causeWords: ReadonlyMap<string, string> = new Map([
  ["reconcile", "found by a re-read"],
  ["wake", "found after waking"],
  ["resync", "found after a resync"],
]);

/** How netwatch came to know, where it was not simply told by the kernel; else nothing. */
export function describeCause(event: EventLine): string {
  const tellsOfItself = ["wake", "overflow", "drift", "lagged"].includes(event.kind);
  if (tellsOfItself || !("cause" in event)) return "";
  return causeWords.get(event.cause) ?? "";
}

type DefaultChanged = Extract<AdminEvent, { kind: "default-changed" }>;

function describeDefaultChange({ family, before, after, added, removed }: DefaultChanged): Line {
  if (sameRoute(before, after)) {
    const parts = [...added, ...removed].every((route) => describePrefix(route) !== "default");
    const noun = parts ? "part of the default" : "stand-by default";
    return [span(family, "bold"), span(` ${noun} ${describeCandidates(added, removed)}`)];
  }
  const full = before !== null && after !== null && brief(before) === brief(after);
  const words = full ? describeFully : brief;
  return [
    span(family, "bold"),
    span(" default: "),
    before === null ? span("none") : span(words(before)),
    span(" → "),
    after === null ? span(describeNone(added), "bad") : span(words(after), styleOfDefault(after)),
  ];
}

/** No default; where a new one takes its place that refuses packets, that one. */
function describeNone(added: readonly Default[]): string {
  const refusing = added.find(({ type }) => type !== "unicast");
  return refusing === undefined ? "none" : `none (${describeFully(refusing)})`;
}

function describeCandidates(added: readonly Default[], removed: readonly Default[]): string {
  const come = added.map(describeFully).join("; ");
  const gone = removed.map(describeFully).join("; ");
  if (come === "") return gone === "" ? "changed" : `gone: ${gone}`;
  return gone === "" ? `new: ${come}` : `changed: ${gone} → ${come}`;
}

function styleOfDefault({ type, linkdown }: Default): Style {
  return type !== "unicast" || linkdown ? "bad" : "good";
}

/** Enough to tell two routes apart for a person: the way, and what is unusual about it. */
function brief(route: Default): string {
  const prefix = describePrefix(route);
  return [
    ...(prefix === "default" ? [] : [prefix]),
    describeTarget(route),
    ...(route.linkdown ? ["(no carrier)"] : []),
    ...(route.via === "rule" ? [`(by rule, table ${describeTable(route)})`] : []),
  ].join(" ");
}

function describeFully(route: Default): string {
  const parts = [
    brief(route),
    describeMetric(route),
    describeProtocol(route),
    ...(describeTable(route) === "main" ? [] : [`table ${describeTable(route)}`]),
    ...(route.source === null ? [] : [`src ${route.source}`]),
    ...(route.mtu === null ? [] : [`mtu ${route.mtu}`]),
    ...(route.onlink ? ["onlink"] : []),
    ...(route.pref === null || route.pref === "medium" ? [] : [`pref ${route.pref}`]),
    ...(route.position === 0 ? [] : [`place ${route.position + 1}`]),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

// An expiry slides with every router advertisement; it makes no other route.
function sameRoute(before: Default | null, after: Default | null): boolean {
  const text = (route: Default | null): string =>
    JSON.stringify(route === null ? null : { ...route, expiresAt: null });
  return text(before) === text(after);
}

function origin(event: Extract<AdminEvent, { kind: "interface-added" }>): string {
  const state = event.up ? (event.carrier ? "up" : "up, no carrier") : "down";
  const again = event.generation > 1 ? ", a new device of an old name" : "";
  return ` (${event.interfaceKind}, ${state}${again})`;
}

function flags(event: Extract<AdminEvent, { kind: "address-added" }>): ReturnType<typeof span> {
  const notable = notableFlags(event);
  return span(notable.length === 0 ? "" : ` (${notable.join(", ")})`, "dim");
}

function withLife(
  event: Extract<AdminEvent, { address: string }>,
): Parameters<typeof describeAddress>[0] {
  return { ...event, validUntil: null, preferredUntil: null };
}

function describeUnknown(event: never): Line {
  const { kind, interface: name } = event as { kind: string; interface?: unknown };
  const words = kind.replaceAll("-", " ");
  return typeof name === "string" ? [subject(name), span(`: ${words}`)] : [span(words)];
}

function subject(name: string): ReturnType<typeof span> {
  return span(name, "bold");
}

function list(subjects: readonly string[]): string[] {
  return subjects.length === 0 ? [] : [subjects.join(", ")];
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
