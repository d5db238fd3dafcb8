import type { Finding } from "../admin-api/checkup-schema.ts";
import type { IpFamily } from "../network/address.ts";
import type { Obstacle } from "../platform/route-control.ts";
import type { RoutingRule } from "../platform/route-inquiry.ts";
import type { Facts, RoutingFacts } from "./facts.ts";

const localTable = 255; // RT_TABLE_LOCAL, linux/rtnetlink.h
const familyName = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** What in the kernel's rules and tables stands in the way, and who else uses them. */
export function routingFindings({ routing, platform }: Facts): readonly Finding[] {
  if (typeof routing === "string")
    return [
      {
        code: "routing-unreadable",
        gravity: "bad",
        text: routing,
        remedy: "netwatch needs Linux 4.20 or later with netlink, or macOS",
      },
    ];
  return [
    ...routing.obstacles.flatMap((obstacle) => obstacleFindings(obstacle, routing)),
    ...(platform === "linux" ? ruleFindings(routing) : []),
  ];
}

function obstacleFindings(obstacle: Obstacle, { nameOf }: RoutingFacts): readonly Finding[] {
  switch (obstacle.kind) {
    case "local-rule-moved":
      return [
        {
          code: "local-rule-moved",
          gravity: "bad",
          text: `the ${familyName[obstacle.family]} rule for this host's own addresses was moved behind netwatch's, as VRFs do: no scoped defaults are made`,
          remedy: `ip ${obstacle.family === "ipv6" ? "-6 " : ""}rule add pref 0 lookup local`,
        },
      ];
    case "rp-filter-strict": {
      const name = nameOf(obstacle.interfaceIndex);
      return [
        {
          code: "rp-filter-strict",
          gravity: "warn",
          text: `strict reverse path filtering on ${name} drops answers to sockets bound to it`,
          remedy: `sysctl net.ipv4.conf.${name}.rp_filter=2, or replies = true in the configuration`,
        },
      ];
    }
    case "shadowed":
      return [
        {
          code: "rule-shadows",
          gravity: "warn",
          text: `the ${familyName[obstacle.family]} rule ${obstacle.preference} decides before netwatch's: ${obstacle.by}`,
          remedy: obstacle.remedy,
        },
      ];
    case "kill-switch":
      return [
        {
          code: "kill-switch",
          gravity: "note",
          text: `${obstacle.type} ${obstacle.prefix} in the main table refuses what no other route takes`,
          remedy: "none is needed: netwatch makes its tables so that neighbours stay reachable",
        },
      ];
    case "slot-taken":
      return [
        {
          code: "slot-taken",
          gravity: "note",
          text: `somebody else uses a place among netwatch's ${familyName[obstacle.family]} rules and tables: ${obstacle.by}`,
          remedy: "none is needed: netwatch takes the next; or move preference_base and table_base",
        },
      ];
  }
}

function ruleFindings({ rules }: RoutingFacts): readonly Finding[] {
  const families: readonly IpFamily[] = ["ipv4", "ipv6"];
  const all = families.flatMap((family) => rules[family]);
  const bare = families.filter((family) => rules[family].length === 0);
  return [
    ...bare.map(
      (family): Finding => ({
        code: "no-policy-routing",
        gravity: family === "ipv4" ? "bad" : "warn",
        text: `this kernel has no ${familyName[family]} rules: scoped defaults cannot be made`,
        remedy: `use a kernel with CONFIG_IP${family === "ipv6" ? "V6" : ""}_MULTIPLE_TABLES${family === "ipv6" ? ", and do not disable IPv6" : ""}`,
      }),
    ),
    ...ownersOf(all).map(
      ([owner, owned]): Finding => ({
        code: "other-vpn",
        gravity: "note",
        text: `${owner} has rules of its own: ${describeUse(owned)}`,
        remedy: "none is needed: netwatch leaves them alone",
      }),
    ),
  ];
}

function ownersOf(rules: readonly RoutingRule[]): readonly (readonly [string, RoutingRule[]])[] {
  const byOwner = new Map<string, RoutingRule[]>();
  for (const rule of rules) {
    // Whoever moved the rule for this host's own addresses, it is the kernel's.
    const isLocal = rule.action.kind === "lookup" && rule.action.table === localTable;
    if (rule.owner === null || isLocal) continue;
    byOwner.set(rule.owner, [...(byOwner.get(rule.owner) ?? []), rule]);
  }
  return [...byOwner];
}

function describeUse(rules: readonly RoutingRule[]): string {
  const list = (name: string, values: readonly string[]): readonly string[] => {
    const distinct = [...new Set(values)];
    return distinct.length === 0
      ? []
      : [`${name}${distinct.length > 1 ? "s" : ""} ${distinct.join(", ")}`];
  };
  return [
    ...list(
      "preference",
      rules.map(({ preference }) => String(preference)),
    ),
    ...list(
      "table",
      rules.flatMap(({ action }) => (action.kind === "lookup" ? [String(action.table)] : [])),
    ),
    ...list(
      "mark",
      rules.flatMap(({ mark }) => (mark === null ? [] : [`0x${mark.value.toString(16)}`])),
    ),
  ].join("; ");
}
