import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { DefaultRoute } from "../network/route.ts";
import type { RecordedDefault, RouteTraits, RoutingReading } from "../platform/route-control.ts";
import type { JournalState } from "./journal/journal-state.ts";
import type { DebtStep } from "./step.ts";

/** What the planning of debts looks at. */
export interface DebtContext {
  readonly reading: RoutingReading;
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly journal: JournalState;
  readonly traits: RouteTraits;
  /** The protocol that marks routes as ours, as `DefaultRoute.protocol` gives it. */
  readonly tag: string;
  /** In ms since the epoch. */
  readonly now: number;
  readonly uptimeMs: number;
  /** When the network last changed, or infinity to try everything once more. */
  readonly changedAtUptimeMs: number;
  /** Today's gateway of an interface, where something knows one. */
  readonly gatewayToday: (link: NetworkInterface, family: IpFamily) => string | null;
}

/** A displaced default as `status` shows it. */
export interface DebtView {
  readonly debt: string;
  readonly family: IpFamily;
  readonly route: DefaultRoute;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The program that it was displaced for, or null. */
  readonly by: string | null;
  /** `pending`: it should be back and cannot be yet. */
  readonly state: "displaced" | "pending";
  readonly reason: string | null;
}

/** What one debt needs now. */
export interface DebtPlan {
  readonly steps: readonly DebtStep[];
  /** Null when it is as good as closed. */
  readonly view: DebtView | null;
  /** When to look again though nothing happens, in ms of uptime. */
  readonly nextAtUptimeMs: number | null;
}

/** The defaults of one table and family that stand now, in order. */
export function standingIn(
  { reading }: DebtContext,
  family: IpFamily,
  table: number,
): readonly RecordedDefault[] {
  return reading.defaults.filter(({ route }) => route.family === family && route.table === table);
}
