import { formatIpAddress } from "../../../src/network/address.ts";
import { AF, RTF } from "../../../src/wire/pfroute/constants.ts";
import type { Kernel } from "./kernel.ts";
import { visibleMask } from "./message-encoding.ts";
import { type RouteEntry, visibleFlags } from "./route-entry.ts";
import { familyOf, scopedAddressOf } from "./socket-address.ts";

/** In the order in which the recordings name them. */
const flagNames = Object.entries(RTF).sort(([, left], [, right]) => left - right);

/** The table in words, as the recordings write it: `0.0.0.0 mask=0000 via 192.0.2.1 idx=2 flags=UP|GATEWAY`. */
export function listRoutes(kernel: Kernel, family: number): readonly string[] {
  return [AF.INET, AF.INET6]
    .filter((each) => family === 0 || family === each)
    .flatMap((each) => kernel.tables[each].entries)
    .map(describeRoute);
}

function describeRoute(entry: RouteEntry): string {
  const mask = visibleMask(entry.mask, entry.key.family, 4);
  const hex = mask === null ? "None" : Buffer.from(mask).toString("hex") || "0000";
  const flags = visibleFlags(entry);
  const names = flagNames.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  return `${formatIpAddress(entry.key.bytes)} mask=${hex} via ${describeGateway(entry.gateway)} idx=${entry.interface.index} flags=${names.join("|")}`;
}

function describeGateway(gateway: Uint8Array): string {
  if (familyOf(gateway) === AF.LINK) return `link#${(gateway[2] ?? 0) | ((gateway[3] ?? 0) << 8)}`;
  return formatIpAddress(scopedAddressOf(gateway).bytes);
}
