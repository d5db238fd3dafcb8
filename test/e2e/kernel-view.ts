import type { Defaults } from "../../src/admin-api/route-schema.ts";
import type { Interface } from "../../src/admin-api/status-schema.ts";
import type { TestNamespace } from "../namespace/namespace.ts";

/** What `ip -j -d addr` prints of an interface, as far as it is compared. */
interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly link_type: string;
  readonly address?: string;
  readonly addr_info: readonly IpAddressInfo[];
}

interface IpAddressInfo {
  readonly family: "inet" | "inet6";
  readonly local: string;
  readonly address?: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly tentative?: true;
  readonly deprecated?: true;
  readonly dadfailed?: true;
  readonly temporary?: true;
}

interface IpRoute {
  readonly type: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly dev?: string;
  readonly protocol: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly flags: readonly string[];
  readonly metrics?: readonly { readonly mtu?: number }[];
  readonly pref?: string;
  readonly nexthops?: readonly { gateway?: string; dev: string; weight: number; flags: string[] }[];
}

/** The parts of an interface that both `ip` and `netwatch` tell, in one shape. */
export function interfacesByIp(namespace: TestNamespace): unknown[] {
  return (namespace.ipJson("addr show") as IpLink[]).map((link) => ({
    name: link.ifname,
    index: link.ifindex,
    up: link.flags.includes("UP"),
    carrier: link.flags.includes("LOWER_UP"),
    operState: link.operstate.toLowerCase().replaceAll("lowerlayerdown", "lower-layer-down"),
    mtu: link.mtu,
    mac: link.link_type === "loopback" ? null : (link.address ?? null),
    addresses: link.addr_info.map((info) => ({
      family: info.family === "inet" ? "ipv4" : "ipv6",
      address: info.local,
      prefixLength: info.prefixlen,
      scope: info.scope,
      peer: info.address ?? null,
      flags: (["tentative", "deprecated", "temporary"] as const).filter(
        (flag) => info[flag] === true,
      ),
    })),
  }));
}

/** The same shape out of `netwatch status --json`. */
export function interfacesByNetwatch(interfaces: readonly Interface[]): unknown[] {
  return interfaces.map(({ name, index, up, carrier, operState, mtu, mac, addresses }) => ({
    name,
    index,
    up,
    carrier,
    operState,
    mtu,
    mac,
    addresses: addresses.map(({ family, address, prefixLength, scope, peer, flags }) => ({
      family,
      address,
      prefixLength,
      scope,
      peer,
      flags: flags.filter((flag) => ["tentative", "deprecated", "temporary"].includes(flag)),
    })),
  }));
}

/** The defaults of table main in the order of the kernel's preference, by `ip`. */
export function defaultsByIp(namespace: TestNamespace, family: "ipv4" | "ipv6"): unknown[] {
  const option = family === "ipv4" ? "-4" : "-6";
  const routes = namespace.ipJson(`${option} route show table main`) as IpRoute[];
  return routes
    .filter((route) => route.dst === "default")
    .map((route) => ({
      type: route.type,
      gateway: route.gateway ?? route.via?.host ?? null,
      interface: route.dev ?? null,
      metric: route.metric ?? 0,
      protocol: route.protocol,
      source: route.prefsrc ?? null,
      onlink: route.flags.includes("onlink"),
      linkdown: route.flags.includes("linkdown"),
      mtu: route.metrics?.find((metric) => metric.mtu !== undefined)?.mtu ?? null,
      pref: route.pref ?? null,
      nexthops: (route.nexthops ?? []).map((leg) => ({
        gateway: leg.gateway ?? null,
        interface: leg.dev,
        weight: leg.weight,
      })),
    }))
    .sort(byText);
}

/** The same shape out of netwatch's candidates in table main. */
export function defaultsByNetwatch(defaults: Defaults): unknown[] {
  return defaults.candidates
    .filter((route) => route.table === 254 && route.prefix.endsWith("/0"))
    .map(
      ({
        type,
        gateway,
        metric,
        protocol,
        source,
        onlink,
        linkdown,
        mtu,
        pref,
        nexthops,
        ...rest
      }) => ({
        type,
        gateway,
        interface: rest.interface,
        metric,
        protocol,
        source,
        onlink,
        linkdown,
        mtu,
        pref,
        nexthops,
      }),
    )
    .sort(byText);
}

/** Whom the kernel itself would send a packet to, by `ip route get fibmatch`; null when nobody. */
export function answerByIp(namespace: TestNamespace, family: "ipv4" | "ipv6"): unknown {
  const words = family === "ipv4" ? "route get fibmatch 1.0.0.1" : "-6 route get fibmatch 2000::1";
  try {
    const [route] = namespace.ipJson(words) as IpRoute[];
    return { gateway: route?.gateway ?? route?.via?.host ?? null, interface: route?.dev ?? null };
  } catch {
    return null;
  }
}

/** The same shape out of netwatch's effective default. */
export function answerByNetwatch(defaults: Defaults): unknown {
  const route = defaults.effective;
  return route === null ? null : { gateway: route.gateway, interface: route.interface };
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
