import type { Status } from "../admin-api/status-schema.ts";
import type { IpFamily } from "../network/address.ts";
import type { FoundScoped, Obstacle } from "../platform/route-control.ts";
import type { RoutingRule } from "../platform/route-inquiry.ts";

/** What is known of the daemon. */
export type DaemonFacts =
  | { readonly kind: "answers"; readonly status: Status }
  | { readonly kind: "absent" }
  /** It is there and does not answer this user, or not at all. */
  | { readonly kind: "silent"; readonly why: string };

/** What is known of the journal. */
export type JournalFacts =
  /** This user may not read it. */
  | { readonly kind: "unseen" }
  | { readonly kind: "unusable"; readonly why: string; readonly isNewer: boolean }
  | {
      readonly kind: "read";
      readonly directory: string;
      /** Defaults that were displaced and are still owed, each as a person would name it. */
      readonly debts: readonly string[];
      readonly damaged: number;
      readonly lost: number;
      /** Files in the state directory that were set aside because they were damaged. */
      readonly quarantined: readonly string[];
    };

/** What stands in the kernel's routing, as far as it concerns netwatch. */
export interface RoutingFacts {
  readonly scoped: readonly FoundScoped[];
  readonly obstacles: readonly Obstacle[];
  readonly rules: Readonly<Record<IpFamily, readonly RoutingRule[]>>;
  readonly nameOf: (interfaceIndex: number) => string;
  /** Unscoped defaults with our tag, each as a person would name it. */
  readonly ownDefaults: readonly string[];
}

/** How netwatchd is installed as a service of this host. */
export interface ServiceFacts {
  /** What starts services here; null when it is neither systemd nor launchd. */
  readonly manager: "systemd" | "launchd" | null;
  readonly isInstalled: boolean;
  readonly isEnabled: boolean;
  /** Programs that it starts and that are not there. */
  readonly missingPrograms: readonly string[];
}

/** What other programs that change routes are set to do. */
export interface ManagerFacts {
  /** Null when systemd-networkd does not run; else whether it takes routes and rules of others away. */
  readonly networkd: { readonly takesRoutes: boolean; readonly takesRules: boolean } | null;
  readonly networkManager: boolean;
}

/** Everything that a checkup looks at, gathered before. */
export interface Facts {
  readonly platform: string;
  readonly uid: number;
  /** Of the command line that asks. */
  readonly version: string;
  /** Ms since the epoch. */
  readonly now: number;
  /** `os.release()`. */
  readonly kernelRelease: string;
  readonly daemon: DaemonFacts;
  /** Why the configuration is no good; null when it is. */
  readonly configTrouble: string | null;
  readonly onStop: "remove" | "keep";
  readonly service: ServiceFacts;
  readonly managers: ManagerFacts;
  /** A text tells why it could not be read. */
  readonly routing: RoutingFacts | string;
  readonly journal: JournalFacts;
}
