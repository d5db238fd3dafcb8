import type { DefaultRoute } from "../../src/network/route.ts";
import type { FaultPoints } from "./fault-points.ts";

/** A default over tun0 that shall stand in the place of others. */
export interface WishedDefault {
  readonly id: string;
  readonly family: DefaultRoute["family"];
  readonly gateway: string;
  readonly metric: number;
}

/** What a program asks of a daemon for its tunnel. */
export interface AskedLease {
  readonly mode: "metric" | "split" | "displace";
  readonly families: readonly DefaultRoute["family"][];
  readonly endpoints: readonly string[];
  readonly onLost: "restore" | "block";
  readonly stack: boolean;
}

/** One thing that happens while a process lives. It is waited for before the next. */
export type Deed =
  /** Somebody else changes the network, by `ip -batch`. */
  | { readonly do: "world"; readonly ip: readonly string[] }
  /** The wishes are these; what was wished before and is not now is released. */
  | { readonly do: "displace"; readonly wishes: readonly WishedDefault[] }
  | { readonly do: "install" | "remove"; readonly interfaceName: string }
  /** A lease of tun0 for a daemon; all that are held end together. */
  | { readonly do: "lease"; readonly lease: AskedLease }
  | { readonly do: "release" }
  | { readonly do: "rotate" | "restore" }
  | { readonly do: "stop"; readonly onStop: "remove" | "keep" };

/** What a process does, and how soon it is killed. */
export interface Life {
  /** `keeper`: the loop that changes routes; `daemon`: all of netwatchd; `restore`: a restore without a daemon. */
  readonly as: "keeper" | "daemon" | "restore";
  readonly deeds: readonly Deed[];
  /** Seeds the choice of the moment. */
  readonly seed: number;
  /** At each fault point one chance in so many. */
  readonly odds: number;
  /** The journal is rewritten when it is larger. */
  readonly journalLimitBytes: number;
}

/** What the process is told. */
export interface Order {
  readonly life: Life;
  readonly netns: string;
  /** Holds `state`, `config.toml` and the admin socket. */
  readonly directory: string;
}

/** What the process says, one JSON object a line: it cannot say more once it is dead. */
export type Word =
  /** The deed of this number has changed the network. */
  | { readonly word: "changed"; readonly deed: number }
  | { readonly word: "killed"; readonly at: string };

/** What a process does until it is killed, or until nothing is left to do. */
export type Doom = (
  order: Order,
  points: FaultPoints,
  /** The deed of this number has changed the network. */
  changed: (deed: number) => void,
) => Promise<void>;
