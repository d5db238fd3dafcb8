import { expect, test } from "vitest";
import { describeEvent } from "../../../src/cli/render/event-words.ts";
import { cannedEvent } from "../canned-events.ts";
import { cannedDefault } from "../canned-status.ts";

const time = "2026-03-03T08:00:00.000Z";
const words = (body: Parameters<typeof cannedEvent>[2]): string =>
  describeEvent(cannedEvent(1, time, body))
    .map(({ text }) => text)
    .join("");

const scoped = {
  severity: "effective",
  interface: "eth0",
  family: "ipv4",
  gateway: "10.0.0.1",
  reason: null,
} as const;

test.each([
  ["scoped-installed", {}, "ipv4 of sockets bound to eth0 leaves by 10.0.0.1"],
  [
    "scoped-installed",
    { gateway: null },
    "ipv4 of sockets bound to eth0 leaves by the link itself",
  ],
  [
    "scoped-installed",
    { reason: "shadowed: rule 100 decides first" },
    "ipv4 of sockets bound to eth0 leaves by 10.0.0.1 (shadowed: rule 100 decides first)",
  ],
  ["scoped-removed", {}, "ipv4 of sockets bound to eth0 has no way of its own any more"],
  [
    "scoped-stale",
    { reason: "interface-down: eth0 is down" },
    "ipv4 of sockets bound to eth0 lost its way by 10.0.0.1 (interface-down: eth0 is down)",
  ],
  [
    "scoped-repaired",
    { family: "ipv6", gateway: "fe80::1" },
    "ipv6 of sockets bound to eth0 leaves by fe80::1 again: a part had been taken away",
  ],
] as const)("describeEvent() of %s %o", (kind, changes, expected) => {
  expect(words({ kind, ...scoped, ...changes })).toBe(expected);
});

test.each([
  ["scoped-default", "ipv6 of sockets bound to eth0"],
  ["default", "ipv6 default over eth0"],
] as const)(
  "describeEvent() of a fight says over what, and what the event means: %s",
  (what, over) => {
    const meaning =
      "flusher (pid 9) took it away 5 times in 60 s; `netwatch routes install eth0` resumes";
    expect(
      words({
        kind: "fight",
        what,
        severity: "health",
        interface: "eth0",
        family: "ipv6",
        meaning,
      }),
    ).toBe(`${over} is fought over: ${meaning}`);
  },
);

const lost = {
  kind: "default-lost",
  severity: "effective",
  family: "ipv4",
  default: cannedDefault(),
  because: "displaced",
  meaning: "vpn (pid 7) displaced it, and what it put there is gone",
  by: "vpn (pid 7)",
  instead: null,
} as const;

test.each([
  [
    "is put back",
    { restoring: true, remedy: null },
    "ipv4 default via 10.0.0.1 dev eth0 is lost: vpn (pid 7) displaced it, and what it put there is gone; it is put back now",
  ],
  [
    "has a remedy",
    { restoring: false, remedy: "netwatch routes restore" },
    "ipv4 default via 10.0.0.1 dev eth0 is lost: vpn (pid 7) displaced it, and what it put there is gone; remedy: netwatch routes restore",
  ],
  [
    "has none",
    { restoring: false, remedy: null },
    "ipv4 default via 10.0.0.1 dev eth0 is lost: vpn (pid 7) displaced it, and what it put there is gone",
  ],
])("describeEvent() of a lost default that %s", (_, changes, expected) => {
  expect(words({ ...lost, ...changes })).toBe(expected);
});

test("describeEvent() of a default that is back names what stands now, and who did it", () => {
  const restored = {
    kind: "default-restored",
    severity: "effective",
    family: "ipv4",
    default: cannedDefault(),
    now: cannedDefault({ gateway: "10.0.0.9" }),
  } as const;
  const back = "ipv4 default via 10.0.0.9 dev eth0 is back";
  expect(words({ ...restored, by: null })).toBe(back);
  expect(words({ ...restored, by: "dhclient (pid 8)" })).toBe(`${back}, by dhclient (pid 8)`);
});

test("describeEvent() of a displaced default says by whom and over what", () => {
  const displaced = {
    kind: "displaced",
    severity: "effective",
    family: "ipv4",
    default: cannedDefault(),
  } as const;
  const what = "ipv4 default via 10.0.0.1 dev eth0 was displaced by";
  expect(words({ ...displaced, by: "vpn (pid 7)", over: ["tun0", "tun1"] })).toBe(
    `${what} vpn (pid 7), over tun0, tun1`,
  );
  expect(words({ ...displaced, by: null, over: ["tun0"] })).toBe(`${what} something, over tun0`);
});
