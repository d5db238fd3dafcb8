import type { AdminEvent } from "../admin-api/event-schema.ts";
import { viaOfRoute } from "../monitor/effective-default.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { Requester } from "../platform/route-evidence.ts";
import type { GuardEvent } from "../routes/guard/guard-event.ts";
import { nameRequester } from "../routes/guard/requester.ts";
import type { ScopedView } from "../routes/scoped-view.ts";
import { type InterfaceNames, viewDefault } from "./default-view.ts";

type RouteKind =
  | "scoped-installed"
  | "scoped-removed"
  | "scoped-stale"
  | "scoped-repaired"
  | "fight"
  | "default-lost"
  | "default-restored"
  | "displaced"
  | "lease-granted"
  | "lease-released"
  | "lease-changed"
  | "binding-moved"
  | "binding-stale";

type Unnumbered<Event> = Event extends AdminEvent ? Omit<Event, "id" | "time"> : never;

/** What happened to a route that netwatch looks after, as the admin API tells it but for its number and time. */
export type RouteNews = Unnumbered<Extract<AdminEvent, { kind: RouteKind }>>;

/** What the guard has seen, for the admin API. */
export function newsOfGuard(event: GuardEvent, names: InterfaceNames): RouteNews {
  const view = (route: DefaultRoute): ReturnType<typeof viewDefault> =>
    viewDefault(route, viaOfRoute(route), names);
  const base = {
    severity: "effective",
    cause: "message",
    family: event.family,
    default: viewDefault(event.route, viaOfRoute(event.route), namesThen(event, names)),
    by: event.by === null ? null : nameOf(event.by),
  } as const;
  switch (event.kind) {
    case "default-lost": {
      const { kind, because, meaning, restoring, remedy, instead } = event;
      const now = instead === null ? null : view(instead);
      return { ...base, kind, because, meaning, instead: now, restoring, remedy };
    }
    case "default-restored":
      return { ...base, kind: event.kind, now: view(event.now) };
    case "displaced":
      return { ...base, kind: event.kind, over: [...event.over] };
    default:
      return event satisfies never;
  }
}

function nameOf(requester: Requester): string {
  return requester.pid === process.pid ? "netwatch" : nameRequester(requester);
}

/** What differs between two views of scoped defaults, and what was put right between them. */
export function newsOfScoped(
  before: readonly ScopedView[],
  after: readonly ScopedView[],
  /** Whether a part of it was missing and was put back. */
  wasRepaired: (view: ScopedView) => boolean,
  cause: RouteNews["cause"],
): readonly RouteNews[] {
  const news = (kind: ScopedKind, { interface: name, family, gateway, reason }: ScopedView) =>
    ({ kind, severity: "effective", cause, interface: name, family, gateway, reason }) as const;
  const gone = before.filter((old) => stands(old) && find(after, old) === undefined);
  return [
    ...gone.map((old) => news("scoped-removed", { ...old, reason: null })),
    ...after.flatMap((view): readonly RouteNews[] => {
      const old = find(before, view);
      const stood = old !== undefined && stands(old);
      if (!stands(view)) return stood && view.state !== "fight" ? [news("scoped-stale", view)] : [];
      if (!stood || old.gateway !== view.gateway) return [news("scoped-installed", view)];
      return wasRepaired(view) ? [news("scoped-repaired", view)] : [];
    }),
  ];
}

type ScopedKind = Extract<RouteKind, `scoped-${string}`>;

function stands({ state }: ScopedView): boolean {
  return state === "installed" || state === "degraded";
}

function find(views: readonly ScopedView[], one: ScopedView): ScopedView | undefined {
  return views.find((view) => view.interface === one.interface && view.family === one.family);
}

/** An interface that is gone is called as it was called while the route stood. */
function namesThen(event: GuardEvent, names: InterfaceNames): InterfaceNames {
  const then = new Map(
    interfacesOfRoute(event.route).map((index, at) => [index, event.interfaceNames[at]]),
  );
  return { get: (index) => then.get(index) ?? names.get(index) };
}
