import { defaultConfig } from "../../src/daemon/config.ts";
import type { Facts, RoutingFacts } from "../../src/doctor/facts.ts";
import { cannedStatus } from "../cli/canned-status.ts";

type Status = ReturnType<typeof cannedStatus>;

/** A daemon that is well, with a default and a buffer as root gets it. */
export function wellStatus(): Status {
  const status = cannedStatus();
  return {
    ...status,
    daemon: { ...status.daemon, version: "1.0.0", mode: "manage", health: "ok", reasons: [] },
    source: { ...status.source, kind: "netlink", alive: true, receiveBufferBytes: 16_777_216 },
    scoped: [],
    displaced: [],
  };
}

export const quietRouting: RoutingFacts = {
  scoped: [],
  obstacles: [],
  rules: { ipv4: [localRule()], ipv6: [localRule()] },
  nameOf: (index) => `if${index}`,
  ownDefaults: [],
};

/** A host on which nothing is wrong. */
export function wellFacts(): Facts {
  return {
    platform: "linux",
    uid: 0,
    version: "1.0.0",
    now: Date.UTC(2026, 6, 1),
    kernelRelease: "6.12.1-generic",
    daemon: { kind: "answers", status: wellStatus() },
    configTrouble: null,
    onStop: defaultConfig.routes.onStop,
    service: { manager: "systemd", isInstalled: true, isEnabled: true, missingPrograms: [] },
    managers: { networkd: null, networkManager: false },
    routing: quietRouting,
    journal: {
      kind: "read",
      directory: "/var/lib/netwatch",
      debts: [],
      damaged: 0,
      lost: 0,
      quarantined: [],
    },
  };
}

type Rule = RoutingFacts["rules"]["ipv4"][number];

/** `0: from all lookup local`, or what of it is said otherwise. */
export function localRule(more: Partial<Rule> = {}): Rule {
  return {
    preference: 0,
    inverted: false,
    source: null,
    destination: null,
    arrivesOn: null,
    boundTo: null,
    mark: null,
    uids: null,
    tos: null,
    protocol: null,
    sourcePorts: null,
    destinationPorts: null,
    action: { kind: "lookup", table: 255 },
    suppressPrefixLength: null,
    suppressGroup: null,
    protocolName: "kernel",
    owner: null,
    unknown: [],
    ...more,
  };
}
