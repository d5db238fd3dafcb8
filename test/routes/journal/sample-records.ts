import type { DefaultRoute } from "../../../src/network/route.ts";
import type { JournalFact, JournalIdentity } from "../../../src/routes/journal/record.ts";

export const identity: JournalIdentity = {
  bootId: "5d4f2c0e-8a37-4c52-9d0b-0a4b3f6f1c11",
  namespaceCookie: "4097",
};

export const eth0 = {
  index: 3,
  name: "eth0",
  mac: "02:00:00:00:00:02",
  kind: "physical",
} as const;

export const route: DefaultRoute = {
  family: "ipv4",
  prefix: "0.0.0.0/0",
  type: "unicast",
  gateway: "192.0.2.1",
  interfaceIndex: 3,
  metric: 100,
  tos: 0,
  table: 254,
  position: 0,
  protocol: "dhcp",
  source: "192.0.2.17",
  onlink: false,
  mtu: null,
  pref: null,
  expiresAt: null,
  linkdown: false,
  nexthopId: null,
  nexthops: [],
};

// Linux 6.18 x86_64, RTM_GETROUTE dump, struct rtmsg and attributes, after
// ip route add default via 192.0.2.1 dev eth0 proto dhcp src 192.0.2.17 metric 100
export const raw = "AgAAAP4QAAEAAAAACAAPAP4AAAAIAAYAZAAAAAgABwDAAAIRCAAFAMAAAgEIAAQAAwAAAA==";

type Fact<Kind extends JournalFact["kind"]> = Extract<JournalFact, { kind: Kind }>;

export function displaced(debt: string, changes: Partial<Fact<"displaced">> = {}): JournalFact {
  return {
    kind: "displaced",
    debt,
    family: "ipv4",
    table: 254,
    defaults: [{ raw, route }],
    interfaces: [eth0],
    by: { command: "vpn", pid: 4242, uid: 0 },
    ...changes,
  };
}

export function lifetime(debt: string, expiresAt: number, place = 0): JournalFact {
  return { kind: "lifetime", debt, place, expiresAt };
}

export function closed(
  debt: string,
  outcome: Fact<"closed">["outcome"] = "settled",
  detail: string | null = null,
): JournalFact {
  return { kind: "closed", debt, outcome, detail };
}

export function pending(debt: string, attempts: number): JournalFact {
  return { kind: "pending", debt, reason: "interface-gone", attempts, nextAttemptUptimeMs: null };
}

export function slot(
  number: number,
  state: Fact<"slot">["state"],
  changes: Partial<Fact<"slot">> = {},
): JournalFact {
  return {
    kind: "slot",
    family: "ipv4",
    slot: number,
    interface: eth0,
    preference: 5100 + 2 * number,
    table: 5100 + number,
    gateway: "192.0.2.1",
    source: null,
    prefixes: ["192.0.2.0/24"],
    form: "pair",
    state,
    ...changes,
  };
}

export function lastKnownGood(gateway = "192.0.2.1"): JournalFact {
  return {
    kind: "last-known-good",
    family: "ipv4",
    raw,
    route: { ...route, gateway },
    interfaces: [eth0],
  };
}

export function voided(): JournalFact {
  return { kind: "last-known-good-void", family: "ipv4", reason: "forgotten" };
}

export function intent(plan: string): JournalFact {
  return {
    kind: "intent",
    plan,
    steps: [{ what: "add 0.0.0.0/0 via 192.0.2.1 dev eth0 table 5100", inverse: { remove: 5100 } }],
  };
}

export function done(plan: string): JournalFact {
  return { kind: "done", plan, outcome: "applied" };
}

/** @param number a server's, 0 to 255 */
export function hostRoute(number: number, state: Fact<"host-route">["state"]): JournalFact {
  return {
    kind: "host-route",
    family: "ipv4",
    destination: `203.0.113.${number}`,
    gateway: "192.0.2.1",
    interface: eth0,
    state,
  };
}

export function lease(name: string, state: Fact<"lease">["state"], ttlMs = 30_000): JournalFact {
  const by = { command: "vpn", pid: 4242, uid: 0 };
  return { kind: "lease", lease: name, by, ttlMs, wish: { kind: "uplink" }, state };
}
