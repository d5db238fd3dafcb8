import { expect, test } from "vitest";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import { identityOf, recogniseInterface } from "../../../src/routes/journal/interface-identity.ts";
import { eth0 } from "./sample-records.ts";

function host(...links: Partial<NetworkInterface>[]): ReadonlyMap<number, NetworkInterface> {
  const full = links.map(
    (link): NetworkInterface => ({
      ...eth0,
      mtu: 1500,
      up: true,
      carrier: true,
      operState: "up",
      addresses: [],
      ...link,
    }),
  );
  return new Map(full.map((link) => [link.index, link]));
}

test("identityOf() keeps what an interface is known by and nothing else", () => {
  for (const link of host({}).values()) expect(identityOf(link)).toEqual(eth0);
});

test("recogniseInterface() by index and name or MAC, else by name and MAC", () => {
  const kind = (...links: Partial<NetworkInterface>[]): string =>
    recogniseInterface(eth0, host(...links)).kind;
  expect(kind({})).toBe("same");
  expect(kind({ mac: "02:00:00:00:00:99" })).toBe("same");
  expect(kind({ name: "lan0" })).toBe("renamed");
  expect(kind({ index: 7 })).toBe("returned");
  expect(kind({ name: "lan0", mac: "02:00:00:00:00:99" })).toBe("gone");
  expect(kind({ index: 7, mac: "02:00:00:00:00:99" })).toBe("gone");
  expect(kind({ index: 7, name: "lan0" })).toBe("gone");
  expect(kind()).toBe("gone");
});

test("recogniseInterface() takes no MAC at all for no evidence", () => {
  const tun0 = { index: 5, name: "tun0", mac: null, kind: "tunnel" } as const;
  expect(recogniseInterface(tun0, host({ ...tun0, index: 6 })).kind).toBe("gone");
  expect(recogniseInterface(tun0, host({ ...tun0, name: "tun1" })).kind).toBe("gone");
});

test("recogniseInterface() finds the returned one though its index went to another", () => {
  const links = host({ name: "eth9", mac: "02:00:00:00:00:99" }, { index: 8 });
  const found = recogniseInterface(eth0, links);
  expect(found.kind === "gone" ? null : [found.kind, found.interface.index]).toEqual([
    "returned",
    8,
  ]);
});
