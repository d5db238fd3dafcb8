import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseIpAddress } from "../../../src/network/address.ts";
import { AF, NET_RT } from "../../../src/wire/pfroute/constants.ts";
import { visitCoveringRoutes } from "../../../src/wire/pfroute/covering-route.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeBuffer } from "../../../src/wire/pfroute/message-buffer.ts";
import { routeTableName } from "../../../src/wire/pfroute/sysctl-name.ts";
import { newRoutingSocketDouble } from "../../platform/darwin/routing-socket-double.ts";

/** A whole table as the double of XNU gives it. */
function dump(family: number): Uint8Array {
  return newRoutingSocketDouble().sysctl.read(routeTableName(family, NET_RT.DUMP2, 0));
}

function visited(buffer: Uint8Array, address: Uint8Array): readonly string[] {
  const found: string[] = [];
  visitCoveringRoutes(buffer, darwinFormat, address, ({ dst, prefixLength }) => {
    if (dst?.kind === "inet" || dst?.kind === "inet6")
      found.push(`${dst.address.join(".")}/${prefixLength}`);
  });
  return found;
}

/** The same by decoding everything. */
function expected(buffer: Uint8Array, address: Uint8Array): readonly string[] {
  const { messages, errors } = decodeBuffer(buffer, darwinFormat);
  expect(errors).toEqual([]);
  return messages.flatMap((message) => {
    if (message.kind !== "route" || message.prefixLength === null) return [];
    const { dst, prefixLength } = message;
    if (dst?.kind !== "inet" && dst?.kind !== "inet6") return [];
    const bits = (bytes: Uint8Array): string =>
      [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const sameLength = dst.address.length === address.length;
    const same = bits(dst.address).slice(0, prefixLength) === bits(address).slice(0, prefixLength);
    return sameLength && same ? [`${dst.address.join(".")}/${prefixLength}`] : [];
  });
}

test.each(["192.0.2.77", "192.0.2.10", "10.9.0.2", "127.0.0.1", "224.0.0.1", "203.0.113.1"])(
  "visitCoveringRoutes() finds in a table what holds %s",
  (address) => {
    const bytes = parseIpAddress(address) ?? new Uint8Array();
    expect(visited(dump(AF.INET), bytes)).toEqual(expected(dump(AF.INET), bytes));
  },
);

test.each(["2001:db8::77", "2001:db8::10", "fe80::1", "ff02::1", "::1", "2606::1"])(
  "visitCoveringRoutes() finds in a table what holds %s",
  (address) => {
    const bytes = parseIpAddress(address) ?? new Uint8Array();
    expect(visited(dump(AF.INET6), bytes)).toEqual(expected(dump(AF.INET6), bytes));
  },
);

test("visitCoveringRoutes() finds something at all", () => {
  expect(visited(dump(AF.INET), Uint8Array.of(192, 0, 2, 77))).toEqual(["192.0.2.0/24"]);
});

propertyTest.prop([fc.uint8Array({ maxLength: 300 })])(
  "visitCoveringRoutes() never throws for what a buffer holds",
  (bytes) => {
    visitCoveringRoutes(bytes, darwinFormat, Uint8Array.of(10, 0, 0, 1), () => undefined);
  },
);
