import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { agrees } from "../../src/explain/agreement.ts";
import { decide } from "../../src/explain/decide.ts";
import { explainPacket } from "../../src/explain/explain.ts";
import { readView } from "../../src/explain/read-view.ts";
import { routeText } from "../../src/explain/route-text.ts";
import type { IpFamily } from "../../src/network/address.ts";
import type { Packet } from "../../src/network/packet.ts";
import { openLinuxRouteInquiry } from "../../src/platform/linux/linux-route-inquiry.ts";
import type { RoutingLink, RuleInquiry } from "../../src/platform/route-inquiry.ts";
import { openNamespace, type TestNamespace } from "../namespace/namespace.ts";
import { arbitraryScenario, type Question } from "./random-routing.ts";
import { hostLines, resetLines } from "./routing-pool.ts";

const runs = Number(process.env.NETWATCH_EXPLAIN_RUNS ?? 150);
const seed = Number(process.env.NETWATCH_EXPLAIN_SEED ?? 20_261);

describe.skipIf(process.platform !== "linux")("an explanation and the kernel", () => {
  let host: TestNamespace;
  let inquiry: RuleInquiry;
  let links: ReadonlyMap<number, RoutingLink>;
  const { signal } = new AbortController();

  /** Lines that the kernel refuses (a route that stands already, a selector that it lacks) are left out. */
  const batch = (flag: string, lines: readonly string[]): void => {
    try {
      execFileSync("ip", [flag, "-force", "-batch", "-"], {
        input: `${lines.join("\n")}\n`,
        stdio: ["pipe", "ignore", "ignore"],
      });
    } catch (error) {
      if ((error as { status?: number }).status !== 1) throw error;
    }
  };

  beforeAll(async () => {
    host = await openNamespace();
    enterNetworkNamespace(host.path);
    host.ipBatch(hostLines);
    for (const [name, value] of [
      ["ipv4/ip_forward", "1"],
      ["ipv4/conf/e0/forwarding", "0"],
      ["ipv4/conf/e1/rp_filter", "1"],
      ["ipv4/conf/tun0/rp_filter", "2"],
      ["ipv4/conf/e3/ignore_routes_with_linkdown", "1"],
      ["ipv6/conf/e3/ignore_routes_with_linkdown", "1"],
    ] as const)
      writeFileSync(`/proc/sys/net/${name}`, value);
    inquiry = openLinuxRouteInquiry();
    links = await inquiry.readLinks(signal);
  });
  afterAll(async () => {
    await inquiry[Symbol.asyncDispose]();
    host[Symbol.dispose]();
  });

  const indexOf = (name: string | null): number | null =>
    [...links.values()].find((link) => link.name === name)?.index ?? null;

  const short = (value: object): object =>
    JSON.parse(
      JSON.stringify(value, (key, inner) =>
        key === "rule"
          ? inner?.preference
          : key === "route" || key === "entry"
            ? inner && `${inner.table} ${inner.type} ${routeText(inner, links)}`
            : inner,
      ),
    );
  const packetOf = (family: IpFamily, asked: Question): Packet => ({
    ...asked,
    family,
    boundTo: indexOf(asked.boundTo),
    arrivesOn: indexOf(asked.arrivesOn),
    protocol: asked.protocol === "tcp" ? 6 : 17,
    sourcePort: null,
  });

  // The kernel keeps local and main together until a rule is added for the first time, so this comes first.
  test.each(["10.1.0.2", "127.0.0.1", "10.1.0.255", "10.1.0.9", "192.0.2.9", "fd01::2", "::1"])(
    "decide() ends where the kernel ends while no rule was ever added: %s",
    async (destination) => {
      const family = destination.includes(":") ? "ipv6" : "ipv4";
      for (const boundTo of [null, "e0", "e1"]) {
        const packet = packetOf(family, { ...plain, destination, boundTo });
        const view = await readView(inquiry, packet, links, signal);
        const { decision } = decide(view, packet, "as-asked");
        expect(agrees(decision, inquiry.ask(packet), false), `bound to ${boundTo}`).toBe(true);
      }
    },
  );

  test.each(["ipv4", "ipv6"] as const)(
    "decide() ends where the kernel ends, for rules, routes and packets at random: %s",
    async (family) => {
      const flag = family === "ipv4" ? "-4" : "-6";
      let questions = 0;
      const kinds = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(arbitraryScenario(family), async (scenario) => {
          batch(flag, [...resetLines(family), ...scenario.lines]);
          for (const asked of scenario.questions) {
            const packet = packetOf(family, asked);
            const view = await readView(inquiry, packet, links, signal);
            const answer = inquiry.ask(packet);
            const { decision, steps } = decide(view, packet, "as-asked");
            questions += 1;
            kinds.set(decision.kind, (kinds.get(decision.kind) ?? 0) + 1);
            if (!agrees(decision, answer, packet.arrivesOn !== null))
              expect.fail(
                JSON.stringify(
                  {
                    asked,
                    decision: short(decision),
                    answer: short(answer),
                    steps: steps.map((s) =>
                      s.kind === "rule"
                        ? `${s.rule.preference}: ${s.why}`
                        : s.kind === "route"
                          ? `${routeText(s.route, links)}: ${s.why}`
                          : s.why,
                    ),
                  },
                  null,
                  1,
                ),
              );
          }
        }),
        { numRuns: runs, seed, endOnFailure: process.env.NETWATCH_EXPLAIN_RUNS !== undefined },
      );
      expect(questions).toBeGreaterThan(runs * 5);
      // Every way of ending was met, so that none is right by never being asked.
      expect([...kinds.keys()].sort()).toEqual(
        family === "ipv4" ? ["no-look-up", "on-link", "refused", "route"] : ["refused", "route"],
      );
    },
    120_000,
  );

  test.each([
    ["192.0.2.9", {}],
    ["192.0.2.9", { boundTo: "e1" }],
    ["192.0.2.9", { mark: 0x10 }],
    ["192.0.2.9", { uid: 7 }],
    ["192.0.2.9", { source: "10.2.0.2" }],
    ["192.0.2.9", { source: "198.51.100.7", arrivesOn: "e2" }],
    ["203.0.113.5", {}],
    ["10.1.0.2", {}],
    ["2001:db8::1", {}],
    ["2001:db8::1", { mark: 0x10 }],
    ["2001:db8:1::1", { boundTo: "e1" }],
  ] as const)("explainPacket() says what ip(8) says: %s %j", async (destination, changes) => {
    const family = destination.includes(":") ? "ipv6" : "ipv4";
    batch(`-${family.slice(3)}`, [...resetLines(family), ...witnessed[family]]);
    const asked: Question = { ...plain, destination, ...changes };
    const { verdict, expected } = await explainPacket(
      inquiry,
      packetOf(family, asked),
      null,
      links,
      signal,
    );
    expect(expected).toBeNull();
    expect(verdict).toMatchObject(askIp(family, asked));
  });
});

