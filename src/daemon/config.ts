import type { IpFamily } from "../network/address.ts";
import type { InterfaceKind } from "../network/interface.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Who may read over the admin socket: any local user, members of `group`, or only root and the daemon's user. */
export type ReadAccess = "all" | "group" | "root";

/** The configuration file's content, every key filled in. Globs match interface names. */
export interface Config {
  readonly monitor: {
    readonly debounceQuietMs: number;
    readonly debounceMaxMs: number;
    readonly reconcileMs: number;
    readonly probeMs: number;
    readonly receiveBufferBytes: number;
  };
  readonly interfaces: {
    /** Globs of interfaces whose changes are churn. */
    readonly churn: readonly string[];
    /** Kind by glob, for what the system cannot tell. */
    readonly kinds: Readonly<Record<string, InterfaceKind>>;
  };
  readonly routes: {
    readonly scoped: "auto" | readonly string[];
    readonly families: readonly IpFamily[];
    readonly guard: "off" | "warn" | "restore";
    readonly guardGraceMs: number;
    readonly onStop: "remove" | "keep";
    readonly replies: boolean;
    readonly preferenceBase: number;
    readonly tableBase: number;
    readonly protocol: number;
    /** The route flag that marks a route as ours on macOS. */
    readonly flag: "proto1" | "proto2" | "proto3";
  };
  readonly admin: { readonly read: ReadAccess; readonly group: string };
  /** `host:port` on loopback, or empty for none. */
  readonly metrics: { readonly listen: string };
  readonly log: { readonly level: LogLevel };
}

/** What an empty or missing file means. */
export const defaultConfig: Config = {
  monitor: {
    debounceQuietMs: 200,
    debounceMaxMs: 2_000,
    reconcileMs: 15_000,
    probeMs: 60_000,
    receiveBufferBytes: 8_388_608,
  },
  interfaces: { churn: ["veth*", "docker*", "br-*", "cni*"], kinds: {} },
  routes: {
    scoped: "auto",
    families: ["ipv4", "ipv6"],
    guard: "warn",
    guardGraceMs: 5_000,
    onStop: "remove",
    replies: false,
    preferenceBase: 5_100,
    tableBase: 5_100,
    protocol: 199,
    flag: "proto2",
  },
  admin: { read: "all", group: "netwatch" },
  metrics: { listen: "" },
  log: { level: "info" },
};
