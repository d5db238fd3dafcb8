import type { IpFamily } from "../../../src/network/address.ts";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";
import type { Requester, RouteEvidence } from "../../../src/platform/route-evidence.ts";
import type { GuardDecision, GuardEvent } from "../../../src/routes/guard/guard-event.ts";
import type { FamilySeen, NetworkSeen } from "../../../src/routes/guard/network-seen.ts";
import {
  memoryAddress,
  memoryDefault,
  memoryInterface,
} from "../../platform/memory/memory-host.ts";

export const eth0 = memoryInterface(2, "eth0", {
  addresses: [memoryAddress("10.0.0.2/24"), memoryAddress("fd00::2/64")],
});
export const wlan0 = memoryInterface(3, "wlan0", {
  kind: "wireless",
  addresses: [memoryAddress("10.1.0.2/24")],
});
export const tun0 = memoryInterface(7, "tun0", {
  kind: "tunnel",
  mac: null,
  addresses: [memoryAddress("10.8.0.2/24")],
});

export const viaEth0 = memoryDefault("10.0.0.1", 2, { metric: 100 });
export const viaWlan0 = memoryDefault("10.1.0.1", 3, { metric: 600 });
export const viaTun0 = memoryDefault(null, 7, { metric: 100, protocol: "boot" });

export const kernel: Requester = { portId: 0, pid: null, command: null };
export const us: Requester = { portId: 900, pid: 900, command: "netwatchd" };
export const manager: Requester = { portId: 500, pid: 500, command: "NetworkManager" };
export const vpn: Requester = { portId: 4242, pid: 4242, command: "badvpn" };

/** A look at a host: the first route of the lowest metric of a family is its effective one. */
export function looksLike(
  interfaces: readonly NetworkInterface[],
  routes: readonly DefaultRoute[],
  expired: readonly DefaultRoute[] = [],
): NetworkSeen {
  const family = (of: IpFamily): FamilySeen => {
    const own = routes.filter((route) => route.family === of);
    const best = own.toSorted((a, b) => lengthOf(b) - lengthOf(a) || a.metric - b.metric)[0];
    const past = expired.filter((route) => route.family === of);
    return {
      effective: best === undefined ? null : { route: best },
      candidates: [
        ...own.map((route) => ({ route, lostBecause: null })),
        ...past.map((route) => ({ route, lostBecause: "expired" })),
      ],
    };
  };
  return {
    interfaces: new Map(interfaces.map((one) => [one.index, one])),
    defaults: { ipv4: family("ipv4"), ipv6: family("ipv6") },
    records: routes.map((route) => ({ route, raw: new TextEncoder().encode(rawText(route)) })),
  };
}

export function evidence(
  action: RouteEvidence["action"],
  route: DefaultRoute,
  requester: Requester,
): RouteEvidence {
  return { at: 0, action, route, requester };
}

/** The events in short: `default-lost eth0`. */
export function told(decisions: readonly GuardDecision[]): readonly string[] {
  return decisions.map((one) => {
    if (one.kind === "ask-routers") return `${one.kind} ${one.interfaceIndex}`;
    if (one.kind === "void-last-known-good") return `${one.kind} ${one.reason}`;
    const because = one.kind === "default-lost" ? ` ${one.because}` : "";
    return `${one.kind} ${one.interfaceNames.join("+")}${because}`;
  });
}

export function lossIn(
  decisions: readonly GuardDecision[],
): Extract<GuardEvent, { kind: "default-lost" }> {
  const found = decisions.find((one) => one.kind === "default-lost");
  if (found === undefined) throw new Error("nothing was lost");
  return found;
}

function lengthOf({ prefix }: DefaultRoute): number {
  return Number(prefix.slice(prefix.indexOf("/") + 1));
}

// The kernel's bytes leave out what is momentary.
function rawText({ linkdown: _, expiresAt: __, ...lasting }: DefaultRoute): string {
  return JSON.stringify(lasting);
}
