import { expect, test } from "vitest";
import { renderRoutes } from "../../../src/cli/render/routes.ts";
import { cannedDefault, cannedDefaults, cannedNow, cannedStatus } from "../canned-status.ts";

const view = { columns: 120, color: false, now: cannedNow };

test("renderRoutes() says of each default who made it and why it is used or not", () => {
  expect(renderRoutes(cannedStatus(), view)).toBe(`\
IPV4                               METRIC  OWNER  TABLE  VERDICT
default via 10.0.0.1 dev eth0         100  DHCP   main   chosen
default via 192.168.7.1 dev wlan0     600  DHCP   main   stands by: higher metric

IPV6                          METRIC  OWNER   TABLE  VERDICT
default via fe80::1 dev eth0    1024  router  main   chosen · expires in 25 min
`);
});

test("renderRoutes() says whose each default is", () => {
  const ofProtocol = (protocol: string, metric: number): ReturnType<typeof cannedDefault> =>
    cannedDefault({ protocol, metric });
  const protocols = ["42199", "kernel", "dhcp", "ra", "static", "boot", "bird", "199"];
  const routes = protocols.map(ofProtocol);
  const ipv4 = {
    effective: routes[0] ?? null,
    candidates: routes.map((route, at) => ({
      ...route,
      lostBecause: at === 0 ? null : "higher-metric",
    })),
  };
  const status = cannedStatus({
    defaults: { ipv4, ipv6: cannedDefaults(null) },
    ownProtocol: "42199",
  });
  const owners = renderRoutes(status, view)
    .split("\n")
    .flatMap((line) => /dev eth0 +\d+ {2}(\S+(?: \S+)*)/.exec(line)?.[1] ?? []);
  expect(owners).toEqual([
    "netwatch",
    "kernel",
    "DHCP",
    "router",
    "static",
    "by hand",
    "bird",
    "protocol 199",
  ]);
});

test("renderRoutes() shows a rule's table, extras and sections for scoped and displaced routes", () => {
  const ruled = cannedDefault({
    via: "rule",
    gateway: null,
    interface: "wg0",
    table: 51_820,
    metric: 0,
    protocol: "186",
    source: "10.8.0.2",
    mtu: 1420,
    onlink: true,
  });
  const lost = { ...cannedDefault({ protocol: "boot" }), lostBecause: "rule" };
  const status = cannedStatus({
    defaults: {
      ipv4: { effective: ruled, candidates: [lost] },
      ipv6: cannedDefaults(null),
    },
    scoped: [
      {
        interface: "eth0",
        family: "ipv4",
        gateway: "10.0.0.1",
        state: "installed",
        adopted: true,
        reason: null,
      },
      {
        interface: "ppp0",
        family: "ipv4",
        gateway: null,
        state: "degraded",
        adopted: false,
        reason: "rp-filter-strict",
      },
      {
        interface: "eth1",
        family: "ipv4",
        gateway: null,
        state: "pending",
        adopted: false,
        reason: "no-gateway-known: nothing says how eth1 reaches the internet",
      },
    ],
    displaced: [
      {
        family: "ipv4",
        route: cannedDefault({ gateway: "10.0.0.9" }),
        since: "2026-03-03T12:00:00.000Z",
        by: "pid 99",
        state: "displaced",
        reason: null,
      },
      {
        family: "ipv6",
        route: cannedDefault({
          family: "ipv6",
          prefix: "::/0",
          gateway: "fe80::9",
          protocol: "ra",
        }),
        since: "2026-03-03T12:00:00.000Z",
        by: null,
        state: "pending",
        reason: "routers-asked",
      },
    ],
  });
  expect(renderRoutes(status, view)).toBe(`\
IPV4                           METRIC  OWNER         TABLE  VERDICT
default dev wg0                     0  protocol 186  51820  chosen by a rule · src 10.8.0.2 · onlink · mtu 1420
default via 10.0.0.1 dev eth0     100  by hand       main   overruled: a rule picks another table

ipv6  no default

BOUND TO  FAMILY  LEAVES        OWNER     STATE
eth0      ipv4    via 10.0.0.1  netwatch  installed (adopted)
ppp0      ipv4    on the link   netwatch  degraded: rp-filter-strict
eth1      ipv4    –                       pending: no-gateway-known: nothing says how eth1 reaches the internet

DISPLACED                      OWNER   STATE
default via 10.0.0.9 dev eth0  DHCP    displaced by pid 99 30 min ago
default via fe80::9 dev eth0   router  displaced 30 min ago; waits to be put back: its routers are asked for it
`);
});
