import type { NetworkInterface } from "../network/interface.ts";
import type { Obstacle, ScopedDefault } from "../platform/route-control.ts";
import { connectedPrefixes } from "./connected-prefix.ts";
import type { GatewayChoice } from "./gateway-choice.ts";
import { identityOf } from "./journal/interface-identity.ts";
import type { ScopedWish } from "./scoped-wishes.ts";
import type { PlannedScoped } from "./step.ts";

/** The entry that fulfils a wish in a slot. */
export function planEntry(
  wish: ScopedWish,
  choice: GatewayChoice,
  slot: number,
  obstacles: readonly Obstacle[],
): PlannedScoped {
  const { link, family } = wish;
  const prefixes = connectedPrefixes(link, family);
  // In IPv6 a refusing route of main does not end the walk through the rules.
  const refused =
    family === "ipv4" &&
    obstacles.some((one) => one.kind === "kill-switch" && one.family === family);
  const entry: ScopedDefault = {
    family,
    interfaceIndex: link.index,
    interfaceName: link.name,
    slot,
    gateway: choice.gateway,
    onlink: choice.onlink,
    source: choice.source,
    mtu: choice.mtu,
    nexthops: choice.nexthops,
    form: refused ? "throw" : "pair",
    connected: refused ? prefixes : [],
    replyAddresses: wish.replies ? replyAddresses(link, wish.family) : [],
  };
  return {
    entry,
    identity: identityOf(link),
    prefixes,
    choice,
    leased: wish.leased,
  };
}

/** Whether what stands is what is wished; the order of prefixes and addresses aside. */
export function isSameEntry(a: ScopedDefault, b: ScopedDefault): boolean {
  return fingerprint(a) === fingerprint(b);
}

function replyAddresses(link: NetworkInterface, family: ScopedWish["family"]): readonly string[] {
  return link.addresses
    .filter((one) => one.family === family && one.scope === "global")
    .filter(({ flags }) => !flags.includes("tentative") && !flags.includes("duplicate"))
    .map(({ address }) => address)
    .toSorted();
}

function fingerprint(entry: ScopedDefault): string {
  return JSON.stringify([
    entry.family,
    entry.interfaceIndex,
    entry.interfaceName,
    entry.slot,
    entry.gateway,
    entry.onlink,
    entry.source,
    entry.mtu,
    entry.nexthops.map((leg) => [leg.gateway, leg.interfaceIndex, leg.weight, leg.onlink]),
    entry.form,
    entry.connected.toSorted(),
    entry.replyAddresses.toSorted(),
  ]);
}
