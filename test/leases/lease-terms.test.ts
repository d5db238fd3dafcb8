import { expect, test } from "vitest";
import { settleWish } from "../../src/leases/lease-terms.ts";
import { link } from "../routes/memory-host.ts";

const none = { ipv4: null, ipv6: null };
const best = { interfaceIndex: 3, gateway: "10.1.0.1", onlink: false };

test.each([
  ["those that the interface has", "wlan0", ["10.1.0.2/24"], none, ["ipv4"]],
  ["both when it has both", "wlan0", ["10.1.0.2/24", "2001:db8::2/64"], none, ["ipv4", "ipv6"]],
  ["no link-local one", "wlan0", ["10.1.0.2/24", "fe80::2/64"], none, ["ipv4"]],
  ["whatever comes while it has none", "wlan0", [], none, ["ipv4", "ipv6"]],
  ["those of the host's uplinks", null, [], { ...none, ipv4: best }, ["ipv4"]],
  ["whatever comes while the host has none", null, [], none, ["ipv4", "ipv6"]],
] as const)(
  "settleWish() gives an uplink that names no family: %s",
  (_, via, addresses, uplinks, families) => {
    const there = via === null ? null : { ...link(3, via, addresses), generation: 1 };
    const asked = { kind: "uplink", via, families: null } as const;
    expect(settleWish(asked, there, uplinks)).toEqual({ ...asked, families });
  },
);

test("settleWish() leaves named families as they are", () => {
  const there = { ...link(3, "wlan0", ["10.1.0.2/24"]), generation: 1 };
  const asked = { kind: "uplink", via: "wlan0", families: ["ipv6"] } as const;
  expect(settleWish(asked, there, none)).toEqual(asked);
});
