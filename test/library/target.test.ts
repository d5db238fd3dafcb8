import { describe, expect, test } from "vitest";
import {
  parseTarget,
  resolveTargets,
  socketAddress,
  zonedAddress,
} from "../../src/library/target.ts";
import type { IpFamily } from "../../src/network/address.ts";

describe("parseTarget()", () => {
  test.each([
    ["192.0.2.1", { family: "ipv4", address: "192.0.2.1", zone: null }],
    ["2001:db8::1", { family: "ipv6", address: "2001:db8::1", zone: null }],
    ["fe80::1%eth0", { family: "ipv6", address: "fe80::1", zone: "eth0" }],
    ["fe80::1%", { family: "ipv6", address: "fe80::1", zone: null }],
    ["192.0.2.1%eth0", null],
    ["example.org", null],
    ["", null],
  ])("reads %j", (host, target) => expect(parseTarget(host)).toEqual(target));
});

test("resolveTargets() takes a literal as it is, and of an answer the families asked for alone", async () => {
  const answers = ["2001:db8::1", "192.0.2.1", "2001:db8::2", "fe80::1%eth0"];
  const resolve = async (): Promise<readonly string[]> => answers;
  expect(await resolveTargets("fe80::1%eth0", ["ipv6"], "connect", resolve)).toEqual([
    { family: "ipv6", address: "fe80::1", zone: "eth0" },
  ]);
  const addresses = async (...families: readonly IpFamily[]): Promise<readonly string[]> =>
    (await resolveTargets("host", families, "connect", resolve)).map(({ address }) => address);
  expect(await addresses("ipv4", "ipv6")).toEqual([
    "2001:db8::1",
    "192.0.2.1",
    "2001:db8::2",
    "fe80::1",
  ]);
  expect(await addresses("ipv4")).toEqual(["192.0.2.1"]);
  await expect(resolveTargets("::1", ["ipv4"], "connect", resolve)).rejects.toMatchObject({
    code: "no-address",
    message: "cannot connect: ::1 has no ipv4 address",
  });
});

test("only a link-local address takes a zone and a scope", () => {
  const linkLocal = { family: "ipv6", address: "febf::1", zone: null } as const;
  const global = { family: "ipv6", address: "2001:db8::1", zone: null } as const;
  const plain = { family: "ipv4", address: "192.0.2.1", zone: null } as const;
  expect([linkLocal, global, plain].map((one) => zonedAddress(one, "eth0"))).toEqual([
    "febf::1%eth0",
    "2001:db8::1",
    "192.0.2.1",
  ]);
  expect(zonedAddress(linkLocal, null)).toBe("febf::1");
  expect([linkLocal, global, plain].map((one) => socketAddress(one, 80, 7).scopeId)).toEqual([
    7, 0, 0,
  ]);
  expect(socketAddress(plain, 80, 7)).toMatchObject({
    bytes: Uint8Array.of(192, 0, 2, 1),
    port: 80,
  });
});