const plain: Question = {
  destination: "",
  source: null,
  boundTo: null,
  arrivesOn: null,
  mark: 0,
  uid: 0,
  tos: 0,
  protocol: "udp",
  destinationPort: null,
};

const witnessed: Readonly<Record<IpFamily, readonly string[]>> = {
  ipv4: [
    "route add default via 10.1.0.1 proto static",
    "route add prohibit 203.0.113.0/24 proto static",
    "route add default via 10.2.0.1 table 300 proto static",
    "rule add pref 10 fwmark 0x10 lookup 300",
    "rule add pref 11 from 10.2.0.2 lookup 300",
    "rule add pref 12 uidrange 5-9 lookup 300",
    "rule add pref 13 iif e2 lookup 300",
  ],
  ipv6: [
    "route add default via fd01::1 proto static",
    "route add default via fd02::1 table 300 proto static",
    "rule add pref 10 fwmark 0x10 lookup 300",
    "rule add pref 11 oif e1 lookup 300",
  ],
};

/** The same question to iproute2, and its answer in the words of a verdict. */
function askIp(family: IpFamily, asked: Question): object {
  const { source, boundTo, arrivesOn, mark, uid } = asked;
  const words = [
    ...[`-${family.slice(3)}`, "-j", "route", "get", asked.destination],
    ...(source === null ? [] : ["from", source]),
    ...(boundTo === null ? [] : ["oif", boundTo]),
    ...(arrivesOn === null ? [] : ["iif", arrivesOn]),
    ...(mark === 0 ? [] : ["mark", String(mark)]),
    ...(arrivesOn === null ? ["uid", String(uid)] : []),
  ];
  const { status, stdout } = spawnSync("ip", words, { encoding: "utf8" });
  if (status !== 0) return { outcome: "refused", interface: null };
  const [found] = JSON.parse(stdout) as [Readonly<Record<string, string | undefined>>];
  const tables: Readonly<Record<string, number>> = { main: 254, local: 255 };
  const isLocal = found.type === "local";
  return {
    outcome: isLocal ? "delivered" : "leaves",
    gateway: found.gateway ?? null,
    // Of an address of its own ip(8) names the interface that carries the packet, lo.
    ...(isLocal ? {} : { interface: found.dev }),
    ...(arrivesOn === null ? { source: source ?? found.prefsrc } : {}),
    ...(boundTo !== null && found.gateway === undefined
      ? { table: null }
      : { table: tables[found.table ?? "main"] ?? Number(found.table) }),
  };
}
