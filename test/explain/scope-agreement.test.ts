import fc from "fast-check";
import { expect, test } from "vitest";
import { explanationSchema } from "../../src/admin-api/explanation-schema.ts";
import { explainPacket } from "../../src/explain/explain.ts";
import { agreesByScope } from "../../src/explain/explain-by-scopes.ts";
import { lookUpByScope } from "../../src/explain/scope-look-up.ts";
import type { IpFamily } from "../../src/network/address.ts";
import { openDarwinRouteInquiry } from "../../src/platform/darwin/darwin-route-inquiry.ts";
import type { ScopeInquiry } from "../../src/platform/route-inquiry.ts";
import { openDarwinHost, type RouteWords } from "../platform/darwin/darwin-host.ts";
import { packet } from "./routing-words.ts";

const { signal } = new AbortController();

const prefixes: Readonly<Record<IpFamily, readonly string[]>> = {
  ipv4: ["0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "203.0.113.0/24", "203.0.113.9/32"],
  ipv6: ["::/0", "::/0", "::/1", "8000::/1", "2001:db8:9::/48", "2001:db8:9::1/128"],
};
const destinations: Readonly<Record<IpFamily, readonly string[]>> = {
  ipv4: [
    "1.1.1.1",
    "203.0.113.9",
    "192.0.2.77",
    "192.0.2.10",
    "198.51.100.1",
    "10.9.0.2",
    "127.0.0.1",
  ],
  ipv6: ["2001:db8:9::1", "2606:4700::1", "2001:db8::77", "2001:db8::10", "9000::1", "::1"],
};
const gateways: Readonly<Record<IpFamily, Readonly<Record<string, string | null>>>> = {
  ipv4: { en0: "192.0.2.1", en1: "198.51.100.1", utun0: null },
  ipv6: { en0: "2001:db8::1", en1: "2001:db8:1::1", utun0: null },
};
const names = ["en0", "en1", "utun0"] as const;

function arbitraryRoute(family: IpFamily): fc.Arbitrary<RouteWords> {
  return fc
    .record({
      prefix: fc.constantFrom(...prefixes[family]),
      interface: fc.constantFrom(...names),
      scoped: fc.boolean(),
      refuses: fc.integer({ min: 0, max: 9 }),
    })
    .map(({ refuses, ...words }) => ({
      ...words,
      gateway: gateways[family][words.interface] ?? null,
      flags: refuses === 0 ? ["STATIC", "REJECT"] : ["STATIC"],
    }));
}

// Which of several halves of a default was added last, no table tells; it counts only where there is no whole one.
function isPlain(routes: readonly RouteWords[]): boolean {
  const isWhole = ({ prefix, scoped }: RouteWords): boolean => prefix.endsWith("/0") && !scoped;
  const isHalf = ({ prefix, scoped }: RouteWords): boolean =>
    /^(0.0.0.0|::)\/1$/.test(prefix) && !scoped;
  return routes.some(isWhole) || !routes.some(isHalf);
}

function inquiryOf(host: ReturnType<typeof openDarwinHost>): ScopeInquiry {
  const { routing, sysctl } = host.double;
  return openDarwinRouteInquiry({ routing, sysctl, media: { read: () => null } });
}

test.each(["ipv4", "ipv6"] as const)(
  "lookUpByScope() ends where the kernel of a Mac ends, for routes and packets at random: %s",
  async (family) => {
    const seen = { route: 0, refused: 0, scoped: 0 };
    const route = arbitraryRoute(family);
    await fc.assert(
      fc.asyncProperty(fc.array(route, { maxLength: 8 }).filter(isPlain), async (routes) => {
        await using host = openDarwinHost();
        for (const words of routes) {
          try {
            host.route("ADD", words);
          } catch {
            // It stands already, or the kernel does not want it.
          }
        }
        const inquiry = inquiryOf(host);
        const links = await inquiry.readLinks(signal);
        const defaults = await inquiry.readCovering(family === "ipv4" ? "0.0.0.0" : "::", signal);
        for (const destination of destinations[family]) {
          for (const name of [null, ...names]) {
            const asked = packet(destination, { boundTo: name && host.indexOf(name) });
            const covering = await inquiry.readCovering(destination, signal);
            const view = { routes: covering, defaults, links };
            const { decision, steps } = lookUpByScope(view, asked);
            const answer = await inquiry.ask(asked, signal);
            if (decision.kind === "route" || decision.kind === "refused") seen[decision.kind] += 1;
            if (decision.kind === "route" && decision.route.scope !== null) seen.scoped += 1;
            if (!agreesByScope(decision, answer))
              expect.fail(JSON.stringify({ destination, name, decision, answer, steps }, null, 1));
          }
        }
      }),
      { numRuns: 60, seed: 20_261 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
  },
  60_000,
);

test("explainPacket() over a Mac: a bound socket without a scoped default, and with one", async () => {
  await using host = openDarwinHost();
  host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
  const inquiry = inquiryOf(host);
  const links = await inquiry.readLinks(signal);
  const explain = async (boundTo: string | null): ReturnType<typeof explainPacket> => {
    const asked = packet("1.1.1.1", { boundTo: boundTo === null ? null : host.indexOf(boundTo) });
    const found = await explainPacket(inquiry, asked, null, links, signal);
    expect(explanationSchema.parse(found)).toEqual(found);
    expect(found.expected).toBeNull();
    return found;
  };
  const free = await explain(null);
  expect(free.verdict).toMatchObject({
    outcome: "leaves",
    interface: "en0",
    gateway: "192.0.2.1",
    source: "192.0.2.10",
    route: "0.0.0.0/0",
  });
  expect(free.warnings).toEqual([]);
  const bound = await explain("en1");
  expect(bound.verdict).toMatchObject({ outcome: "refused", error: { code: "ENETUNREACH" } });
  expect(bound.warnings.map(({ code }) => code)).toEqual(["scoped-default-missing"]);
  host.route("ADD", {
    prefix: "0.0.0.0/0",
    interface: "en1",
    gateway: "198.51.100.1",
    scoped: true,
  });
  const scoped = await explain("en1");
  expect(scoped.verdict).toMatchObject({ interface: "en1", gateway: "198.51.100.1" });
  expect(scoped.warnings).toEqual([]);
});

test("explainPacket() over a Mac: a split VPN shuts out what is bound to the uplink", async () => {
  await using host = openDarwinHost();
  host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
  for (const prefix of ["0.0.0.0/1", "128.0.0.0/1"])
    host.route("ADD", { prefix, interface: "utun0", gateway: null });
  const inquiry = inquiryOf(host);
  const links = await inquiry.readLinks(signal);
  const asked = packet("1.1.1.1", { boundTo: host.indexOf("en0") });
  const bound = await explainPacket(inquiry, asked, null, links, signal);
  expect(bound.verdict.outcome).toBe("refused");
  expect(bound.steps).toContainEqual(
    expect.objectContaining({ why: "leaves by utun0, and the packet is bound to en0" }),
  );
  expect(bound.warnings.map(({ code }) => code)).toEqual(["scoped-default-missing"]);
});

test("explainPacket() over a Mac: a scoped default that is out of date hides the host's own", async () => {
  await using host = openDarwinHost();
  host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
  host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.66", scoped: true });
  const inquiry = inquiryOf(host);
  const links = await inquiry.readLinks(signal);
  const found = await explainPacket(inquiry, packet("1.1.1.1"), null, links, signal);
  expect(found.verdict.gateway).toBe("192.0.2.66");
  expect(found.warnings.map(({ code }) => code)).toEqual(["scoped-default-hides"]);
});
