import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { DefaultRoute } from "../../network/route.ts";
import { PlatformError } from "../platform-error.ts";
import type {
  AddOutcome,
  HostRoute,
  KernelIdentity,
  Obstacle,
  PinnedHost,
  RecordedDefault,
  RouteControl,
  ScopedDefault,
  TableRule,
} from "../route-control.ts";
import { checkRoute, insertDefault, isSameRoute, withoutDefault } from "./default-insertion.ts";
import type { MemoryRule } from "./memory-kernel.ts";
import type { MemoryPlatform } from "./memory-platform.ts";
import {
  findScoped,
  isRouteOfSlot,
  isRuleInPlace,
  isRuleOfSlot,
  isSameRule,
  partsOf,
  type ScopedLayout,
  type ScopedParts,
  slotCount,
} from "./scoped-parts.ts";

/** One request as a kernel would get it. */
type MemoryRequest =
  | { readonly kind: "read" | "solicit" }
  | { readonly kind: "add-route" | "remove-route"; readonly route: DefaultRoute }
  | { readonly kind: "add-host" | "remove-host"; readonly host: HostRoute }
  | { readonly kind: "add-rule" | "remove-rule"; readonly rule: MemoryRule };

/** The hands of a test in the memory route control. */
interface MemoryRouteControls {
  /** Called before each request; what it throws, the request throws, and nothing is changed by it. */
  before: (request: MemoryRequest) => void;
  /** What the routers on a link do when they are asked. */
  onSolicit: (interfaceIndex: number) => void;
  /** Told in each reading beside what the kernel itself shows. */
  obstacles: readonly Obstacle[];
  pinnedHosts: readonly PinnedHost[];
  tableRules: readonly TableRule[];
}

/** A route control over a memory platform's kernel. */
export interface MemoryRouteControl extends RouteControl {
  readonly controls: MemoryRouteControls;
  /** Routes of ours to single addresses that stand. */
  hosts(): readonly HostRoute[];
}

const defaultLayout: ScopedLayout = { preferenceBase: 5100, tableBase: 5100, protocol: 199 };
const refusing: ReadonlySet<string> = new Set(["unreachable", "blackhole", "prohibit"]);

