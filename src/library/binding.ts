import type { IpFamily } from "../network/address.ts";
import type { BoundInterface, StaleBecause } from "./stale-binding-error.ts";
import type { StalePolicy } from "./stale-policy.ts";
import type { DaemonChoice } from "./surroundings.ts";

/** Which interface sockets are to be bound to, and what to do when nothing can leave by it. */
export interface BindingOptions extends DaemonChoice {
  readonly interface: string;
  /** With either of these the binding is stale from the start unless the interface still is that one. */
  readonly index?: number | null;
  readonly generation?: number | null;
  /** Which families to use; both when missing. */
  readonly families?: readonly IpFamily[];
  /**
   * `fail` (default): sockets end with StaleBindingError. `wait`: they wait `waitMs` for the same interface. `rebind`:
   * the same, and they follow to a new interface of that name. `fallback`: what can do without leaves by any interface,
   * and an event says so each time.
   */
  readonly onStale?: StalePolicy;
  /** For `wait` and `rebind`; 10 seconds when missing. */
  readonly waitMs?: number;
  readonly onEvent?: (event: BindingEvent) => void;
}

/** What happened to a binding. */
export type BindingEvent = BoundInterface & { readonly time: string } & (
    | { readonly kind: "binding-stale"; readonly because: StaleBecause }
    | { readonly kind: "binding-usable" }
    | {
        readonly kind: "binding-moved";
        readonly from: { readonly index: number | null; readonly generation: number | null };
      }
    | {
        readonly kind: "binding-fallback";
        /** What left without the binding, such as `connect to 192.0.2.1:443`. */
        readonly what: string;
        /** How many times this binding has fallen back, this one included. */
        readonly count: number;
      }
  );

/**
 * An interface that sockets are bound to, watched until it is disposed of, which ends the sockets that hang on it.
 * It keeps the process alive.
 */
export interface Binding extends BoundInterface, AsyncDisposable {
  readonly standing: "usable" | StaleBecause;
  readonly families: readonly IpFamily[];
  /** How many times something left without the binding. */
  readonly fallbacks: number;
  /** Calls back with what happens from now on; gives a function that ends it. */
  onEvent(listener: (event: BindingEvent) => void): () => void;
  /** The same as disposing of it, for where `await using` is not to be had. */
  close(): Promise<void>;
}
