import type { Defaults } from "../../admin-api/route-schema.ts";
import type { Address, Interface } from "../../admin-api/status-schema.ts";
import type { Style } from "../palette.ts";
import { type Line, span } from "../styled-line.ts";

/** An address with its length, and its peer where it has one: `10.8.0.2 peer 10.8.0.1/32`. */
export function describeAddress({ address, prefixLength, peer }: Address): string {
  return peer === null || peer === address
    ? `${address}/${prefixLength}`
    : `${address} peer ${peer}/${prefixLength}`;
}

/** Flags that a user should know of; most addresses have none. */
export function notableFlags({ flags }: Pick<Address, "flags">): string[] {
  return flags.filter((flag) => ["tentative", "duplicate", "deprecated"].includes(flag));
}

/** In a word, and how it is to be shown: up, down, no carrier, dormant. */
export function describeState({ up, carrier, operState }: Interface): {
  text: string;
  style: Style;
} {
  if (!up) return { text: "down", style: "dim" };
  if (!carrier) return { text: "no carrier", style: "warn" };
  if (operState === "up" || operState === "unknown") return { text: "up", style: "good" };
  return { text: operState.replaceAll("-", " "), style: "warn" };
}

/** The addresses in one line, those of the link dimmed, with what is remarkable about each. */
export function addressLine(addresses: readonly Address[]): Line {
  return addresses.flatMap((address, at) => {
    const flags = notableFlags(address);
    const style = styleOf(address, flags);
    return [
      ...(at === 0 ? [] : [span("  ")]),
      span(describeAddress(address), style),
      ...(flags.length === 0 ? [] : [span(` (${flags.join(", ")})`, style)]),
    ];
  });
}

/** Names of all interfaces that a default of either family could leave by. */
export function interfacesOfDefaults(defaults: Readonly<Record<string, Defaults>>): Set<string> {
  const routes = Object.values(defaults).flatMap(({ effective, candidates }) => [
    ...(effective === null ? [] : [effective]),
    ...candidates,
  ]);
  const names = routes.flatMap((route) => [
    route.interface,
    ...route.nexthops.map((leg) => leg.interface),
  ]);
  return new Set(names.filter((name) => name !== null));
}

/** A container's end of a pair, without an address that others could reach and without a default over it. */
export function isContainerChurn(
  { name, kind, addresses }: Interface,
  inDefaults: ReadonlySet<string>,
): boolean {
  const reachable = addresses.some(({ scope }) => scope === "global" || scope === "site");
  return kind === "container" && !inDefaults.has(name) && !reachable;
}

function styleOf({ scope }: Address, flags: readonly string[]): Style {
  if (flags.includes("duplicate")) return "bad";
  return scope === "global" && flags.length === 0 ? "plain" : "dim";
}
