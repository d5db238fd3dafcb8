import type { IpFamily } from "../../src/network/address.ts";
import type { InterfaceAddress, NetworkInterface } from "../../src/network/interface.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import {
  type MemoryPlatform,
  openMemoryPlatform,
} from "../../src/platform/memory/memory-platform.ts";
import {
  type MemoryRouteControl,
  openMemoryRouteControl,
} from "../../src/platform/memory/memory-route-control.ts";
import type { RouteControl } from "../../src/platform/route-control.ts";
import type { Workplace } from "../../src/routes/apply.ts";
import type { DisplacingWish } from "../../src/routes/displacement.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { emptyCarrierHistory } from "../../src/routes/gateway-memory.ts";
import type { JournalMoment } from "../../src/routes/journal/journal-entry.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import type { JournalPort } from "../../src/routes/journal-port.ts";
import type { Intentions, Surroundings } from "../../src/routes/reconcile.ts";
import { type RestoreOptions, restoreRoutes } from "../../src/routes/restore.ts";
import type { RestoreOutcome } from "../../src/routes/restore-outcome.ts";
import type { ScopedPolicy } from "../../src/routes/scoped-wishes.ts";
import { type MemoryDirectory, memoryDirectory } from "./journal/memory-directory.ts";

export const tag = "199";
export const places = { preferenceBase: 5100, tableBase: 5100, protocol: 199 };
export const identity = { bootId: "5d4f2c0e-8a37-4c52-9d0b-0a4b3f6f1c11", namespaceCookie: "4097" };
export const never = new AbortController().signal;

/** The policy of an empty configuration. */
export const auto: ScopedPolicy = {
  scoped: "auto",
  families: ["ipv4", "ipv6"],
  replies: false,
  byHand: new Map(),
};

/** An address as the kernel gives it, from `10.0.0.2/24`. */
export function address(text: string): InterfaceAddress {
  const [name = "", length = "32"] = text.split("/");
  return {
    family: name.includes(":") ? "ipv6" : "ipv4",
    address: name,
    prefixLength: Number(length),
    scope: name.startsWith("fe80") ? "link" : "global",
    flags: ["permanent"],
    peer: null,
    validUntil: null,
    preferredUntil: null,
  };
}

/** An interface that is up, with a MAC made from its index unless it is a tunnel. */
export function link(
  index: number,
  name: string,
  addresses: readonly string[],
  changes: Partial<NetworkInterface> = {},
): NetworkInterface {
  const isTunnel = changes.kind === "tunnel";
  return {
    index,
    name,
    kind: "physical",
    mac: isTunnel ? null : `02:00:00:00:00:${String(index).padStart(2, "0")}`,
    mtu: 1500,
    up: true,
    carrier: true,
    operState: "up",
    addresses: addresses.map(address),
    ...changes,
  };
}

/** A default of main. */
export function defaultRoute(
  family: IpFamily,
  interfaceIndex: number,
  gateway: string | null,
  changes: Partial<DefaultRoute> = {},
): DefaultRoute {
  return {
    family,
    prefix: family === "ipv4" ? "0.0.0.0/0" : "::/0",
    type: "unicast",
    gateway,
    interfaceIndex,
    metric: family === "ipv4" ? 100 : 1024,
    tos: 0,
    table: 254,
    position: 0,
    protocol: "static",
    source: null,
    onlink: false,
    mtu: null,
    pref: family === "ipv4" ? null : "medium",
    expiresAt: null,
    linkdown: false,
    nexthopId: null,
    nexthops: [],
    ...changes,
  };
}

/** A wish that our default over an interface stands in the place of others. */
export function displacing(route: DefaultRoute, id = "lease-1"): DisplacingWish {
  return {
    id,
    route: { ...route, protocol: tag },
    displace: true,
    by: { command: "vpn", pid: 4242, uid: 0 },
  };
}

