import { DecodeError } from "../decode-error.ts";
import {
  type Attribute,
  bytesAttribute,
  decodeAttributes,
  decodeU8,
  decodeU16,
  decodeU16Network,
  decodeU32,
  encodeAttributes,
  u8Attribute,
  u16Attribute,
  u16NetworkAttribute,
  u32Attribute,
} from "./attribute.ts";
import { readI32, readU8, readU32, writeU32 } from "./host-order.ts";
import * as rta from "./route-constants.ts";
import {
  decodeMultipath,
  decodeVia,
  encodeMultipath,
  encodeVia,
  type RouteLeg,
  type Via,
} from "./route-leg.ts";
import { decodeRouteMetrics, encodeRouteMetrics, type RouteMetrics } from "./route-metrics.ts";

/** struct rta_cacheinfo; in what the kernel says of a route, only `expires` tells something. */
interface RouteCacheInfo {
  readonly clntref: number;
  readonly lastuse: number;
  /** Hundredths of a second (USER_HZ) until the route ends, negative when it has ended; 0 is never. */
  readonly expires: number;
  /** A negative errno: -113 for an unreachable route. */
  readonly error: number;
  readonly used: number;
  readonly id: number;
  readonly ts: number;
  readonly tsage: number;
}

/**
 * RTM_NEWROUTE, RTM_DELROUTE or RTM_GETROUTE: struct rtmsg and its attributes. Null: the attribute is not
 * there. Addresses are bytes in network order.
 */
export interface RouteMessage {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  /** RTA_TABLE when it is there, else rtm_table. */
  readonly table: number;
  /** RTPROT_*. */
  readonly protocol: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
  /** RTN_*. */
  readonly type: number;
  /** RTM_F_* and, for a route of one leg, RTNH_F_*. */
  readonly flags: number;
  readonly dst: Uint8Array | null;
  readonly src: Uint8Array | null;
  readonly iif: number | null;
  readonly oif: number | null;
  readonly gateway: Uint8Array | null;
  /** A gateway of another family. */
  readonly via: Via | null;
  readonly priority: number | null;
  readonly prefsrc: Uint8Array | null;
  readonly metrics: RouteMetrics | null;
  readonly multipath: readonly RouteLeg[] | null;
  readonly nhId: number | null;
  readonly flow: number | null;
  readonly cacheinfo: RouteCacheInfo | null;
  /** Seconds; only in requests: the kernel tells `cacheinfo.expires` instead. */
  readonly expires: number | null;
  /** ICMPV6_ROUTER_PREF_*. */
  readonly pref: number | null;
  readonly encapType: number | null;
  readonly encap: Attribute | null;
  readonly ttlPropagate: number | null;
  readonly mark: number | null;
  readonly uid: number | null;
  readonly ipProto: number | null;
  readonly sport: number | null;
  readonly dport: number | null;
  /** Every other attribute, as it came. */
  readonly unknown: readonly Attribute[];
}

/** Bytes of struct rtmsg. */
export const rtmsgLength = 12;

/** A message with nothing in it, to spread into new ones. */
export const emptyRoute: RouteMessage = {
  family: 0,
  dstLength: 0,
  srcLength: 0,
  tos: 0,
  table: 0,
  protocol: 0,
  scope: 0,
  type: 0,
  flags: 0,
  dst: null,
  src: null,
  iif: null,
  oif: null,
  gateway: null,
  via: null,
  priority: null,
  prefsrc: null,
  metrics: null,
  multipath: null,
  nhId: null,
  flow: null,
  cacheinfo: null,
  expires: null,
  pref: null,
  encapType: null,
  encap: null,
  ttlPropagate: null,
  mark: null,
  uid: null,
  ipProto: null,
  sport: null,
  dport: null,
  unknown: [],
};

