import fc from "fast-check";
import type { IpFamily } from "../../src/network/address.ts";
import { devices, type Pool, pools } from "./routing-pool.ts";

/** What is asked, with interfaces by name. */
export interface Question {
  readonly destination: string;
  readonly source: string | null;
  readonly boundTo: string | null;
  readonly arrivesOn: string | null;
  readonly mark: number;
  readonly uid: number;
  readonly tos: number;
  readonly protocol: "tcp" | "udp";
  readonly destinationPort: number | null;
}

/** Rules and routes as lines for `ip -batch`, and questions about them. */
export interface Scenario {
  readonly lines: readonly string[];
  readonly questions: readonly Question[];
}

const tables = ["main", "10", "11", "12", "300"] as const;

/** Null but for one in so many. */
function oneIn<Value>(times: number, value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.oneof(
    { weight: 1, arbitrary: value },
    { weight: times - 1, arbitrary: fc.constant(null) },
  );
}

/** A host's rules and routes at random, and questions about packets at random. */
export function arbitraryScenario(family: IpFamily): fc.Arbitrary<Scenario> {
  const pool = pools[family];
  const preferences = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 7 });
  const rules = preferences.chain((chosen) => {
    const sorted = chosen.toSorted((a, b) => a - b);
    return fc.tuple(...sorted.map((preference) => ruleLine(pool, family, preference, sorted)));
  });
  return fc.record({
    lines: fc
      .tuple(
        fc.array(routeLine(pool, family), { minLength: 3, maxLength: 24 }),
        rules,
        fc.boolean(),
      )
      .map(([routes, rules, bare]) => [
        ...(family === "ipv6" ? certain(routes, rules) : routes),
        ...(bare && rules.length < 3 ? [] : rules),
      ]),
    questions: fc.array(question(pool, family), { minLength: 6, maxLength: 10 }),
  });
}

/**
 * The lines without those whose IPv6 answer is a matter of chance. Linux keeps what it has resolved by the nexthop
 * object (rt6_get_pcpu_route, net/ipv6/route.c): routes that share one answer in each other's name, and the prefix
 * length of one decides about suppressing the other. And whether a multipath route is suppressed for its interface
 * depends on the leg that the packet's hash takes.
 */
function certain(routes: readonly string[], rules: readonly string[]): readonly string[] {
  const isObject = (line: string): boolean => line.includes("nhid");
  const byGroup = rules.some((line) => line.includes("suppress_ifgroup"));
  return routes.filter(
    (line, at) =>
      (!isObject(line) || routes.findIndex(isObject) === at) &&
      !(byGroup && /nexthop|nhid 13/.test(line)),
  );
}

function routeLine(pool: Pool, family: IpFamily): fc.Arbitrary<string> {
  const way = fc.constantFrom(...pool.ways);
  const ways = fc.oneof(
    { weight: 6, arbitrary: way.map((one) => ["unicast", one] as const) },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(way, { minLength: 2, maxLength: 3 })
        .map((legs) => ["unicast", legs.map((leg) => `nexthop ${leg}`).join(" ")] as const),
    },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(...pool.nexthopIds)
        .map((id) => ["unicast", `nhid ${id}`] as const),
    },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom("unreachable", "blackhole", "prohibit", "throw")
        .map((type) => [type, ""] as const),
    },
  );
  return fc
    .record({
      prefix: fc.constantFrom(...pool.prefixes),
      ways,
      table: fc.constantFrom(...tables),
      metric: oneIn(2, fc.constantFrom(50, 100, 1024, 2000)),
      tos: family === "ipv4" ? oneIn(2, fc.constantFrom("0x10", "0x08")) : fc.constant(null),
      pref: family === "ipv6" ? oneIn(2, fc.constantFrom("low", "high")) : fc.constant(null),
      from:
        family === "ipv6" ? oneIn(4, fc.constantFrom(...pool.sourcePrefixes)) : fc.constant(null),
      action: fc.constantFrom("add", "add", "append", "prepend"),
    })
    .map(({ prefix, ways: [type, text], table, metric, tos, pref, from, action }) =>
      words(
        `route ${family === "ipv6" ? "add" : action} ${type} ${prefix}`,
        // The kernel takes no nexthop object for a route that is for some sources only.
        put("from", text.startsWith("nhid") ? null : from),
        `table ${table}`,
        put("tos", tos),
        put("metric", metric),
        "proto static",
        text,
        put("pref", type === "unicast" && !text.startsWith("nexthop") ? pref : null),
      ),
    );
}

