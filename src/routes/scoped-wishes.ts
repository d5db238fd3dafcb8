import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { PinnedHost } from "../platform/route-control.ts";
import { hasAddress } from "./connected-prefix.ts";
import { chooseGateway, type GatewayChoice, hasUnscopedDefault } from "./gateway-choice.ts";
import { type CarrierHistory, rememberedGateway } from "./gateway-memory.ts";
import type { JournalState } from "./journal/journal-state.ts";

/** What the configuration and the user say of scoped defaults. */
export interface ScopedPolicy {
  /** Every uplink, or the interfaces whose names are accepted; nobody's for a function that refuses all. */
  readonly scoped: "auto" | ((name: string) => boolean);
  readonly families: readonly IpFamily[];
  /** Replies of unbound listeners leave by the interface that was asked, too. */
  readonly replies: boolean;
  /** By interface name: what a user asked for by hand. It goes before the configuration. */
  readonly byHand: ReadonlyMap<string, "install" | "remove">;
}

/** What wishes follow from, read at one time. */
export interface UplinkEvidence {
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  /** Every unscoped default of both families, of every table. */
  readonly routes: readonly DefaultRoute[];
  /** Defaults that the journal knows to have stood, of both families, over the interfaces of now. */
  readonly recorded: readonly DefaultRoute[];
  readonly pinnedHosts: readonly PinnedHost[];
  readonly journal: JournalState;
  readonly carriers: CarrierHistory;
  /** In ms since the epoch. */
  readonly now: number;
  readonly uptimeMs: number;
}

/** A scoped default that shall stand, as soon as its gateway is known. */
export interface ScopedWish {
  readonly family: IpFamily;
  readonly link: NetworkInterface;
  /** Null when no source knows a gateway. */
  readonly choice: GatewayChoice | null;
  readonly replies: boolean;
}

/** Which interfaces shall have a scoped default, and by which gateway; ordered by interface index. */
export function wishScoped(policy: ScopedPolicy, evidence: UplinkEvidence): readonly ScopedWish[] {
  const links = [...evidence.interfaces.values()].toSorted((a, b) => a.index - b.index);
  return ipFamilies
    .filter((family) => policy.families.includes(family))
    .flatMap((family) =>
      links.flatMap((link): readonly ScopedWish[] => {
        const routes = evidence.routes.filter((route) => route.family === family);
        const remembered = rememberedGateway(
          link,
          family,
          evidence.journal,
          evidence.carriers,
          evidence.uptimeMs,
        );
        const recorded = evidence.recorded.filter((route) => route.family === family);
        const { pinnedHosts, now, uptimeMs } = evidence;
        const isUplink = remembered !== null || hasUnscopedDefault(link, routes, now);
        const stood = recorded.some((route) => interfacesOfRoute(route).includes(link.index));
        if (!isWished(policy, link, isUplink || (stood && hasAddress(link, family)))) return [];
        const choice = chooseGateway(link, family, {
          recorded,
          routes,
          remembered,
          pinnedHosts,
          now,
          uptimeMs,
        });
        return [{ family, link, choice, replies: policy.replies }];
      }),
    );
}

function isWished(policy: ScopedPolicy, link: NetworkInterface, isUplink: boolean): boolean {
  const asked = policy.byHand.get(link.name);
  if (asked !== undefined) return asked === "install";
  if (link.kind === "loopback") return false;
  if (policy.scoped !== "auto") return policy.scoped(link.name);
  return link.kind !== "tunnel" && isUplink;
}