/** A host made of arrays: two uplinks with defaults of both families, and a tunnel without any. */
export interface MemoryHost {
  readonly platform: MemoryPlatform;
  readonly control: MemoryRouteControl;
  readonly directory: MemoryDirectory;
  /** Its clock, in ms; nothing else lets time pass. */
  readonly clock: { ms: number };
  moment(): JournalMoment;
  surroundings(changes?: Partial<Surroundings>): Surroundings;
  openJournal(): ReturnType<typeof openJournal>;
  workplace(journal: JournalPort, control?: RouteControl): Workplace;
  restore(changes?: Partial<RestoreOptions>): Promise<RestoreOutcome>;
  /** All tables and rules, as `ip route show table all` and `ip rule` would tell. */
  snapshot(): unknown;
}

export const epochMs = 1_790_000_000_000;

export function memoryHost(): MemoryHost {
  const platform = openMemoryPlatform();
  const control = openMemoryRouteControl(platform, identity);
  const directory = memoryDirectory();
  const clock = { ms: 60_000 };
  let plans = 0;
  const { controls } = platform;
  controls.setInterface(link(1, "lo", ["127.0.0.1/8", "::1/128"], { kind: "loopback", mac: null }));
  controls.setInterface(link(2, "eth0", ["10.0.0.2/24", "2001:db8::2/64", "fe80::2/64"]));
  controls.setInterface(link(3, "wlan0", ["10.1.0.2/24", "fe80::3/64"], { kind: "wireless" }));
  controls.setInterface(link(9, "tun0", ["10.9.0.2/24", "fd00::2/64"], { kind: "tunnel" }));
  controls.setDefaults("ipv4", [
    defaultRoute("ipv4", 2, "10.0.0.1", { protocol: "dhcp", source: "10.0.0.2" }),
    defaultRoute("ipv4", 3, "10.1.0.1", { metric: 600, protocol: "dhcp" }),
  ]);
  controls.setDefaults("ipv6", [defaultRoute("ipv6", 2, "fe80::1")]);

  const moment = (): JournalMoment => ({ epochMs: epochMs + clock.ms, uptimeMs: clock.ms });
  const host: MemoryHost = {
    platform,
    control,
    directory,
    clock,
    moment,
    surroundings: (changes = {}) => ({
      interfaces: platform.kernel.interfaces,
      carriers: emptyCarrierHistory,
      holds: [],
      madeHere: new Set(),
      refused: new Map(),
      tag,
      now: () => moment().epochMs,
      changedAtUptimeMs: clock.ms,
      ...changes,
    }),
    openJournal: () => openJournal(directory, identity, { now: moment }),
    workplace: (journal, over = control) => ({
      control: guardRemovals(over),
      journal,
      places,
      newPlanName: () => {
        plans += 1;
        return `plan-${plans}`;
      },
      uptimeMs: () => clock.ms,
    }),
    restore: (changes = {}) =>
      restoreRoutes(
        {
          verb: "restore",
          control,
          directory,
          lock: async () => ({ kind: "acquired", [Symbol.asyncDispose]: async () => undefined }),
          lockWaitMs: 0,
          readInterfaces: async () => platform.kernel.interfaces,
          tag,
          places,
          moment,
          newPlanName: () => {
            plans += 1;
            return `restore-${plans}`;
          },
          pause: async (ms) => {
            clock.ms += ms;
          },
          dryRun: false,
          ...changes,
        },
        never,
      ),
    snapshot: () =>
      structuredClone({
        ipv4: platform.kernel.defaults("ipv4").routes,
        ipv6: platform.kernel.defaults("ipv6").routes,
        scoped: platform.kernel.scopedRoutes,
        rules: platform.kernel.rules,
      }),
  };
  return host;
}

/** Nothing but what is given. */
export function intentions(changes: Partial<Intentions> = {}): Intentions {
  return {
    scoped: auto,
    displacing: [],
    removeOrphans: false,
    putBack: [],
    offerLastKnownGood: false,
    ...changes,
  };
}
