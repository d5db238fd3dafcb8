import type { Candidate, Default, Defaults } from "../../src/admin-api/route-schema.ts";
import type { Address, Interface, Status } from "../../src/admin-api/status-schema.ts";

/** Now, in the tests that show a time: half past noon, UTC. */
export const cannedNow = Date.parse("2026-03-03T12:30:00.000Z");

export function cannedDefault(fields: Partial<Default> = {}): Default {
  return {
    family: "ipv4",
    prefix: "0.0.0.0/0",
    type: "unicast",
    via: "default",
    gateway: "10.0.0.1",
    interface: "eth0",
    metric: 100,
    tos: 0,
    table: 254,
    position: 0,
    protocol: "dhcp",
    source: null,
    onlink: false,
    mtu: null,
    pref: null,
    expiresAt: null,
    linkdown: false,
    nexthopId: null,
    nexthops: [],
    ...fields,
  };
}

export function cannedAddress(text: string, fields: Partial<Address> = {}): Address {
  const [address = "", length] = text.split("/");
  return {
    address,
    prefixLength: Number(length),
    family: address.includes(":") ? "ipv6" : "ipv4",
    scope: address.startsWith("fe80:") ? "link" : "global",
    flags: ["permanent"],
    peer: null,
    validUntil: null,
    preferredUntil: null,
    ...fields,
  };
}

export function cannedInterface(
  name: string,
  index: number,
  addresses: readonly string[],
  fields: Partial<Interface> = {},
): Interface {
  return {
    name,
    index,
    generation: 1,
    kind: "physical",
    up: true,
    carrier: true,
    operState: "up",
    mtu: 1500,
    mac: `02:00:00:00:00:${index.toString(16).padStart(2, "0")}`,
    addresses: addresses.map((text) => cannedAddress(text)),
    ...fields,
  };
}

/** The first of the routes wins, the others lose for the reason given. */
export function cannedDefaults(winner: Default | null, ...losers: readonly Candidate[]): Defaults {
  const won = winner === null ? [] : [{ ...winner, lostBecause: null }];
  return { effective: winner, candidates: [...won, ...losers] };
}

const eth0Default = cannedDefault();
const wlan0Default = cannedDefault({ gateway: "192.168.7.1", interface: "wlan0", metric: 600 });
const eth0DefaultV6 = cannedDefault({
  family: "ipv6",
  prefix: "::/0",
  gateway: "fe80::1",
  metric: 1024,
  protocol: "ra",
  pref: "medium",
  expiresAt: "2026-03-03T12:55:00.000Z",
});

/** A laptop at a desk: a wire and a radio, a VPN for one network, containers. */
export function cannedStatus(fields: Partial<Status> = {}): Status {
  const containers = Array.from({ length: 37 }, (_, at) =>
    cannedInterface(`veth${at}`, 100 + at, [`fe80::${at + 1}/64`], { kind: "container" }),
  );
  return {
    daemon: {
      version: "0.1.0",
      pid: 812,
      startedAt: "2026-03-03T09:27:00.000Z",
      mode: "observe",
      health: "ok",
      reasons: [],
    },
    interfaces: [
      cannedInterface("lo", 1, [], {
        kind: "loopback",
        operState: "unknown",
        mtu: 65_536,
        mac: null,
        addresses: [
          cannedAddress("127.0.0.1/8", { scope: "host" }),
          cannedAddress("::1/128", { scope: "host" }),
        ],
      }),
      cannedInterface("eth0", 2, ["10.0.0.5/24", "2001:db8::5/64", "fe80::5/64"]),
      cannedInterface("wlan0", 3, ["192.168.7.20/24", "fe80::7/64"], { kind: "wireless" }),
      cannedInterface("eth1", 4, [], { up: false, carrier: false, operState: "down" }),
      cannedInterface("wg0", 5, ["10.8.0.2/24"], {
        kind: "tunnel",
        operState: "unknown",
        mtu: 1420,
        mac: null,
      }),
      ...containers,
    ],
    defaults: {
      ipv4: cannedDefaults(eth0Default, { ...wlan0Default, lostBecause: "higher-metric" }),
      ipv6: cannedDefaults(eth0DefaultV6),
    },
    scoped: [],
    displaced: [],
    ownProtocol: "199",
    leases: [],
    source: {
      kind: "netlink",
      alive: true,
      lastMessageAt: "2026-03-03T12:29:48.000Z",
      receiveBufferBytes: 8_388_608,
      overflows: 0,
      reopened: 0,
      undecodable: 0,
      foreign: 0,
    },
    counters: {
      messages: 412,
      filtered: 0,
      hints: 30,
      rereads: 21,
      reconciles: 700,
      drift: 0,
      events: 14,
    },
    ...fields,
  };
}

/** The same host after the cable was pulled and the radio has lost its network. */
export function brokenStatus(): Status {
  const status = cannedStatus();
  const linkdown = { ...eth0Default, linkdown: true };
  return {
    ...status,
    daemon: {
      ...status.daemon,
      health: "degraded",
      reasons: ["kernel messages cannot be heard, so changes are found late: not permitted"],
    },
    interfaces: status.interfaces.map((one) =>
      one.name === "eth0" ? { ...one, carrier: false, operState: "lower-layer-down" } : one,
    ),
    defaults: {
      ipv4: cannedDefaults(linkdown),
      ipv6: cannedDefaults(null, { ...eth0DefaultV6, linkdown: true, lostBecause: "linkdown" }),
    },
    source: { ...status.source, overflows: 2, alive: false },
    counters: { ...status.counters, drift: 3 },
  };
}
