import type { Facts } from "../../src/doctor/facts.ts";
import type { Obstacle } from "../../src/platform/route-control.ts";
import { localRule, quietRouting, wellFacts, wellStatus } from "./facts.ts";

type Case = readonly [code: string, gravity: "bad" | "warn" | "note", text: RegExp, Partial<Facts>];

const status = wellStatus();
const daemonSays = (more: Partial<typeof status>): Partial<Facts> => ({
  daemon: { kind: "answers", status: { ...status, ...more } },
});
const obstacle = (one: Obstacle): Partial<Facts> => ({
  routing: { ...quietRouting, obstacles: [one] },
});
export const absent = { daemon: { kind: "absent" } } as const;
export const journal = readJournalOf(wellFacts().journal);
const service = wellFacts().service;

const left = {
  ...absent,
  routing: {
    ...quietRouting,
    scoped: [
      {
        complete: true,
        entry: {
          family: "ipv4",
          interfaceIndex: 7,
          interfaceName: "eth0",
          slot: 0,
          gateway: "10.0.0.1",
          onlink: false,
          source: null,
          mtu: null,
          nexthops: [],
          form: "pair",
          connected: [],
          replyAddresses: [],
        },
      },
    ],
  },
} as const;

/** Every finding, with a change of a well host that brings it about. */
export const cases: readonly Case[] = [
  ["stale-rules", "warn", /stand for if7/, left],
  ["stale-rules", "note", /stand for if7/, { ...left, onStop: "keep" }],
  ["no-daemon", "warn", /is not running/, absent],
  [
    "daemon-silent",
    "bad",
    /permission denied/,
    { daemon: { kind: "silent", why: "permission denied" } },
  ],
  ["bad-configuration", "bad", /line 3/, { configTrouble: "line 3: no such key" }],
  [
    "other-version",
    "warn",
    /0\.9\.0.*1\.0\.0/,
    daemonSays({ daemon: { ...status.daemon, version: "0.9.0" } }),
  ],
  [
    "degraded",
    "warn",
    /disk is full/,
    daemonSays({ daemon: { ...status.daemon, reasons: ["disk is full"] } }),
  ],
  [
    "degraded",
    "bad",
    /hears nothing/,
    daemonSays({
      daemon: { ...status.daemon, reasons: ["it hears nothing"] },
      source: { ...status.source, alive: false },
    }),
  ],
  [
    "observe-mode",
    "note",
    /only watches/,
    daemonSays({ daemon: { ...status.daemon, mode: "observe" } }),
  ],
  [
    "small-receive-buffer",
    "warn",
    /212992 bytes/,
    daemonSays({ source: { ...status.source, receiveBufferBytes: 212_992 } }),
  ],
  [
    "no-default",
    "bad",
    /no default route/,
    daemonSays({
      defaults: {
        ipv4: { ...status.defaults.ipv4, effective: null },
        ipv6: { ...status.defaults.ipv6, effective: null },
      },
    }),
  ],
  [
    "fight",
    "bad",
    /IPv4 scoped default of eth0/,
    daemonSays({
      scoped: [
        {
          interface: "eth0",
          family: "ipv4",
          gateway: "10.0.0.1",
          state: "fight",
          adopted: false,
          reason: null,
        },
      ],
    }),
  ],
  [
    "journal-newer",
    "bad",
    /version 9/,
    { journal: { kind: "unusable", why: "it is of version 9", isNewer: true } },
  ],
  [
    "journal-unusable",
    "bad",
    /read-only/,
    { journal: { kind: "unusable", why: "read-only", isNewer: false } },
  ],
  [
    "owed-default",
    "bad",
    /default via 10\.0\.0\.1/,
    { ...absent, journal: { ...journal, debts: ["default via 10.0.0.1"] } },
  ],
  [
    "journal-damaged",
    "warn",
    /17 bytes hold no record, 2 records are lost/,
    { journal: { ...journal, damaged: 17, lost: 2 } },
  ],
  [
    "journal-quarantined",
    "note",
    /journal\.damaged-1/,
    { journal: { ...journal, quarantined: ["journal.damaged-1"] } },
  ],
  [
    "stale-default",
    "bad",
    /is netwatch's/,
    { ...absent, routing: { ...quietRouting, ownDefaults: ["default dev tun0"] } },
  ],
  ["routing-unreadable", "bad", /no netlink/, { routing: "no netlink" }],
  ["local-rule-moved", "bad", /IPv6/, obstacle({ kind: "local-rule-moved", family: "ipv6" })],
  ["rp-filter-strict", "warn", /on if7/, obstacle({ kind: "rp-filter-strict", interfaceIndex: 7 })],
  [
    "rule-shadows",
    "warn",
    /rule 100 .*: 100: from all lookup 77/,
    obstacle({
      kind: "shadowed",
      family: "ipv4",
      preference: 100,
      by: "100: from all lookup 77",
      remedy: "move it",
    }),
  ],
  [
    "kill-switch",
    "note",
    /unreachable 0\.0\.0\.0\/0/,
    obstacle({ kind: "kill-switch", family: "ipv4", prefix: "0.0.0.0/0", type: "unreachable" }),
  ],
  [
    "slot-taken",
    "note",
    /5104: from all/,
    obstacle({ kind: "slot-taken", family: "ipv4", slot: 2, by: "5104: from all lookup 9" }),
  ],
  [
    "no-policy-routing",
    "bad",
    /IPv4/,
    { routing: { ...quietRouting, rules: { ...quietRouting.rules, ipv4: [] } } },
  ],
  [
    "no-policy-routing",
    "warn",
    /IPv6/,
    { routing: { ...quietRouting, rules: { ...quietRouting.rules, ipv6: [] } } },
  ],
  [
    "other-vpn",
    "note",
    /Tailscale.*preferences 5210, 5270; table 52; mark 0x80000/,
    {
      routing: {
        ...quietRouting,
        rules: {
          ...quietRouting.rules,
          ipv4: [
            localRule(),
            localRule({
              preference: 5210,
              owner: "Tailscale",
              mark: { value: 0x80000, mask: 0xff0000 },
              action: { kind: "lookup", table: 52 },
            }),
            localRule({
              preference: 5270,
              owner: "Tailscale",
              action: { kind: "lookup", table: 52 },
            }),
          ],
        },
      },
    },
  ],
  [
    "networkd-manages-foreign",
    "warn",
    /takes routes and rules away/,
    { managers: { networkd: { takesRoutes: true, takesRules: false }, networkManager: false } },
  ],
  [
    "network-manager",
    "note",
    /NetworkManager runs/,
    { managers: { networkd: null, networkManager: true } },
  ],
  ["old-kernel", "bad", /Linux 5\.10\.0/, { kernelRelease: "5.10.0-28-amd64" }],
  ["clock-unset", "warn", /1970/, { now: 0 }],
  ["not-root", "note", /journal was not looked at/, { uid: 1000, journal: { kind: "unseen" } }],
  [
    "no-service",
    "note",
    /does not start with this host/,
    { service: { ...service, isInstalled: false, isEnabled: false } },
  ],
  ["service-disabled", "warn", /not enabled/, { service: { ...service, isEnabled: false } }],
  [
    "service-broken",
    "bad",
    /\/opt\/node/,
    { service: { ...service, missingPrograms: ["/opt/node"] } },
  ],
];

function readJournalOf(
  given: Facts["journal"],
): Extract<Facts["journal"], { readonly kind: "read" }> {
  if (given.kind !== "read") throw new Error("a well host's journal can be read");
  return given;
}
