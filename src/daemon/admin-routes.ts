import {
  eventsPath,
  interfacePath,
  interfacesPath,
  metricsPath,
  openApiPath,
  routesPath,
  statusPath,
} from "../admin-api/paths.ts";
import type { Routes, Status } from "../admin-api/status-schema.ts";
import { netwatchVersion } from "../admin-api/version.ts";
import type { Leases } from "../leases/lease-holding.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminRoute } from "./admin-route.ts";
import type { EventLog } from "./event-log.ts";
import { readSubscription } from "./event-query.ts";
import { streamEvents } from "./event-stream.ts";
import { leaseRoutes } from "./lease-routes.ts";
import { metricsContentType } from "./metrics/exposition.ts";
import type { Mode } from "./mode.ts";
import { nearestWord } from "./nearest.ts";
import type { ReadPeer } from "./read-access.ts";
import { changingRoutes } from "./route-change-routes.ts";
import type { RouteCommands } from "./route-commands.ts";

/** What the routes answer from. */
export interface AdminSources {
  /** What is true now. */
  readonly status: () => Status;
  readonly events: EventLog;
  /** Prometheus's text format. */
  readonly metrics: () => string;
  readonly mode: Mode;
  /** Null while nothing may be changed. */
  readonly commands: RouteCommands | null;
  /** Null while nothing may be changed. */
  readonly leases: Leases | null;
  readonly readPeer: ReadPeer;
}

/** Every route of the admin API. */
export function adminRoutes(sources: AdminSources): readonly AdminRoute[] {
  const { status, events, commands } = sources;
  return [
    {
      method: "GET",
      path: statusPath,
      query: [],
      answer: () => ({ kind: "json", body: status() }),
    },
    {
      method: "GET",
      path: interfacesPath,
      query: [],
      answer: () => ({ kind: "json", body: status().interfaces }),
    },
    {
      method: "GET",
      path: interfacePath,
      query: [],
      answer: ({ parameters }) => ({
        kind: "json",
        body: findInterface(status(), parameters.name ?? ""),
      }),
    },
    {
      method: "GET",
      path: routesPath,
      query: [],
      answer: () => ({ kind: "json", body: routesOf(status(), commands) }),
    },
    {
      method: "GET",
      path: eventsPath,
      query: ["since", "severity", "follow"],
      answer: (call) => {
        const subscription = readSubscription(call, events);
        return {
          kind: "stream",
          write: (response, signal) => streamEvents(events, subscription, response, signal),
        };
      },
    },
    {
      method: "GET",
      path: metricsPath,
      query: [],
      answer: () => ({ kind: "text", contentType: metricsContentType, text: sources.metrics() }),
    },
    {
      method: "GET",
      path: openApiPath,
      query: [],
      answer: async () => {
        const { openApiDocument } = await import("./open-api.ts");
        return { kind: "json", body: openApiDocument(netwatchVersion) };
      },
    },
    ...leaseRoutes(sources),
    ...changingRoutes({
      ...sources,
      findInterface: (name) => findInterface(status(), name),
    }),
  ];
}

const listedNames = 20;

function findInterface({ interfaces }: Status, name: string): Status["interfaces"][number] {
  const found = interfaces.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = interfaces.map((candidate) => candidate.name);
  const near = nearestWord(name, names);
  throw new AdminError(
    404,
    "no-such-interface",
    `there is no interface "${name}"`,
    near === null ? `there are: ${listed(names)}` : `did you mean "${near}"?`,
  );
}

function listed(names: readonly string[]): string {
  const more = names.length - listedNames;
  const first = names.slice(0, listedNames).join(", ") || "none";
  return more > 0 ? `${first} and ${more} more` : first;
}

function routesOf(status: Status, commands: RouteCommands | null): Routes {
  const { defaults, scoped, displaced, ownProtocol } = status;
  const lastKnownGood = commands?.lastKnownGood() ?? { ipv4: null, ipv6: null };
  return { defaults, scoped, displaced, ownProtocol, lastKnownGood };
}