/** Opens a route control over the kernel of a memory platform. */
export function openMemoryRouteControl(
  platform: MemoryPlatform,
  identity: KernelIdentity = { bootId: "memory", namespaceCookie: "0" },
  layout: ScopedLayout = defaultLayout,
): MemoryRouteControl {
  const { kernel } = platform;
  const controls: MemoryRouteControls = {
    before: () => undefined,
    onSolicit: () => undefined,
    obstacles: [],
    pinnedHosts: [],
    tableRules: [],
  };
  const hosts: HostRoute[] = [];
  // Linux takes the routes over a link away when it goes down, and says nothing.
  const standingHosts = (): readonly HostRoute[] => {
    const stand = hosts.filter((one) => kernel.interfaces.get(one.interfaceIndex)?.up === true);
    hosts.splice(0, hosts.length, ...stand);
    return stand;
  };
  const asked = (request: MemoryRequest, signal?: AbortSignal): void => {
    signal?.throwIfAborted();
    controls.before(request);
  };
  const setDefaults = (family: IpFamily, routes: readonly DefaultRoute[]): void =>
    platform.controls.setDefaults(family, routes);

  const addRoute = (route: DefaultRoute): void => {
    const standing = kernel.scopedRoutes.filter(
      (one) =>
        one.family !== route.family || one.table !== route.table || one.prefix !== route.prefix,
    );
    if (kernel.scopedRoutes.some((one) => isSameRoute(one, route))) return;
    asked({ kind: "add-route", route });
    checkRoute(route, kernel.interfaces);
    kernel.setScopedRoutes([...standing, route]);
  };
  const removeRoute = (route: DefaultRoute): void => {
    asked({ kind: "remove-route", route });
    kernel.setScopedRoutes(kernel.scopedRoutes.filter((one) => !isSameRoute(one, route)));
  };
  const addRule = (rule: MemoryRule): void => {
    if (kernel.rules.some((one) => isSameRule(one, rule))) return;
    asked({ kind: "add-rule", rule });
    kernel.setRules([...kernel.rules, rule]);
  };
  const removeRule = (rule: MemoryRule): void => {
    asked({ kind: "remove-rule", rule });
    kernel.setRules(kernel.rules.filter((one) => !isSameRule(one, rule)));
  };
  const ofSlot = (family: IpFamily, slot: number): ScopedParts => ({
    routes: kernel.scopedRoutes.filter((one) => isRouteOfSlot(one, family, slot, layout)),
    rules: kernel.rules.filter((one) => isRuleOfSlot(one, family, slot, layout)),
  });
  const isTaken = (family: IpFamily, slot: number): boolean =>
    kernel.rules.some(
      (rule) =>
        isRuleInPlace(rule, family, slot, layout) && !isRuleOfSlot(rule, family, slot, layout),
    ) ||
    [...kernel.scopedRoutes, ...kernel.defaults(family).routes].some(
      (route) =>
        route.family === family &&
        route.table === layout.tableBase + slot &&
        !isRouteOfSlot(route, family, slot, layout),
    );

  const standingObstacles = (): readonly Obstacle[] =>
    ipFamilies.flatMap((family): readonly Obstacle[] => {
      const killers = kernel
        .defaults(family)
        .routes.filter(({ type, table }) => table === 254 && refusing.has(type))
        .map(({ prefix, type }) => ({ kind: "kill-switch" as const, family, prefix, type }));
      const slots = Array.from({ length: slotCount }, (_, slot) => slot);
      const taken = slots
        .filter((slot) => isTaken(family, slot))
        .map((slot) => ({ kind: "slot-taken" as const, family, slot, by: "another program" }));
      return [...killers, ...taken];
    });

  const removeHost: NonNullable<RouteControl["removeHost"]> = async (host, signal) => {
    asked({ kind: "remove-host", host }, signal);
    const at = hosts.findIndex((one) => isSameHost(one, host));
    if (at < 0) return "already-gone";
    hosts.splice(at, 1);
    return "removed";
  };

  return {
    controls,
    hosts: standingHosts,
    // As Linux has them.
    traits: { metrics: true, ordered: ["ipv4"], scoped: "rules" },
    identity: () => identity,
    async read(signal) {
      asked({ kind: "read" }, signal);
      return {
        scoped: findScoped(kernel.scopedRoutes, kernel.rules, kernel.interfaces, layout),
        defaults: ipFamilies.flatMap((family) => kernel.defaults(family).routes.map(recorded)),
        obstacles: [...controls.obstacles, ...standingObstacles()],
        pinnedHosts: controls.pinnedHosts,
        ownHosts: standingHosts(),
        tableRules: controls.tableRules,
      };
    },
    async addScoped(entry: ScopedDefault, signal): Promise<AddOutcome> {
      signal.throwIfAborted();
      if (isTaken(entry.family, entry.slot)) return "conflict";
      const wanted = partsOf(entry, layout);
      const before = ofSlot(entry.family, entry.slot);
      const spareRoutes = before.routes.filter(
        (one) => !wanted.routes.some(({ prefix }) => prefix === one.prefix),
      );
      const spareRules = before.rules.filter(
        (one) => !wanted.rules.some((rule) => isSameRule(rule, one)),
      );
      const stands =
        spareRoutes.length + spareRules.length === 0 &&
        wanted.routes.every((route) => before.routes.some((one) => isSameRoute(one, route))) &&
        wanted.rules.every((rule) => before.rules.some((one) => isSameRule(one, rule)));
      if (stands) return "already-there";
      for (const route of wanted.routes) addRoute(route);
      for (const rule of wanted.rules) addRule(rule);
      for (const rule of spareRules.toReversed()) removeRule(rule);
      for (const route of spareRoutes) removeRoute(route);
      return "added";
    },
    async removeScoped(entry, signal) {
      signal.throwIfAborted();
      const { routes, rules } = ofSlot(entry.family, entry.slot);
      for (const rule of rules.toReversed()) removeRule(rule);
      for (const route of routes.toReversed()) removeRoute(route);
    },
    async addDefault(record, placement, signal): Promise<AddOutcome> {
      asked({ kind: "add-route", route: record.route }, signal);
      const { routes } = kernel.defaults(record.route.family);
      if (routes.some((one) => isSameRoute(one, record.route))) return "already-there";
      checkRoute(record.route, kernel.interfaces);
      const next = insertDefault(routes, record.route, placement);
      if (next === null) return "conflict";
      setDefaults(record.route.family, next);
      return "added";
    },
    async removeDefault(record, signal) {
      asked({ kind: "remove-route", route: record.route }, signal);
      const { routes } = kernel.defaults(record.route.family);
      const next = withoutDefault(routes, record.route);
      if (next === null) return "already-gone";
      setDefaults(record.route.family, next);
      return "removed";
    },
    async addHost(host, signal): Promise<AddOutcome> {
      asked({ kind: "add-host", host }, signal);
      const link = kernel.interfaces.get(host.interfaceIndex);
      const action = `add the route to ${host.destination}`;
      if (link === undefined) throw new PlatformError("no-such-interface", action);
      const other = hosts.find(({ destination }) => destination === host.destination);
      if (other !== undefined) return isSameHost(other, host) ? "already-there" : "conflict";
      hosts.push(host);
      return "added";
    },
    removeHost,
    formerly(places) {
      const former = openMemoryRouteControl(platform, identity, places);
      former.controls.before = (request) => controls.before(request);
      return {
        removeScoped: former.removeScoped,
        removeHost,
      };
    },
    async solicitRouters(interfaceIndex, signal) {
      asked({ kind: "solicit" }, signal);
      if (!kernel.interfaces.has(interfaceIndex))
        throw new PlatformError("no-such-interface", "ask the routers of a link");
      controls.onSolicit(interfaceIndex);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function isSameHost(a: HostRoute, b: HostRoute): boolean {
  return (
    a.destination === b.destination &&
    a.gateway === b.gateway &&
    a.interfaceIndex === b.interfaceIndex
  );
}

/** Memory has no bytes of a kernel: the route itself as JSON stands for them. */
function recorded(route: DefaultRoute): RecordedDefault {
  const raw = new TextEncoder().encode(JSON.stringify({ ...route, linkdown: false }));
  return { route, raw };
}
