import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RTF } from "../../../src/wire/pfroute/constants.ts";
import { EncodeError } from "../../../src/wire/pfroute/encode-error.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeDatagram } from "../../../src/wire/pfroute/message.ts";
import {
  encodeRequest,
  type RequestFlag,
  type RouteRequest,
} from "../../../src/wire/pfroute/request.ts";
import { routeTableName } from "../../../src/wire/pfroute/sysctl-name.ts";
import { hex, readRecordings } from "./recordings.ts";

const encode = (request: RouteRequest) => encodeRequest(request, darwinFormat);

const flagNames: readonly RequestFlag[] = [
  "UP",
  "GATEWAY",
  "HOST",
  "STATIC",
  "REJECT",
  "BLACKHOLE",
  "PROTO1",
  "PROTO2",
  "PROTO3",
];

const address4 = hex("c0000201");
const scopedDefault: RouteRequest = {
  action: "ADD",
  destination: { family: "inet", address: hex("00000000"), prefixLength: 0 },
  gateway: { kind: "inet", address: address4 },
  scope: 2,
  flags: ["UP", "GATEWAY", "STATIC", "PROTO2"],
  mtu: null,
  withInterface: false,
  pid: 0,
  seq: 7,
};
const linkLocal = hex("fe80 0000 0000 0000 0000 0000 0000 0001");
const scopedDefault6: RouteRequest = {
  ...scopedDefault,
  destination: { family: "inet6", address: new Uint8Array(16), prefixLength: 0 },
  gateway: { kind: "inet6", address: linkLocal, interfaceIndex: 2 },
};
const to = (address: string, prefixLength: number | null): RouteRequest["destination"] => ({
  family: "inet",
  address: hex(address),
  prefixLength,
});

describe("encodeRequest() refuses", () => {
  test.each<[string, string, RouteRequest]>([
    [
      "a zero mask for 128.0.0.0/1",
      "bits-beyond-prefix",
      { ...scopedDefault, destination: to("80000000", 0) },
    ],
    ["host bits", "bits-beyond-prefix", { ...scopedDefault, destination: to("cb007105", 24) }],
    [
      "a network without a mask",
      "bad-address",
      { ...scopedDefault, destination: to("00000000", null) },
    ],
    [
      "a delete without a mask",
      "bad-address",
      { ...scopedDefault, action: "DELETE", destination: to("00000000", null) },
    ],
    ["a prefix length of 33", "bad-address", { ...scopedDefault, destination: to("00000000", 33) }],
    [
      "a prefix length of 0.5",
      "bad-address",
      { ...scopedDefault, destination: to("00000000", 0.5) },
    ],
    [
      "a destination of 16 bytes for inet",
      "bad-address",
      { ...scopedDefault, destination: to("00".repeat(16), 0) },
    ],
    ["scope 0", "bad-index", { ...scopedDefault, scope: 0 }],
    ["scope 65536", "bad-index", { ...scopedDefault, scope: 65536 }],
    [
      "a link gateway of index 0",
      "bad-index",
      { ...scopedDefault, gateway: { kind: "link", interfaceIndex: 0 } },
    ],
    ["an add without a gateway", "no-gateway", { ...scopedDefault, gateway: null }],
    [
      "an IPv6 gateway for IPv4",
      "bad-address",
      { ...scopedDefault, gateway: scopedDefault6.gateway },
    ],
    [
      "a link-local gateway without its interface",
      "unscoped-gateway",
      { ...scopedDefault6, gateway: { kind: "inet6", address: linkLocal, interfaceIndex: 0 } },
    ],
    [
      "a link-local gateway that carries a scope",
      "bad-address",
      {
        ...scopedDefault6,
        gateway: {
          kind: "inet6",
          address: hex("fe800003000000000000000000000001"),
          interfaceIndex: 2,
        },
      },
    ],
    [
      "a global gateway with an interface",
      "bad-address",
      {
        ...scopedDefault6,
        gateway: {
          kind: "inet6",
          address: hex("20010db8000000000000000000000001"),
          interfaceIndex: 2,
        },
      },
    ],
    [
      "RTF_DEAD, which panics XNU",
      "forbidden-flag",
      { ...scopedDefault, flags: ["DEAD" as RequestFlag] },
    ],
    [
      "RTF_IFSCOPE by hand",
      "forbidden-flag",
      { ...scopedDefault, flags: ["IFSCOPE" as RequestFlag] },
    ],
    ["RTF_CONDEMNED", "forbidden-flag", { ...scopedDefault, flags: ["CONDEMNED" as RequestFlag] }],
  ])("%s", (_, code, request) => {
    expect(() => encode(request)).toThrow(EncodeError);
    expect(() => encode(request)).toThrow(expect.objectContaining({ code }));
  });
});

test("encodeRequest() writes the scope of a link-local gateway into the address", () => {
  expect(decodeDatagram(encode(scopedDefault6), darwinFormat)).toMatchObject({
    index: 2,
    flags: RTF.UP | RTF.GATEWAY | RTF.STATIC | RTF.PROTO2 | RTF.IFSCOPE,
    gateway: { kind: "inet6", address: linkLocal, embeddedScope: 2, scopeId: 0 },
  });
});

test("encodeRequest() keeps the half of a split a /1 whatever is asked", () => {
  const half = { ...scopedDefault, scope: null, destination: to("00000000", 1) };
  expect(decodeDatagram(encode(half), darwinFormat)).toMatchObject({ prefixLength: 1 });
});

test("encodeRequest() sends only bits of its list: any flags", () => {
  const listed = flagNames.reduce<number>((sum, name) => sum | RTF[name], RTF.IFSCOPE);
  fc.assert(
    fc.property(
      fc.subarray<RequestFlag>([...flagNames]),
      fc.option(fc.integer({ min: 1, max: 65535 })),
      (flags, scope) => {
        const message = decodeDatagram(encode({ ...scopedDefault, flags, scope }), darwinFormat);
        if (message.kind !== "route") throw new Error("no route");
        expect(message.flags & ~listed).toBe(0);
        expect((message.flags & RTF.IFSCOPE) !== 0).toBe(scope !== null);
        expect(message.index).toBe(scope ?? 0);
      },
    ),
  );
});

test("routeTableName() names the recorded sysctls", () => {
  const recorded = readRecordings().flatMap(({ steps }) =>
    steps.flatMap(({ mib }) => (mib ? [mib] : [])),
  );
  expect(recorded.length).toBeGreaterThan(40);
  for (const mib of recorded)
    expect(routeTableName(mib[3] ?? 0, mib[4] ?? 0, mib[5] ?? 0)).toEqual(mib);
});