/**
 * Decodes the body of a route message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeRoute(body: Uint8Array): RouteMessage {
  const bytes = body.slice();
  if (bytes.length < rtmsgLength)
    throw new DecodeError("truncated", `cannot decode a route: ${bytes.length} bytes`);
  const unknown: Attribute[] = [];
  const route: { -readonly [Key in keyof RouteMessage]: RouteMessage[Key] } = {
    ...emptyRoute,
    family: readU8(bytes, 0),
    dstLength: readU8(bytes, 1),
    srcLength: readU8(bytes, 2),
    tos: readU8(bytes, 3),
    table: readU8(bytes, 4),
    protocol: readU8(bytes, 5),
    scope: readU8(bytes, 6),
    type: readU8(bytes, 7),
    flags: readU32(bytes, 8),
    unknown,
  };
  for (const attribute of decodeAttributes(bytes, rtmsgLength)) {
    const { value } = attribute;
    switch (attribute.type) {
      case rta.RTA_DST:
        route.dst = value;
        break;
      case rta.RTA_SRC:
        route.src = value;
        break;
      case rta.RTA_IIF:
        route.iif = decodeU32(value);
        break;
      case rta.RTA_OIF:
        route.oif = decodeU32(value);
        break;
      case rta.RTA_GATEWAY:
        route.gateway = value;
        break;
      case rta.RTA_PRIORITY:
        route.priority = decodeU32(value);
        break;
      case rta.RTA_PREFSRC:
        route.prefsrc = value;
        break;
      case rta.RTA_METRICS:
        route.metrics = decodeRouteMetrics(value);
        break;
      case rta.RTA_MULTIPATH:
        route.multipath = decodeMultipath(value);
        break;
      case rta.RTA_FLOW:
        route.flow = decodeU32(value);
        break;
      case rta.RTA_CACHEINFO:
        route.cacheinfo = decodeCacheInfo(value);
        break;
      case rta.RTA_TABLE:
        route.table = decodeU32(value);
        break;
      case rta.RTA_MARK:
        route.mark = decodeU32(value);
        break;
      case rta.RTA_VIA:
        route.via = decodeVia(value);
        break;
      case rta.RTA_PREF:
        route.pref = decodeU8(value);
        break;
      case rta.RTA_ENCAP_TYPE:
        route.encapType = decodeU16(value);
        break;
      case rta.RTA_ENCAP:
        route.encap = attribute;
        break;
      case rta.RTA_EXPIRES:
        route.expires = decodeU32(value);
        break;
      case rta.RTA_UID:
        route.uid = decodeU32(value);
        break;
      case rta.RTA_TTL_PROPAGATE:
        route.ttlPropagate = decodeU8(value);
        break;
      case rta.RTA_IP_PROTO:
        route.ipProto = decodeU8(value);
        break;
      case rta.RTA_SPORT:
        route.sport = decodeU16Network(value);
        break;
      case rta.RTA_DPORT:
        route.dport = decodeU16Network(value);
        break;
      case rta.RTA_NH_ID:
        route.nhId = decodeU32(value);
        break;
      default:
        unknown.push(attribute);
    }
  }
  return route;
}

/** The body of a route message; attributes come in the order in which iproute2 sends them. */
export function encodeRoute(route: RouteMessage): Uint8Array {
  const header = new Uint8Array(rtmsgLength);
  const wideTable = route.table > 0xff;
  header.set([route.family, route.dstLength, route.srcLength, route.tos]);
  header.set([wideTable ? 0 : route.table, route.protocol, route.scope, route.type], 4);
  writeU32(header, 8, route.flags);
  const attributes: Attribute[] = [];
  const put = <Value>(
    value: Value | null,
    type: number,
    encode: (type: number, value: Value) => Attribute,
  ): void => {
    if (value !== null) attributes.push(encode(type, value));
  };
  put(route.dst, rta.RTA_DST, bytesAttribute);
  put(route.src, rta.RTA_SRC, bytesAttribute);
  if (route.encap !== null) attributes.push(route.encap);
  put(route.encapType, rta.RTA_ENCAP_TYPE, u16Attribute);
  put(route.gateway, rta.RTA_GATEWAY, bytesAttribute);
  put(route.via && encodeVia(route.via), rta.RTA_VIA, bytesAttribute);
  put(route.prefsrc, rta.RTA_PREFSRC, bytesAttribute);
  put(route.priority, rta.RTA_PRIORITY, u32Attribute);
  put(wideTable ? route.table : null, rta.RTA_TABLE, u32Attribute);
  put(route.expires, rta.RTA_EXPIRES, u32Attribute);
  put(route.pref, rta.RTA_PREF, u8Attribute);
  put(route.ttlPropagate, rta.RTA_TTL_PROPAGATE, u8Attribute);
  put(route.nhId, rta.RTA_NH_ID, u32Attribute);
  put(route.flow, rta.RTA_FLOW, u32Attribute);
  put(route.uid, rta.RTA_UID, u32Attribute);
  put(route.ipProto, rta.RTA_IP_PROTO, u8Attribute);
  put(route.sport, rta.RTA_SPORT, u16NetworkAttribute);
  put(route.dport, rta.RTA_DPORT, u16NetworkAttribute);
  put(route.iif, rta.RTA_IIF, u32Attribute);
  put(route.oif, rta.RTA_OIF, u32Attribute);
  put(route.mark, rta.RTA_MARK, u32Attribute);
  put(route.metrics && encodeRouteMetrics(route.metrics), rta.RTA_METRICS, bytesAttribute);
  put(route.multipath && encodeMultipath(route.multipath), rta.RTA_MULTIPATH, bytesAttribute);
  put(route.cacheinfo && encodeCacheInfo(route.cacheinfo), rta.RTA_CACHEINFO, bytesAttribute);
  attributes.push(...route.unknown);
  return encodeAttributes(attributes, header);
}

function decodeCacheInfo(value: Uint8Array): RouteCacheInfo {
  return {
    clntref: readU32(value, 0),
    lastuse: readU32(value, 4),
    expires: readI32(value, 8),
    error: readI32(value, 12),
    used: readU32(value, 16),
    id: readU32(value, 20),
    ts: readU32(value, 24),
    tsage: readU32(value, 28),
  };
}

function encodeCacheInfo(info: RouteCacheInfo): Uint8Array {
  const bytes = new Uint8Array(32);
  const { clntref, lastuse, expires, error, used, id, ts, tsage } = info;
  for (const [at, value] of [clntref, lastuse, expires, error, used, id, ts, tsage].entries())
    writeU32(bytes, at * 4, value);
  return bytes;
}