function ruleLine(
  pool: Pool,
  family: IpFamily,
  preference: number,
  all: readonly number[],
): fc.Arbitrary<string> {
  const later = all.filter((other) => other > preference);
  const lookup = fc
    .record({
      table: fc.constantFrom(...tables),
      suppress: oneIn(3, fc.constantFrom(0, 1, 8, 16, 24)),
      group: oneIn(8, fc.constantFrom(0, 7)),
    })
    .map(({ table, suppress, group }) =>
      words(
        `lookup ${table}`,
        put("suppress_prefixlength", suppress),
        put("suppress_ifgroup", group),
      ),
    );
  const action = fc.oneof(
    { weight: 12, arbitrary: lookup },
    { weight: 1, arbitrary: fc.constantFrom("unreachable", "blackhole", "prohibit", "nop") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...(later.length > 0 ? later : [999])).map((to) => `goto ${to}`),
    },
  );
  const interfaces = fc.constantFrom(...devices, "lo", "gone");
  return fc
    .record({
      not: oneIn(8, fc.constant("not")),
      from: oneIn(5, fc.constantFrom(...pool.sourcePrefixes)),
      to: oneIn(5, fc.constantFrom(...pool.prefixes)),
      fwmark: oneIn(4, fc.constantFrom("0x1", "0x2/0x3", "0/0xff", "0x10")),
      iif: oneIn(6, interfaces),
      oif: oneIn(3, interfaces),
      uidrange: oneIn(6, fc.constantFrom("0-0", "5-9", "0-1000")),
      ipproto: oneIn(8, fc.constantFrom("tcp", "udp")),
      dport: oneIn(8, fc.constantFrom("443", "1-1024")),
      tos: oneIn(10, fc.constantFrom("0x10", "0x08")),
      action,
    })
    .map((rule) =>
      words(
        "rule add",
        rule.not ?? "",
        put("from", rule.from ?? "all"),
        put("to", rule.to === "0.0.0.0/0" || rule.to === "::/0" ? null : rule.to),
        put("tos", family === "ipv4" ? rule.tos : null),
        put("fwmark", rule.fwmark),
        put("iif", rule.iif),
        put("oif", rule.oif),
        put("uidrange", rule.uidrange),
        put("ipproto", rule.ipproto),
        put("dport", rule.dport),
        `pref ${preference}`,
        rule.action,
      ),
    );
}

function question(pool: Pool, family: IpFamily): fc.Arbitrary<Question> {
  const own = pool.sources.slice(0, 3);
  return fc
    .record({
      destination: fc.constantFrom(...pool.destinations),
      source: oneIn(2, fc.constantFrom(...own, ...own, ...pool.sources)),
      boundTo: oneIn(2, fc.constantFrom(...devices)),
      arrivesOn: oneIn(4, fc.constantFrom(...devices)),
      mark: fc.constantFrom(0, 0, 1, 2, 0x10, 0x42),
      uid: fc.constantFrom(0, 7, 1000, 4000),
      tos: fc.constantFrom(0, 0, 0, 0x10, 0x08),
      protocol: fc.constantFrom("tcp" as const, "udp" as const),
      destinationPort: oneIn(2, fc.constantFrom(443, 53)),
    })
    .map((asked) => {
      // How multicast is passed on is not in these tables.
      const isGroup = /^(22[4-9]|23|255|ff)/.test(asked.destination);
      const foreign = asked.arrivesOn !== null && !isGroup;
      return {
        ...asked,
        arrivesOn: foreign ? asked.arrivesOn : null,
        tos: family === "ipv4" ? asked.tos : 0,
        boundTo: foreign ? null : asked.boundTo,
        source: foreign ? (asked.source ?? pool.sources.at(-1) ?? null) : asked.source,
      };
    });
}

function put(word: string, value: string | number | null): string {
  return value === null ? "" : `${word} ${value}`;
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}
