import { readlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import {
  enterNetworkNamespace,
  networkNamespacePath,
  readNamespaceCookie,
} from "../../../native-bindings/linux/network-namespace.ts";
import { openNamespace } from "../../namespace/namespace.ts";

describe.skipIf(process.platform !== "linux")("network namespaces", () => {
  const cookieHere = (): bigint => {
    using socket = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 64 });
    return readNamespaceCookie(socket.fd);
  };

  test("networkNamespacePath() takes a name for a file in /run/netns, a path as it is", () => {
    expect(networkNamespacePath("blue")).toBe("/run/netns/blue");
    expect(networkNamespacePath("/proc/1/ns/net")).toBe("/proc/1/ns/net");
    expect(networkNamespacePath("./blue")).toBe("./blue");
  });

  test("enterNetworkNamespace() moves the main thread, readNamespaceCookie() tells them apart", async () => {
    using one = await openNamespace();
    using other = await openNamespace();
    const cookies = new Set([cookieHere()]);
    for (const namespace of [one, other]) {
      enterNetworkNamespace(namespace.path);
      expect(readlinkSync("/proc/self/ns/net")).toBe(readlinkSync(namespace.path));
      cookies.add(cookieHere());
    }
    expect(cookies.size).toBe(3);
    expect(cookies.has(0n)).toBe(false);
    enterNetworkNamespace(one.path);
    expect(cookies.has(cookieHere())).toBe(true);
  });

  test("enterNetworkNamespace() throws for what is no namespace", () => {
    expect(() => enterNetworkNamespace("/dev/null")).toThrow(
      expect.objectContaining({ name: "SyscallError", syscall: "setns", code: "EINVAL" }),
    );
    expect(() => enterNetworkNamespace("no-such-namespace")).toThrow("ENOENT");
  });
});
