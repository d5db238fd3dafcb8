import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { agrees } from "../../src/explain/agreement.ts";
import { decide } from "../../src/explain/decide.ts";
import { readView } from "../../src/explain/read-view.ts";
import { routeText } from "../../src/explain/route-text.ts";
import type { IpFamily } from "../../src/network/address.ts";
import type { Packet } from "../../src/network/packet.ts";
import { openLinuxRouteInquiry } from "../../src/platform/linux/linux-route-inquiry.ts";
import type { RouteInquiry, RoutingLink } from "../../src/platform/route-inquiry.ts";
import { openNamespace, type TestNamespace } from "../namespace/namespace.ts";
import { arbitraryScenario, type Question } from "./random-routing.ts";
import { hostLines, resetLines } from "./routing-pool.ts";

const runs = Number(process.env.NETWATCH_EXPLAIN_RUNS ?? 150);
const seed = Number(process.env.NETWATCH_EXPLAIN_SEED ?? 20_261);

describe.skipIf(process.platform !== "linux")("an explanation and the kernel", () => {
  let host: TestNamespace;
  let inquiry: RouteInquiry;
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
});
