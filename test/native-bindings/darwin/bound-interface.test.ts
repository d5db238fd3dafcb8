import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import {
  bindToInterface,
  interfaceIndexOf,
} from "../../../native-bindings/darwin/bound-interface.ts";

// if_nametoindex(3) is POSIX, so that this much of the Mac's bindings runs anywhere.
describe("interfaceIndexOf()", () => {
  test("gives an index for a name, and null for none", () => {
    const loopback = process.platform === "darwin" ? "lo0" : "lo";
    expect(interfaceIndexOf(loopback)).toBe(1);
    expect(interfaceIndexOf("no-such-if0")).toBeNull();
    for (const name of Object.keys(networkInterfaces()))
      expect(interfaceIndexOf(name)).not.toBeNull();
  });
});

test.each(["ipv4", "ipv6"] as const)(
  "bindToInterface() of %s throws what the kernel says",
  (family) => {
    expect(() => bindToInterface(0xffff, family, 2)).toThrow(
      "cannot bind a socket to interface 2: setsockopt: bad file descriptor (EBADF)",
    );
  },
);
