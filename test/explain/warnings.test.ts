import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ExplainedHost, openExplainedHost, warningOf } from "./explained-host.ts";

const outside = "192.0.2.9";

describe.skipIf(process.platform !== "linux")("findWarnings() in a namespace", () => {
  let host: ExplainedHost;
  const ip = (...lines: readonly string[]): void => host.namespace.ipBatch(lines);

  beforeEach(async () => {
    host = await openExplainedHost();
  });
  afterEach(async () => {
    await host[Symbol.asyncDispose]();
  });

  test("nothing is said of a default that works", async () => {
    ip("route add default via 10.0.0.1", "route add default via fd00::1");
    const ipv4 = await host.explain(outside);
    expect(ipv4.verdict).toEqual({
      outcome: "leaves",
      interface: "eth0",
      gateway: "10.0.0.1",
      source: "10.0.0.5",
      table: 254,
      route: "0.0.0.0/0",
      error: null,
    });
    expect([ipv4.warnings, ipv4.expected]).toEqual([[], null]);
    const ipv6 = await host.explain("2001:db8::1");
    expect(ipv6.verdict).toMatchObject({ interface: "eth0", gateway: "fd00::1", route: "::/0" });
    expect([ipv6.warnings, ipv6.expected]).toEqual([[], null]);
  });

  test("on-link-black-hole: a socket bound to an interface without a default", async () => {
    ip("route add default via 10.0.0.1");
    const explanation = await host.explain(outside, { boundTo: "eth1" });
    expect(explanation.verdict).toMatchObject({
      outcome: "leaves",
      interface: "eth1",
      gateway: null,
      table: null,
      route: null,
    });
    expect(warningOf(explanation, "on-link-black-hole")).toMatchObject({ gravity: "bad" });
    expect(warningOf(explanation, "on-link-black-hole")?.remedy).toContain("install eth1");
    // A neighbour on that link is none.
    const neighbour = await host.explain("10.1.0.9", { boundTo: "eth1" });
    expect(neighbour.warnings).toEqual([]);
  });

  test("on-link-black-hole: an unreachable default that a bound socket reaches first", async () => {
    ip(
      "route add default via 10.1.0.1 dev eth1",
      "route add unreachable default table 77",
      "rule add pref 90 oif eth1 lookup 77",
    );
    const explanation = await host.explain(outside, { boundTo: "eth1" });
    const warning = warningOf(explanation, "on-link-black-hole");
    expect(warning?.gravity).toBe("bad");
    expect(warning?.text).toContain("0.0.0.0/0 in table 77 says unreachable");
  });

  test("on-link-black-hole: a tunnel has no neighbours to ask, and swallows the packet", async () => {
    ip("link set eth1 arp off");
    const explanation = await host.explain(outside, { boundTo: "eth1" });
    expect(warningOf(explanation, "on-link-black-hole")).toMatchObject({ gravity: "warn" });
  });

  test("tunnel-loop: the way to a tunnel's other end leads into the tunnel", async () => {
    ip(
      "link add vx0 type vxlan id 7 remote 203.0.113.1 dstport 4789",
      "link set vx0 up",
      "addr add 10.9.0.1/24 dev vx0",
      "route add default via 10.0.0.1 metric 100",
      "route add default via 10.9.0.2 metric 5",
    );
    const end = await host.explain("203.0.113.1");
    expect(warningOf(end, "tunnel-loop")).toMatchObject({ gravity: "bad" });
    const inside = await host.explain(outside);
    expect(warningOf(inside, "tunnel-loop")).toMatchObject({ gravity: "bad" });
    ip("route add 203.0.113.1 via 10.0.0.1");
    expect((await host.explain(outside)).warnings).toEqual([]);
    expect((await host.explain("203.0.113.1")).warnings).toEqual([]);
  });

  test("link-down: a route over a link without carrier, and what would take over", async () => {
    ip(
      "route add default via 10.0.0.1 metric 100",
      "route add default via 10.1.0.1 metric 200",
      "link set peer0 down",
    );
    const explanation = await host.explain(outside);
    expect(explanation.verdict.interface).toBe("eth0");
    expect(warningOf(explanation, "link-down")).toMatchObject({ gravity: "bad" });
    expect(warningOf(explanation, "link-down")?.remedy).toContain(
      "net.ipv4.conf.eth0.ignore_routes_with_linkdown=1",
    );
    host.setSysctl("ipv4/conf/eth0/ignore_routes_with_linkdown", 1);
    const next = await host.explain(outside);
    expect(next.verdict.interface).toBe("eth1");
    expect(next.warnings).toEqual([]);
    expect(next.steps).toContainEqual(
      expect.objectContaining({ why: "has no carrier, and is set to be passed over then" }),
    );
  });

  test("answer-dropped: strict rp_filter, when the way back is another one", async () => {
    ip(
      "route add default via 10.0.0.1",
      "route add default via 10.1.0.1 table 51",
      "rule add pref 50 oif eth1 lookup main suppress_prefixlength 0",
      "rule add pref 51 oif eth1 lookup 51",
    );
    host.setSysctl("ipv4/conf/eth1/rp_filter", 1);
    const dropped = await host.explain(outside, { boundTo: "eth1" });
    expect(dropped.verdict).toMatchObject({ interface: "eth1", gateway: "10.1.0.1", table: 51 });
    expect(warningOf(dropped, "answer-dropped")?.text).toContain(
      "the way back to its source leaves by eth0",
    );
    host.setSysctl("ipv4/conf/eth1/rp_filter", 2);
    expect((await host.explain(outside, { boundTo: "eth1" })).warnings).toEqual([]);
    host.setSysctl("ipv4/conf/eth1/rp_filter", 1);
    ip("rule add pref 49 from 10.1.0.5 lookup 51");
    expect((await host.explain(outside, { boundTo: "eth1" })).warnings).toEqual([]);
  });

  test("scoped-default-shadowed: an earlier rule decides for a bound socket", async () => {
    ip(
      "route add default via 10.1.0.1 table 5101",
      "rule add pref 5101 oif eth1 lookup 5101",
      "rule add pref 105 oif eth1 unreachable",
    );
    const refused = await host.explain(outside, { boundTo: "eth1" });
    expect(warningOf(refused, "scoped-default-shadowed")).toMatchObject({ gravity: "bad" });
    expect(warningOf(refused, "scoped-default-shadowed")?.text).toContain("rule 105");
    // The remedy is not to install what stands already.
    expect(warningOf(refused, "on-link-black-hole")?.remedy).toBeNull();
    ip("rule del pref 105", "rule add pref 105 lookup 99", "route add default dev eth1 table 99");
    const other = await host.explain(outside, { boundTo: "eth1" });
    expect(warningOf(other, "scoped-default-shadowed")).toMatchObject({ gravity: "warn" });
    ip("rule del pref 105");
    expect((await host.explain(outside, { boundTo: "eth1" })).warnings).toEqual([]);
  });

  test("source-gone: a route's source that the host has lost", async () => {
    ip(
      "addr add 10.0.0.77/32 dev eth0",
      "route add default via 10.0.0.1 src 10.0.0.77 table 51",
      "rule add pref 51 lookup 51",
      "addr del 10.0.0.77/32 dev eth0",
    );
    const explanation = await host.explain(outside);
    expect(explanation.verdict.source).toBe("10.0.0.77");
    expect(warningOf(explanation, "source-gone")).toMatchObject({ gravity: "bad" });
  });

  test("source-of-other-interface: an address chooses no interface", async () => {
    ip("route add default via 10.0.0.1");
    const explanation = await host.explain(outside, { source: "10.1.0.5" });
    expect(explanation.verdict).toMatchObject({ interface: "eth0", source: "10.1.0.5" });
    expect(warningOf(explanation, "source-of-other-interface")).toMatchObject({ gravity: "warn" });
    expect((await host.explain(outside, { source: "10.0.0.5" })).warnings).toEqual([]);
  });

  test("not-forwarded: IPv6 answers as if packets were passed on", async () => {
    ip("route add default via fd00::1");
    const asked = { arrivesOn: "eth1", source: "2001:db8:1::9" };
    const explanation = await host.explain("2001:db8::1", asked);
    expect(explanation.verdict.interface).toBe("eth0");
    expect(warningOf(explanation, "not-forwarded")).toMatchObject({ gravity: "bad" });
    host.setSysctl("ipv6/conf/all/forwarding", 1);
    // Turning it on takes away the addresses and routes that were learnt, not those that were set.
    expect((await host.explain("2001:db8::1", asked)).warnings).toEqual([]);
  });

  test("bound-elsewhere: the kernel does not hold an IPv6 question with a source to its interface", async () => {
    ip("route add default via fd00::1");
    const explanation = await host.explain("2001:db8::1", { boundTo: "eth1", source: "fd01::5" });
    expect(explanation.verdict.interface).toBe("eth0");
    expect(warningOf(explanation, "bound-elsewhere")?.text).toContain("refused (ENETUNREACH)");
  });

  test("depends-on-port: a rule for other connections to the same place", async () => {
    ip(
      "route add default via 10.0.0.1",
      "route add default via 10.1.0.1 table 51",
      "rule add pref 51 ipproto tcp dport 443 lookup 51",
    );
    const explanation = await host.explain(outside);
    expect(explanation.verdict.interface).toBe("eth0");
    expect(warningOf(explanation, "depends-on-port")).toMatchObject({
      gravity: "note",
      remedy: "Ask again with --protocol tcp --dport 443.",
    });
    const asked = await host.explain(outside, { protocol: 6, destinationPort: 443 });
    expect(asked.verdict).toMatchObject({ interface: "eth1", table: 51 });
    expect(asked.warnings).toEqual([]);
  });

  test("shared-ways: several legs, and equal defaults", async () => {
    ip("route add default nexthop via 10.0.0.1 dev eth0 nexthop via 10.1.0.1 dev eth1");
    expect(warningOf(await host.explain(outside), "shared-ways")?.text).toContain("2 ways share");
    ip("route del default", "route add default via 10.0.0.1", "route append default via 10.1.0.1");
    const equal = await host.explain(outside);
    expect(warningOf(equal, "shared-ways")?.text).toContain("2 defaults are equal");
  });

  test("no-interface-named: a link-local address without its link", async () => {
    const explanation = await host.explain("fe80::1");
    expect(warningOf(explanation, "no-interface-named")).toMatchObject({ gravity: "note" });
    const named = await host.explain("fe80::1", { boundTo: "eth1" });
    expect(named.verdict.interface).toBe("eth1");
    expect(named.warnings).toEqual([]);
  });
});
