import { type Attribute, decodeAttributes, encodeAttributes, u32Attribute } from "./attribute.ts";
import { readU32 } from "./host-order.ts";
import { RTAX_CC_ALGO } from "./route-constants.ts";

/** The list nested in RTA_METRICS. */
export interface RouteMetrics {
  /** By RTAX_*, in the order of the message. */
  readonly values: ReadonlyMap<number, number>;
  /** What is no number of 32 bits: RTAX_CC_ALGO. */
  readonly unknown: readonly Attribute[];
}

/** @throws DecodeError */
export function decodeRouteMetrics(value: Uint8Array): RouteMetrics {
  const values = new Map<number, number>();
  const unknown: Attribute[] = [];
  for (const attribute of decodeAttributes(value)) {
    if (attribute.type !== RTAX_CC_ALGO && attribute.value.length === 4 && attribute.flags === 0)
      values.set(attribute.type, readU32(attribute.value, 0));
    else unknown.push(attribute);
  }
  return { values, unknown };
}

export function encodeRouteMetrics(metrics: RouteMetrics): Uint8Array {
  const numbers = Array.from(metrics.values, ([type, value]) => u32Attribute(type, value));
  return encodeAttributes([...numbers, ...metrics.unknown]);
}
