import { createSocket, type Socket } from "node:dgram";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InternetSocket } from "../../../native-bindings/internet-socket.ts";
import { enterNetworkNamespace } from "../../../native-bindings/linux/network-namespace.ts";
import { linuxSocketDialect } from "../../../native-bindings/linux/socket-dialect.ts";
import { openNamespace, type TestNamespace } from "../../namespace/namespace.ts";

const open = (family: "ipv4" | "ipv6", type: "stream" | "datagram"): InternetSocket =>
  new InternetSocket(linuxSocketDialect, family, type);
const anyAddress = (port = 0) =>
  ({ family: "ipv4", bytes: new Uint8Array(4), port, scopeId: 0 }) as const;

function isOpen(socket: Socket): boolean {
  try {
    return socket.address() !== undefined;
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== "linux")("InternetSocket", () => {
  let namespace: TestNamespace;
  beforeAll(async () => {
    namespace = await openNamespace();
    enterNetworkNamespace(namespace.path);
    namespace.ip("link add v0 type veth peer name v1");
    namespace.ip("link add v2 type veth peer name v3");
  });
  afterAll(() => namespace[Symbol.dispose]());

  const link = (name: string): { name: string; index: number } => {
    const [{ ifindex }] = namespace.ipJson(`link show dev ${name}`) as [{ ifindex: number }];
    return { name, index: ifindex };
  };

  test.each(["ipv4", "ipv6"] as const)(
    "bindToInterface() binds, and is read back (%s)",
    (family) => {
      for (const type of ["stream", "datagram"] as const) {
        using socket = open(family, type);
        expect(socket.boundInterface()).toBeNull();
        socket.bindToInterface(link("v0"));
        expect(socket.boundInterface()).toBe(link("v0").index);
        expect(() => socket.bindToInterface({ name: "v9", index: 99 })).toThrow(
          expect.objectContaining({ code: "ENODEV" }),
        );
      }
    },
  );

  test("boundInterface() throws ENODEV for an interface that has gone, and tells one of the same name", () => {
    namespace.ip("link add v4 type veth peer name v5");
    const old = link("v4");
    using socket = open("ipv4", "stream");
    socket.bindToInterface(old);
    namespace.ip("link del v4");
    expect(() => socket.boundInterface()).toThrow(expect.objectContaining({ code: "ENODEV" }));
    namespace.ip("link add v4 type veth peer name v5");
    using another = open("ipv4", "stream");
    another.bindToInterface(old);
    expect(another.boundInterface()).toBe(link("v4").index);
    expect(another.boundInterface()).not.toBe(old.index);
  });

  test("bindToAddress() gives an address of either family", () => {
    using socket = open("ipv4", "datagram");
    socket.bindToAddress(anyAddress(7_000), false);
    using second = open("ipv4", "datagram");
    expect(() => second.bindToAddress(anyAddress(7_000), false)).toThrow(
      expect.objectContaining({ code: "EADDRINUSE" }),
    );
    // Without IPv4 in it, the port is free there.
    using ipv6 = open("ipv6", "datagram");
    ipv6.refuseIpv4();
    const bytes = new Uint8Array(16);
    ipv6.bindToAddress({ family: "ipv6", bytes, port: 7_000, scopeId: 0 }, false);
  });

  test("rebindDatagrams() changes the interface, and keeps address and peer", async () => {
    const socket = createSocket("udp4");
    using descriptor = open("ipv4", "datagram");
    descriptor.bindToInterface(link("v0"));
    descriptor.bindToAddress(anyAddress(), false);
    descriptor.handOver((fd) => socket.bind({ fd }), isOpen);
    const { port } = socket.address();
    const hasLostPort = (): boolean => socket.address().port === 0;
    const peer = { ...anyAddress(9), bytes: Uint8Array.of(127, 0, 0, 1) };
    descriptor.rebindDatagrams(link("v2"), anyAddress(port), null, hasLostPort);
    expect(descriptor.boundInterface()).toBe(link("v2").index);
    expect(socket.address().port).toBe(port);
    descriptor.rebindDatagrams(null, anyAddress(port), peer, hasLostPort);
    expect(descriptor.boundInterface()).toBeNull();
    expect(socket.address()).toMatchObject({ address: "127.0.0.1", port });
    socket.close();
  });

  test("handOver() gives the descriptor away: it is not used once its owner has closed it", async () => {
    const socket = createSocket("udp4");
    const descriptor = open("ipv4", "datagram");
    descriptor.bindToAddress(anyAddress(), false);
    descriptor.handOver((fd) => socket.bind({ fd }), isOpen);
    descriptor[Symbol.dispose]();
    expect(isOpen(socket)).toBe(true);
    socket.close();
    expect(() => descriptor.boundInterface()).toThrow(RangeError);
  });
});
