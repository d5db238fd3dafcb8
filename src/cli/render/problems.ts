import type { Default } from "../../admin-api/route-schema.ts";
import type { Address, Interface, Status } from "../../admin-api/status-schema.ts";
import {
  describeLoss,
  describeMetric,
  describeRoute,
  describeTarget,
  describeWait,
  winnersOf,
} from "./route-words.ts";

export interface Problem {
  readonly gravity: "bad" | "warn";
  /** A sentence without its full stop. */
  readonly text: string;
}

/** False when nothing could be read yet: a daemon in trouble that knows not even a loopback interface. */
export function isKnown({ daemon, interfaces }: Status): boolean {
  return interfaces.length > 0 || daemon.health === "ok";
}

/** What is wrong on this host or with netwatch's sight of it, worst first; nothing when all is well. */
export function findProblems(status: Status): Problem[] {
  const { source, daemon, interfaces } = status;
  // What the daemon cannot see comes first: nothing below it is certain.
  const found: Problem[] = [
    ...daemon.reasons.map(source.alive && isKnown(status) ? warn : bad),
    ...(source.alive || daemon.reasons.length > 0
      ? []
      : [bad(`netwatchd hears nothing from the kernel (${source.kind}): changes are found late`)]),
    ...(["ipv4", "ipv6"] as const).flatMap((family) =>
      isKnown(status) ? problemsOfDefault(family, status) : [],
    ),
    ...interfaces.flatMap(problemsOfAddresses),
    ...status.scoped
      .filter(({ state }) => state === "degraded" || state === "fight" || state === "stale")
      .map(({ interface: name, family, state, reason }) =>
        warn(
          `${family} of sockets bound to ${name} is ${state === "fight" ? "fought over" : state}${because(reason)}`,
        ),
      ),
    ...status.leases.flatMap(problemsOfLease),
    ...status.displaced
      .filter(({ state }) => state === "pending")
      .map(({ family, route, reason }) => {
        const why = typeof reason === "string" ? describeWait(reason) : null;
        return warn(`${family} ${describeRoute(route)} waits to be put back${because(why)}`);
      }),
  ];
  if (daemon.health === "degraded" && daemon.reasons.length === 0) {
    found.push(warn("netwatchd is degraded and does not say why"));
  }
  return found.sort((a, b) => Number(a.gravity === "warn") - Number(b.gravity === "warn"));
}

function problemsOfLease({ owner, bindings }: Status["leases"][number]): Problem[] {
  return bindings
    .filter(({ state }) => ["lost", "blocked", "outranked", "shadowed"].includes(state))
    .map(({ family, state, reason }) =>
      warn(
        `the ${family} default leased by ${owner.command ?? "somebody"} (pid ${owner.pid}) is ${state}${because(reason)}`,
      ),
    );
}

function problemsOfDefault(
  family: "ipv4" | "ipv6",
  { defaults, interfaces, daemon }: Status,
): Problem[] {
  const { effective, candidates } = defaults[family];
  if (effective === null) {
    const [best] = candidates;
    const refusing = candidates.find(({ type }) => type !== "unicast");
    if (refusing !== undefined && (best === refusing || best?.lostBecause === "not-chosen")) {
      const metric = describeMetric(refusing);
      const which = metric === "" ? refusing.type : `${refusing.type}, ${metric}`;
      return [bad(`${family} packets are refused: the default that wins is ${which}`)];
    }
    if (best !== undefined) {
      const why = describeLoss(best.lostBecause ?? "not-chosen");
      return [bad(`${family} has no default that works: ${describeTarget(best)} (${why})`)];
    }
    const address = reachableAddress(family, interfaces);
    if (address === null) return [];
    const remedy = "; `netwatch routes restore` puts the last good one back, where one is known";
    const what = `${family} has no default: ${address} reaches only its own network`;
    return [bad(daemon.mode === "manage" ? what + remedy : what)];
  }
  if (effective.type !== "unicast") {
    return [bad(`${family} packets are refused: the default is ${effective.type}`)];
  }
  const winners = winnersOf(effective, candidates);
  const dead = winners.filter((route) => isDead(route, interfaces));
  const whole = dead.length === winners.length;
  const targets = new Set(dead.map(describeExit));
  return [...targets].map((target) =>
    bad(
      whole
        ? `${family} leaves by ${target}, which has no carrier: packets are lost`
        : `part of ${family} leaves by ${target}, which has no carrier: its packets are lost`,
    ),
  );
}

/** `10.0.0.1 dev eth0`, or the interface alone where there is no gateway. */
function describeExit(route: Default): string {
  const direct = route.nexthops.length === 0 && route.gateway === null ? route.interface : null;
  return direct ?? describeTarget(route);
}

/** The link is gone, whether the kernel says so of the route or only of each interface that it leaves by. */
function isDead(route: Default, interfaces: readonly Interface[]): boolean {
  if (route.linkdown) return true;
  const names =
    route.nexthops.length > 0 ? route.nexthops.map((leg) => leg.interface) : [route.interface];
  const links = interfaces.filter(({ name }) => names.includes(name));
  return links.length > 0 && links.every(({ up, carrier }) => !up || !carrier);
}

function problemsOfAddresses({ name, addresses }: Interface): Problem[] {
  return addresses
    .filter(({ flags }) => flags.includes("duplicate"))
    .map(({ address }) =>
      bad(`${address} on ${name} is a duplicate: another host has it, so it is not used`),
    );
}

/** An address of a working link that the internet could answer, `10.0.0.5 on eth0`; a tunnel's does not count. */
function reachableAddress(
  family: "ipv4" | "ipv6",
  interfaces: readonly Interface[],
): string | null {
  for (const { name, kind, up, carrier, addresses } of interfaces) {
    if (!up || !carrier || kind === "loopback" || kind === "tunnel") continue;
    const found = addresses.find((address) => address.family === family && isPublicWay(address));
    if (found !== undefined) return `${found.address} on ${name}`;
  }
  return null;
}

// Unique local addresses (fc00::/7, RFC 4193) are of global scope to the kernel, but need no default.
function isPublicWay({ family, scope, address, flags }: Address): boolean {
  if (scope !== "global" || flags.includes("duplicate")) return false;
  return family === "ipv4" || !/^f[cd]/i.test(address);
}

function because(reason: string | null): string {
  return reason === null ? "" : `: ${reason}`;
}

function bad(text: string): Problem {
  return { gravity: "bad", text };
}

function warn(text: string): Problem {
  return { gravity: "warn", text };
}
