import { expect, test } from "vitest";
import { inet6AddressHead } from "../../native-bindings/darwin/icmpv6-socket.ts";
import { encodePacketAddress } from "../../native-bindings/icmpv6-socket.ts";
import { solicitRouters } from "../../src/platform/router-solicitation.ts";

test("solicitRouters() sends one solicitation to all routers of the link, with its hop limit untouched", () => {
  const calls: unknown[] = [];
  solicitRouters(7, () => ({
    setMulticast: (index, hopLimit) => calls.push(["multicast", index, hopLimit]),
    sendTo: (address, index, message) =>
      calls.push(["send", Buffer.from(address).toString("hex"), index, [...message]]),
    [Symbol.dispose]: () => calls.push("closed"),
  }));
  expect(calls).toEqual([
    ["multicast", 7, 255],
    ["send", "ff020000000000000000000000000002", 7, [133, 0, 0, 0, 0, 0, 0, 0]],
    "closed",
  ]);
});

test("solicitRouters() closes the socket when the system refuses", () => {
  let closed = false;
  const refuse = (): never => {
    throw new Error("EPERM");
  };
  const open = () => ({
    setMulticast: refuse,
    sendTo: refuse,
    [Symbol.dispose]: () => {
      closed = true;
    },
  });
  expect(() => solicitRouters(7, open)).toThrow("EPERM");
  expect(closed).toBe(true);
});

test("encodePacketAddress() begins with length and family on macOS, and ends with the scope", () => {
  const address = Uint8Array.of(0xff, 2, ...new Array<number>(13).fill(0), 2);
  expect(Buffer.from(encodePacketAddress(inet6AddressHead, address, 4)).toString("hex")).toBe(
    "1c1e000000000000ff02000000000000000000000000000204000000",
  );
});
