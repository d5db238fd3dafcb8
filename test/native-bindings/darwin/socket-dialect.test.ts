import { expect, test } from "vitest";
import { darwinSocketDialect } from "../../../native-bindings/darwin/socket-dialect.ts";

const { encodeAddress } = darwinSocketDialect;

// struct sockaddr_in of netinet/in.h: length, family, port, address, eight bytes of nothing.
test("encodeAddress() of an IPv4 address", () => {
  const bytes = Uint8Array.of(192, 0, 2, 1);
  expect(encodeAddress({ family: "ipv4", bytes, port: 443, scopeId: 0 })).toEqual(
    Uint8Array.of(16, 2, 1, 187, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0),
  );
});

// struct sockaddr_in6 of netinet6/in6.h: length, family, port, flow, address, scope in host order.
test("encodeAddress() of an IPv6 address", () => {
  const bytes = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  expect(encodeAddress({ family: "ipv6", bytes, port: 443, scopeId: 7 })).toEqual(
    Uint8Array.of(28, 30, 1, 187, 0, 0, 0, 0, ...bytes, 7, 0, 0, 0),
  );
});

test("every call throws what the kernel says", () => {
  const nobody = 0xffff;
  const calls = [
    () => darwinSocketDialect.allowAddressReuse(nobody),
    () => darwinSocketDialect.refuseIpv4(nobody),
    () => darwinSocketDialect.bindToInterface(nobody, "ipv4", { name: "en0", index: 4 }),
    () => darwinSocketDialect.boundInterface(nobody, "ipv6"),
    () => darwinSocketDialect.dissolve(nobody),
  ];
  for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: "EBADF" }));
});
