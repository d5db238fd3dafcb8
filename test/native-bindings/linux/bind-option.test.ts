import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bindToDevice,
  readBoundDevice,
  setMark,
  setUnicastInterface,
} from "../../../native-bindings/linux/bind-option.ts";
import { enterNetworkNamespace } from "../../../native-bindings/linux/network-namespace.ts";
import { getIntegerSocketOption } from "../../../native-bindings/socket-option.ts";
import { openNamespace, type TestNamespace } from "../../namespace/namespace.ts";

describe.skipIf(process.platform !== "linux")("options that bind a socket", () => {
  let namespace: TestNamespace;
  let socket: Socket;
  let fd: number;

  beforeAll(async () => {
    namespace = await openNamespace();
    enterNetworkNamespace(namespace.path);
    namespace.ip("link add v0 type veth peer name v1");
    socket = createSocket("udp6");
    socket.bind(0);
    await once(socket, "listening");
    // Node shows the descriptor of a datagram socket nowhere but here (lib/dgram.js).
    const state = Object.getOwnPropertySymbols(socket).map((symbol) => Reflect.get(socket, symbol));
    fd = state.find((value) => typeof value?.handle?.fd === "number").handle.fd;
  });
  afterAll(() => {
    socket.close();
    namespace[Symbol.dispose]();
  });

  test("bindToDevice() binds and unbinds, readBoundDevice() says where", () => {
    expect(readBoundDevice(fd)).toBeNull();
    bindToDevice(fd, "v0");
    expect(readBoundDevice(fd)).toBe("v0");
    bindToDevice(fd, "");
    expect(readBoundDevice(fd)).toBeNull();
  });

  test("bindToDevice() throws ENODEV for an unknown name", () => {
    expect(() => bindToDevice(fd, "nowhere")).toThrow(
      "cannot bind a socket to nowhere: setsockopt: no such device (ENODEV)",
    );
  });

  test("readBoundDevice() throws ENODEV when the device has gone", () => {
    namespace.ip("link add v2 type veth peer name v3");
    bindToDevice(fd, "v2");
    namespace.ip("link del v2");
    expect(() => readBoundDevice(fd)).toThrow(expect.objectContaining({ code: "ENODEV" }));
    bindToDevice(fd, "");
  });

  test("setUnicastInterface() takes an index and refuses an unknown one", () => {
    const [lo] = namespace.ipJson("link show dev v0") as [{ ifindex: number }];
    setUnicastInterface(fd, "ipv6", lo.ifindex);
    // IPV6_UNICAST_IF is read back in network order (linux/in6.h: 41, 76).
    const readBack = getIntegerSocketOption(fd, 41, 76, "read the unicast interface");
    expect(readBack).toBe(lo.ifindex << 24);
    expect(() => setUnicastInterface(fd, "ipv6", 9_999)).toThrow(
      expect.objectContaining({ code: "EADDRNOTAVAIL", attempted: "send by interface 9999" }),
    );
    setUnicastInterface(fd, "ipv4", lo.ifindex);
    setUnicastInterface(fd, "ipv4", 0);
  });

  test("setMark() marks the socket", () => {
    setMark(fd, 0xcafe_f00d);
    expect(getIntegerSocketOption(fd, 1, 36, "read the mark") >>> 0).toBe(0xcafe_f00d);
  });
});
