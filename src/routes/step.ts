import type { IpFamily } from "../network/address.ts";
import type { DefaultRoute } from "../network/route.ts";
import type {
  HostRoute,
  InterfaceIdentity,
  RecordedDefault,
  ScopedDefault,
  ScopedPlaces,
} from "../platform/route-control.ts";
import type { GatewayChoice } from "./gateway-choice.ts";
import type { JournalFact } from "./journal/record.ts";

/** A scoped default with what the journal keeps of it. */
export interface PlannedScoped {
  readonly entry: ScopedDefault;
  readonly identity: InterfaceIdentity;
  /** Connected prefixes of the interface: the gateway is remembered while they stand. */
  readonly prefixes: readonly string[];
  /** Where its gateway is known from. */
  readonly choice: GatewayChoice;
  /** Only a lease asks for it. */
  readonly leased: boolean;
}

/** One thing that a plan does. `reason` is for a person. */
export type Step = ScopedStep | DebtStep | HostStep;

/** What changes scoped defaults, and what the journal says of them. */
export type ScopedStep =
  | {
      readonly kind: "install-scoped";
      readonly planned: PlannedScoped;
      /** What of ours stands in its slot now, whole or in part. */
      readonly replaces: ScopedDefault | null;
      readonly reason: string;
    }
  | { readonly kind: "remove-scoped"; readonly entry: ScopedDefault; readonly reason: string }
  /** An earlier configuration made it, in other places or with another mark. */
  | {
      readonly kind: "remove-former";
      readonly entry: ScopedDefault;
      readonly places: ScopedPlaces;
      readonly fact: Extract<JournalFact, { readonly kind: "slot" }>;
      readonly reason: string;
    }
  /** It stands as wished and the journal does not say so: it is written down, the kernel is not touched. */
  | { readonly kind: "adopt-scoped"; readonly planned: PlannedScoped; readonly reason: string }
  /** It stands as wished and its router's word holds for another time than the journal says. */
  | { readonly kind: "renew-slot"; readonly planned: PlannedScoped; readonly reason: string }
  /** It stands and is not ours any more: the journal says so, the kernel is not touched. */
  | { readonly kind: "hand-over"; readonly planned: PlannedScoped; readonly reason: string }
  /** The journal speaks of what does not stand. */
  | {
      readonly kind: "forget-slot";
      readonly fact: Extract<JournalFact, { readonly kind: "slot" }>;
      readonly reason: string;
    };

/** What displaces defaults, and what settles the debt. */
export type DebtStep =
  | {
      readonly kind: "open-debt";
      readonly fact: Extract<JournalFact, { readonly kind: "displaced" }>;
      readonly reason: string;
    }
  | {
      readonly kind: "add-default";
      /** Null for what no debt speaks of. */
      readonly debt: string | null;
      readonly record: RecordedDefault;
      readonly placement: "exclusive" | "append" | "prepend";
      /** How it differs from what was recorded, for a person; null when it is exactly that. */
      readonly deviation: string | null;
      readonly reason: string;
    }
  | {
      readonly kind: "remove-default";
      readonly debt: string;
      readonly record: RecordedDefault;
      readonly reason: string;
    }
  | {
      readonly kind: "ask-routers";
      readonly debt: string;
      readonly interfaceIndex: number;
      readonly reason: string;
    }
  | {
      /** Its router's word holds for another time than the journal says. */
      readonly kind: "renew-debt";
      readonly fact: Extract<JournalFact, { readonly kind: "lifetime" }>;
      readonly reason: string;
    }
  | {
      readonly kind: "postpone-debt";
      readonly fact: Extract<JournalFact, { readonly kind: "pending" }>;
      readonly reason: string;
    }
  | {
      readonly kind: "close-debt";
      readonly fact: Extract<JournalFact, { readonly kind: "closed" }>;
      readonly reason: string;
    };

/** What makes routes to the servers of tunnels, and takes them away. */
export type HostStep =
  | {
      readonly kind: "add-host";
      /** The debt of the default that must not be made without it. */
      readonly debt: string;
      readonly host: HostRoute;
      /** On the disk before it is added. */
      readonly fact: Extract<JournalFact, { readonly kind: "host-route" }>;
      readonly reason: string;
    }
  | {
      readonly kind: "remove-host";
      readonly host: HostRoute;
      /** Null for what no record speaks of. */
      readonly fact: Extract<JournalFact, { readonly kind: "host-route" }> | null;
      readonly reason: string;
    };

/** What would undo a step, in the planner's own words; null for a step that changes the journal only. */
export type Inverse =
  | { readonly do: "remove-scoped"; readonly family: IpFamily; readonly slot: number }
  | { readonly do: "install-scoped"; readonly entry: ScopedDefault }
  | { readonly do: "add-default" | "remove-default"; readonly route: DefaultRoute }
  | { readonly do: "add-host" | "remove-host"; readonly host: HostRoute };

/** The inverse of a step. */
export function inverseOf(step: Step): Inverse | null {
  switch (step.kind) {
    case "install-scoped": {
      const { family, slot } = step.planned.entry;
      return step.replaces === null
        ? { do: "remove-scoped", family, slot }
        : { do: "install-scoped", entry: step.replaces };
    }
    case "remove-scoped":
    case "remove-former":
      return { do: "install-scoped", entry: step.entry };
    case "add-default":
      return { do: "remove-default", route: step.record.route };
    case "remove-default":
      return { do: "add-default", route: step.record.route };
    case "add-host":
      return { do: "remove-host", host: step.host };
    case "remove-host":
      return { do: "add-host", host: step.host };
    case "adopt-scoped":
    case "hand-over":
    case "forget-slot":
    case "open-debt":
    case "ask-routers":
    case "renew-debt":
    case "renew-slot":
    case "postpone-debt":
    case "close-debt":
      return null;
    default:
      return step satisfies never;
  }
}

/** `eth0 (ipv4 via 10.0.0.1)`: a scoped default for a person. */
export function describeScoped(entry: ScopedDefault): string {
  const { interfaceName, family, gateway, nexthops } = entry;
  const legs = nexthops.length > 0 ? nexthops.map((leg) => leg.gateway) : [gateway];
  const ways = legs.map((leg) => (leg === null ? "on the link" : `via ${leg}`));
  return `${interfaceName} (${family} ${ways.join(" and ")})`;
}
