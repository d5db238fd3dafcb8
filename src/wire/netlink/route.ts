import { DecodeError } from "../decode-error.ts";
import { type Attribute, decodeAttributes, encodeAttributes } from "./attribute.ts";
import {
  asBytes,
  asItself,
  asU8,
  asU16,
  asU16Network,
  asU32,
  asWideTable,
  byType,
  bytesCodec,
  fieldsOf,
  type Mutable,
  readFields,
  writeFields,
} from "./attribute-field.ts";
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

const field = fieldsOf<RouteMessage>();

/** In the order in which iproute2 sends them. */
const fields = [
  field(rta.RTA_DST, "dst", asBytes),
  field(rta.RTA_SRC, "src", asBytes),
  field(rta.RTA_ENCAP, "encap", asItself),
  field(rta.RTA_ENCAP_TYPE, "encapType", asU16),
  field(rta.RTA_GATEWAY, "gateway", asBytes),
  field(rta.RTA_VIA, "via", bytesCodec(decodeVia, encodeVia)),
  field(rta.RTA_PREFSRC, "prefsrc", asBytes),
  field(rta.RTA_PRIORITY, "priority", asU32),
  field(rta.RTA_TABLE, "table", asWideTable),
  field(rta.RTA_EXPIRES, "expires", asU32),
  field(rta.RTA_PREF, "pref", asU8),
  field(rta.RTA_TTL_PROPAGATE, "ttlPropagate", asU8),
  field(rta.RTA_NH_ID, "nhId", asU32),
  field(rta.RTA_FLOW, "flow", asU32),
  field(rta.RTA_UID, "uid", asU32),
  field(rta.RTA_IP_PROTO, "ipProto", asU8),
  field(rta.RTA_SPORT, "sport", asU16Network),
  field(rta.RTA_DPORT, "dport", asU16Network),
  field(rta.RTA_IIF, "iif", asU32),
  field(rta.RTA_OIF, "oif", asU32),
  field(rta.RTA_MARK, "mark", asU32),
  field(rta.RTA_METRICS, "metrics", bytesCodec(decodeRouteMetrics, encodeRouteMetrics)),
  field(
    rta.RTA_MULTIPATH,
    "multipath",
    bytesCodec<readonly RouteLeg[]>(decodeMultipath, encodeMultipath),
  ),
  field(rta.RTA_CACHEINFO, "cacheinfo", bytesCodec(decodeCacheInfo, encodeCacheInfo)),
];
const knownFields = byType(fields);

/**
 * Decodes the body of a route message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeRoute(body: Uint8Array): RouteMessage {
  const bytes = body.slice();
  if (bytes.length < rtmsgLength)
    throw new DecodeError("truncated", `cannot decode a route: ${bytes.length} bytes`);
  const route: Mutable<RouteMessage> = {
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
  };
  route.unknown = readFields(route, decodeAttributes(bytes, rtmsgLength), knownFields);
  return route;
}

/** The body of a route message. */
export function encodeRoute(route: RouteMessage): Uint8Array {
  const header = new Uint8Array(rtmsgLength);
  header.set([route.family, route.dstLength, route.srcLength, route.tos]);
  const table = route.table > 0xff ? 0 : route.table;
  header.set([table, route.protocol, route.scope, route.type], 4);
  writeU32(header, 8, route.flags);
  return encodeAttributes([...writeFields(route, fields), ...route.unknown], header);
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
