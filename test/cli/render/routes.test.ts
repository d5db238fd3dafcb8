import { expect, test } from "vitest";
import { renderRoutes } from "../../../src/cli/render/routes.ts";
import { cannedDefault, cannedDefaults, cannedNow, cannedStatus } from "../canned-status.ts";

const view = { columns: 120, color: false, now: cannedNow };

test("renderRoutes() says of each default who made it and why it is used or not", () => {
  expect(renderRoutes(cannedStatus(), view)).toBe(`\
IPV4                               METRIC  FROM  TABLE  VERDICT
default via 10.0.0.1 dev eth0         100  DHCP  main   chosen
default via 192.168.7.1 dev wlan0     600  DHCP  main   stands by: higher metric

IPV6                          METRIC  FROM    TABLE  VERDICT
default via fe80::1 dev eth0    1024  router  main   chosen · expires in 25 min
`);
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
    ],
    displaced: [
      {
        family: "ipv4",
        route: cannedDefault({ gateway: "10.0.0.9" }),
        since: "2026-03-03T12:00:00.000Z",
        by: "pid 99",
        state: "displaced",
      },
    ],
  });
  expect(renderRoutes(status, view)).toBe(`\
IPV4                           METRIC  FROM          TABLE  VERDICT
default dev wg0                     0  protocol 186  51820  chosen by a rule · src 10.8.0.2 · onlink · mtu 1420
default via 10.0.0.1 dev eth0     100  by hand       main   overruled: a rule picks another table

ipv6  no default

BOUND TO  FAMILY  LEAVES        STATE
eth0      ipv4    via 10.0.0.1  installed (adopted)
ppp0      ipv4    on the link   degraded: rp-filter-strict

DISPLACED                      STATE
default via 10.0.0.9 dev eth0  displaced by pid 99 30 min ago
`);
});
