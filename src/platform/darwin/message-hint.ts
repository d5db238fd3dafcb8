import type { IpFamily } from "../../network/address.ts";
import type { ChangeHint } from "../../platform/platform.ts";
import { RTF, RTM } from "../../wire/pfroute/constants.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import {
  decodeDatagram,
  peekMessageType,
  type RoutingMessage,
} from "../../wire/pfroute/message.ts";
import { familyOfSockaddr, isDefaultLike, isToZero } from "./route-translation.ts";

const defaultsOf = {
  ipv4: { kind: "defaults", family: "ipv4" },
  ipv6: { kind: "defaults", family: "ipv6" },
} as const satisfies Record<IpFamily, ChangeHint>;

const bothDefaults: readonly ChangeHint[] = [defaultsOf.ipv4, defaultsOf.ipv6];
const noDoor: readonly ChangeHint[] = [];

/** The types that can mean something; no other message is looked into, however many come. */
const telling: ReadonlySet<number> = new Set([
  RTM.ADD,
  RTM.DELETE,
  RTM.CHANGE,
  RTM.NEWADDR,
  RTM.DELADDR,
  RTM.IFINFO,
]);

/**
 * Whether the kernel itself can have made a datagram: its length is what it says, and its header is whole. Any
 * process may write what it likes into all routing sockets by sending a request that the kernel refuses for its
 * length and shows to everyone unchanged (bsd/net/rtsock.c: route_output()).
 */
export function isCredible(datagram: Uint8Array): boolean {
  const [low = 0, high = 0, , type = 0] = datagram;
  const headerLength = darwinFormat.layouts.get(type)?.headerLength ?? 4;
  return datagram.length >= headerLength && (low | (high << 8)) === datagram.length;
}

/**
 * The doors that a datagram rings. Routes go without a message when their interface goes down, and their addresses
 * are used on after they were removed; so what is said of an interface or address concerns defaults too.
 *
 * @throws DecodeError
 */
export function hintsOf(datagram: Uint8Array): readonly ChangeHint[] {
  if (!telling.has(peekMessageType(datagram) ?? 0)) return noDoor;
  return doorsOf(decodeDatagram(datagram, darwinFormat));
}

function doorsOf(message: RoutingMessage): readonly ChangeHint[] {
  switch (message.kind) {
    case "interface":
      return [{ kind: "interface", index: message.index }, ...bothDefaults];
    case "address": {
      const family = familyOfSockaddr(message.ifa);
      const defaults = family === null ? bothDefaults : [defaultsOf[family]];
      return [{ kind: "interface", index: message.index }, ...defaults];
    }
    case "route": {
      // A refused request is shown to everyone, and has changed nothing.
      if (message.errno !== 0 || (message.flags & RTF.HOST) !== 0) return noDoor;
      const family = familyOfSockaddr(message.dst);
      if (family === null) return noDoor;
      // Without a mask that can be read it may be any route. One to 0.0.0.0 or :: of whatever length is taken for
      // the default where a look-up finds nothing else (bsd/net/route.c: node_lookup_default()).
      const concerns = message.prefixLength === null || isDefaultLike(message) || isToZero(message);
      return concerns ? [defaultsOf[family]] : noDoor;
    }
    case "multicast":
    case "unknown":
      return noDoor;
    default:
      return message satisfies never;
  }
}
