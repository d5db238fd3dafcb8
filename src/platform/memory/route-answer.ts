import { type IpFamily, parseIpAddress } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";

const probes: Readonly<Record<IpFamily, readonly string[]>> = {
  ipv4: ["1.0.0.1", "128.0.0.1"],
  ipv6: ["2000::1", "3ffe::1"],
};

// rt_tables(5): default, main; local holds no defaults.
const tablesInOrder: readonly number[] = [254, 253];

const errorTypes: ReadonlySet<string> = new Set(["blackhole", "unreachable", "prohibit", "throw"]);

/**
 * What a kernel without rules of its own would answer for one address in each half of a family: longest
 * prefix, then lowest metric, then first position, among routes over interfaces that are up.
 */
export function answerProbes(
  family: IpFamily,
  routes: readonly DefaultRoute[],
  interfaces: ReadonlyMap<number, NetworkInterface>,
  now: number,
): readonly (DefaultRoute | null)[] {
  const live = routes.filter((route) => isLive(route, interfaces, now));
  return probes[family].map((probe) => answerFor(probe, live));
}

function answerFor(probe: string, routes: readonly DefaultRoute[]): DefaultRoute | null {
  for (const table of tablesInOrder) {
    const best = routes
      .filter((route) => route.table === table && route.tos === 0 && covers(route.prefix, probe))
      .sort(byPreference)[0];
    if (best !== undefined) return errorTypes.has(best.type) ? null : best;
  }
  return null;
}

function isLive(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  now: number,
): boolean {
  if (route.expiresAt !== null && route.expiresAt <= now) return false;
  const legs = interfacesOfRoute(route);
  return legs.length === 0 || legs.some((index) => interfaces.get(index)?.up === true);
}

function byPreference(a: DefaultRoute, b: DefaultRoute): number {
  return (
    prefixLength(b.prefix) - prefixLength(a.prefix) ||
    a.metric - b.metric ||
    a.position - b.position
  );
}

function prefixLength(prefix: string): number {
  return Number(prefix.slice(prefix.indexOf("/") + 1));
}

function covers(prefix: string, address: string): boolean {
  const network = parseIpAddress(prefix.slice(0, prefix.indexOf("/")))?.[0];
  const first = parseIpAddress(address)?.[0];
  if (network === undefined || first === undefined) return false;
  // Prefixes here are at most 7 bits long: the first byte decides.
  const shift = 8 - prefixLength(prefix);
  return network >> shift === first >> shift;
}
