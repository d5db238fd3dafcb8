import type { RouteControl } from "../../../src/platform/route-control.ts";
import type { LeasedDefault } from "../../../src/routes/leased/leased-default.ts";
import { createRouteKeeper, type RouteKeeper } from "../../../src/routes/route-keeper.ts";
import { auto, type MemoryHost, memoryHost, tag } from "../memory-host.ts";

/** A memory host whose routes a keeper looks after, with leases given by hand. */
export interface LeasedHost extends AsyncDisposable {
  readonly host: MemoryHost;
  readonly keeper: RouteKeeper;
  /** The leases, oldest first; settles when the loop has seen them. */
  lease(...defaults: readonly LeasedDefault[]): Promise<void>;
  /** The process dies. */
  crash(): Promise<void>;
  /** The network changed. */
  follow(): Promise<void>;
  /** Unscoped routes of a family, `0.0.0.0/0 tun0 49 ours`, in the kernel's order. */
  routes(family: "ipv4" | "ipv6"): readonly string[];
  /** The states of the leases' defaults. */
  states(): readonly string[];
}

export async function leasedHost(
  wrap: (control: RouteControl) => RouteControl = (control) => control,
): Promise<LeasedHost> {
  const host = memoryHost();
  const journal = await host.openJournal();
  const ending = new AbortController();
  const keeper = createRouteKeeper(
    {
      workplace: host.workplace(journal, wrap(host.control)),
      policy: auto,
      tag,
      carrierGraceMs: 60_000,
      now: () => host.moment().epochMs,
      random: Math.random,
      holds: () => [],
      onReconciled: () => undefined,
      onFailure: () => undefined,
    },
    ending.signal,
  );
  await keeper.follow(host.platform.kernel.interfaces);
  const nameOf = (index: number | null): string =>
    index === null ? "-" : (host.platform.kernel.interfaces.get(index)?.name ?? `#${index}`);
  return {
    host,
    keeper,
    async lease(...defaults) {
      await keeper.setLeased({ uplinks: new Map(), bestUplinks: new Set(), defaults });
    },
    async crash() {
      ending.abort();
      await keeper[Symbol.asyncDispose]();
      await journal[Symbol.asyncDispose]();
    },
    async follow() {
      host.clock.ms += 10;
      await keeper.follow(host.platform.kernel.interfaces);
    },
    routes: (family) =>
      host.platform.kernel
        .defaults(family)
        .routes.map(({ prefix, type, interfaceIndex, metric, protocol }) =>
          [
            prefix,
            type === "unicast" ? nameOf(interfaceIndex) : type,
            metric,
            protocol === tag ? "ours" : "theirs",
          ].join(" "),
        ),
    states: () =>
      keeper.views().leased.map(({ lease, family, state }) => `${lease} ${family} ${state}`),
    async [Symbol.asyncDispose]() {
      if (ending.signal.aborted) return;
      await keeper.stop("remove");
      ending.abort();
      await journal[Symbol.asyncDispose]();
    },
  };
}

/** A lease's wish for tun0 and IPv4, by its metric, unless it says otherwise. */
export function leased(changes: Partial<LeasedDefault> = {}): LeasedDefault {
  return {
    lease: "a",
    family: "ipv4",
    interfaceName: "tun0",
    gateway: null,
    mode: "metric",
    onLost: "restore",
    endpoints: [],
    granted: false,
    by: { command: "vpn", pid: 4242, uid: 0 },
    ...changes,
  };
}
