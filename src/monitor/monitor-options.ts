import type { InterfaceKind } from "../network/interface.ts";

/** How a monitor looks. All times are in ms. */
export interface MonitorOptions {
  /** A door that rings again within this time of its last ring waits for quiet. */
  readonly debounceQuietMs: number;
  /** No ring waits longer than this. */
  readonly debounceMaxMs: number;
  /** Between two reads of everything although nothing rang. */
  readonly reconcileMs: number;
  /** Between two probes of the source. */
  readonly probeMs: number;
  /** Globs of interfaces whose changes are churn. */
  readonly churn: readonly string[];
  /** Kind by glob, for what the system cannot tell. The first that matches counts. */
  readonly kinds: Readonly<Record<string, InterfaceKind>>;
  /** From 0 to below 1: jitter, so that many hosts do not act in step. */
  readonly random: () => number;
}

export const defaultMonitorOptions: MonitorOptions = {
  debounceQuietMs: 200,
  debounceMaxMs: 2_000,
  reconcileMs: 15_000,
  probeMs: 60_000,
  churn: ["veth*", "docker*", "br-*", "cni*"],
  kinds: {},
  random: Math.random,
};
