import type { IpFamily } from "../../network/address.ts";
import type { ScopedDefault } from "../../platform/route-control.ts";
import { RTF } from "../../wire/pfroute/constants.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import type { RouteRequester } from "./route-requester.ts";
import { isScoped, isToZero, textOfSockaddr } from "./route-translation.ts";
import { destinationOf, wholePrefix } from "./route-words.ts";
import { Errno, refused } from "./routing-error.ts";
import type { SysctlPort } from "./routing-socket-port.ts";
import { readShortTable } from "./short-table.ts";

/**
 * The bit that marks a route as ours. XNU keeps no more of who made it. RTF_PROTO2 has a second name, RTF_ANNOUNCE:
 * on a route to a host or over a link whose neighbours are looked for it makes the kernel announce them. So only
 * routes by a gateway and routes into a tunnel are ever marked.
 */
export type RouteTag = "PROTO1" | "PROTO2" | "PROTO3";

/** What reading and changing scoped defaults needs. */
export interface ScopedReader {
  readonly requester: RouteRequester;
  readonly sysctl: SysctlPort;
}

/**
 * The scoped default of one interface, or null. Asked for by its scope, because a table shows the interface that an
 * entry leaves by and not the one that it is for: somebody's unscoped RTM_CHANGE can have moved it into a tunnel.
 *
 * @throws PlatformError; what the ports throw; the signal's reason
 */
export async function readScopedDefault(
  { requester, sysctl }: ScopedReader,
  family: IpFamily,
  interfaceIndex: number,
  signal: AbortSignal,
): Promise<RouteMessage | null> {
  const outcome = await requester.ask(
    {
      action: "GET",
      destination: destinationOf(wholePrefix(family)),
      gateway: null,
      scope: interfaceIndex,
      flags: [],
      mtu: null,
      withInterface: false,
    },
    signal,
  );
  switch (outcome.kind) {
    case "answered":
      return isScopedDefault(outcome.message) ? outcome.message : null;
    case "lost": {
      const table = await readShortTable(sysctl, family, "whole", signal);
      return table.find((one) => isScopedDefault(one) && one.index === interfaceIndex) ?? null;
    }
    case "refused":
      if (outcome.errno === Errno.ESRCH) return null;
      throw refused(`ask for the scoped ${family} default of an interface`, outcome.errno);
    default:
      return outcome satisfies never;
  }
}

/** A look-up with a scope gives the unscoped default, or half of one, where nothing scoped stands. */
export function isScopedDefault(message: RouteMessage): boolean {
  return isScoped(message) && isToZero(message) && message.prefixLength === 0;
}

export function isTagged({ flags }: RouteMessage, tag: RouteTag): boolean {
  return (flags & RTF[tag]) !== 0;
}

/** The neighbour that a route goes by, as text; null where it goes straight into its interface. */
export function gatewayText({ flags, gateway }: RouteMessage): string | null {
  return (flags & RTF.GATEWAY) === 0 ? null : textOfSockaddr(gateway);
}

/** A scoped default in words. Its place is its interface's index: there can be one for each. */
export function scopedEntry(
  message: RouteMessage,
  family: IpFamily,
  link: { readonly index: number; readonly name: string },
): ScopedDefault {
  return {
    family,
    interfaceIndex: link.index,
    interfaceName: link.name,
    slot: link.index,
    gateway: gatewayText(message),
    onlink: false,
    source: null,
    mtu: null,
    nexthops: [],
    form: "pair",
    connected: [],
    replyAddresses: [],
  };
}
