import type { CoveringRoute, RouteWay, RoutingRule } from "../platform/route-inquiry.ts";

/** Names of errno (errno(3)) that a look-up ends with when nothing takes the packet. */
export type RefusalCode = "ENETUNREACH" | "EHOSTUNREACH" | "EACCES" | "EINVAL" | "EXDEV";

/** One thing that was tried, in order. */
export type Step =
  | {
      readonly kind: "rule";
      readonly rule: RoutingRule;
      readonly matches: boolean;
      readonly why: string;
      /** The table that the rule sent the packet to. */
      readonly table: number | null;
    }
  | {
      readonly kind: "route";
      readonly route: CoveringRoute;
      readonly chosen: boolean;
      readonly why: string;
    }
  /** What happens by the kernel's own code, not by a rule or route. */
  | { readonly kind: "note"; readonly why: string };

/** Where the look-up ends. */
export type Decision =
  | {
      readonly kind: "route";
      readonly rule: RoutingRule | null;
      readonly route: CoveringRoute;
      /** The ways that the kernel may take; several for a multipath route. */
      readonly ways: readonly RouteWay[];
      /** Routes of equal rank that the kernel may prefer by what it knows of their gateways. */
      readonly equals: readonly CoveringRoute[];
    }
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      /** What refuses; null for both: nothing leads there. */
      readonly rule: RoutingRule | null;
      readonly route: CoveringRoute | null;
      readonly why: string;
    }
  /** No table holds a route, and the kernel takes the destination to be on the bound interface's link. */
  | { readonly kind: "on-link"; readonly interfaceIndex: number; readonly because: string }
  /** Multicast and broadcast over a bound interface ask no table. */
  | { readonly kind: "no-look-up"; readonly interfaceIndex: number };

/** A look-up: what was tried, and where it ended. */
export interface LookUp {
  readonly steps: readonly Step[];
  readonly decision: Decision;
}

/** What one table says: a route, a refusal, or nothing, which lets the next rule be tried. */
export type TableResult =
  | {
      readonly kind: "route";
      readonly route: CoveringRoute;
      readonly ways: readonly RouteWay[];
      readonly equals: readonly CoveringRoute[];
    }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly route: CoveringRoute }
  | { readonly kind: "nothing"; readonly why: string };

export interface TableLookUp {
  readonly steps: readonly Step[];
  readonly result: TableResult;
}

/** What a route of an error type answers (fib_props, net/ipv4/fib_semantics.c); null for one that delivers. */
export function refusalOf(type: CoveringRoute["type"]): RefusalCode | null {
  switch (type) {
    case "unreachable":
      return "EHOSTUNREACH";
    case "prohibit":
      return "EACCES";
    case "blackhole":
    case "nat":
      return "EINVAL";
    default:
      return null;
  }
}
