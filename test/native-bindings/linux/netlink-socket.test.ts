import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import { enterNetworkNamespace } from "../../../native-bindings/linux/network-namespace.ts";
import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import { forEachMessage } from "../../../src/wire/netlink/message.ts";
import { NLMSG_ERROR, RTM_NEWLINK } from "../../../src/wire/netlink/message-constants.ts";
import { encodeGetLink, encodeProbe } from "../../../src/wire/netlink/request.ts";
import { openNamespace, type TestNamespace, until } from "../../namespace/namespace.ts";

const linkGroup = 1;
const routeGroup = 7;

describe.skipIf(process.platform !== "linux")("NetlinkSocket", () => {
  let namespace: TestNamespace;

  beforeAll(async () => {
    namespace = await openNamespace();
    enterNetworkNamespace(namespace.path);
  });
  afterAll(() => namespace[Symbol.dispose]());

  const open = (nonBlocking = true, bufferBytes = 65_536): NetlinkSocket =>
    NetlinkSocket.open({ nonBlocking, bufferBytes });

  const typesOf = (bytes: Uint8Array): number[] => {
    const types: number[] = [];
    forEachMessage(bytes, bytes.length, (type) => void types.push(type));
    return types;
  };

  test("open() gives each socket a port id of its own", () => {
    using one = open();
    using other = open();
    expect(one.portId).toBeGreaterThan(0);
    expect(other.portId).not.toBe(one.portId);
  });

  test("open() gives the first of the wished port ids that is free, else any", () => {
    const wished = (portIds: readonly number[]): NetlinkSocket =>
      NetlinkSocket.open({ nonBlocking: true, bufferBytes: 0, portIds });
    using one = wished([1_000_001, 1_000_002]);
    using other = wished([1_000_001, 1_000_002]);
    using third = wished([1_000_001, 1_000_002]);
    expect([one.portId, other.portId]).toEqual([1_000_001, 1_000_002]);
    expect([0, 1_000_001, 1_000_002]).not.toContain(third.portId);
  });

  test("receive() gives null when nothing waits", () => {
    using socket = open();
    expect(socket.receive()).toBeNull();
  });

  test("receive() gives null when a blocking socket waited its time", () => {
    using socket = open(false);
    socket.setReceiveTimeout(20);
    const before = performance.now();
    expect(socket.receive()).toBeNull();
    expect(performance.now() - before).toBeGreaterThan(15);
  });

  test("receive() names the kernel as port 0 and another socket by its port", () => {
    using socket = open();
    using other = open();
    socket.send(encodeProbe(7));
    const reply = socket.receive();
    expect(reply?.senderPortId).toBe(0);
    expect(typesOf(reply?.bytes ?? new Uint8Array())).toEqual([NLMSG_ERROR]);
    other.send(encodeProbe(8), socket.portId);
    expect(socket.receive()?.senderPortId).toBe(other.portId);
  });

  test("receive() cuts a datagram that is longer than the buffer, says so, and has grown for the next", () => {
    using socket = open(true, 64);
    socket.send(encodeGetLink(1, 1));
    const cut = socket.receive();
    expect(cut).toMatchObject({ truncated: true, senderPortId: 0 });
    expect(cut?.bytes.length).toBe(64);
    socket.send(encodeGetLink(2, 1));
    const whole = socket.receive();
    expect(whole?.truncated).toBe(false);
    expect(typesOf(whole?.bytes ?? new Uint8Array())).toEqual([RTM_NEWLINK]);
  });

  test("receiveWhole() grows first and loses nothing", () => {
    using socket = open(true, 64);
    socket.send(encodeGetLink(1, 1));
    const whole = socket.receiveWhole();
    expect(whole?.truncated).toBe(false);
    expect(typesOf(whole?.bytes ?? new Uint8Array())).toEqual([RTM_NEWLINK]);
    expect(socket.receiveWhole()).toBeNull();
  });

  test("join() brings the group's messages, watch() calls back for them", async () => {
    using socket = open();
    socket.join(linkGroup);
    const types: number[] = [];
    socket.watch(() => {
      for (let datagram = socket.receive(); datagram !== null; datagram = socket.receive())
        types.push(...typesOf(datagram.bytes));
    });
    namespace.ip("link add v0 type veth peer name v1");
    await until("news of two links", () => types.filter((type) => type === RTM_NEWLINK).length > 1);
    namespace.ip("link del v0");
  });

  test("receive() throws ENOBUFS once when messages were dropped, and the socket works on", () => {
    using socket = open();
    socket.join(routeGroup);
    socket.requestReceiveBuffer(4096);
    const lines = Array.from({ length: 250 }, (_, at) => `route add unreachable 10.9.${at}.0/24`);
    namespace.ipBatch(lines);
    expect(() => socket.receive()).toThrow(expect.objectContaining({ code: "ENOBUFS" }));
    let queued = 0;
    while (socket.receive() !== null) queued += 1;
    expect(queued).toBeGreaterThan(0);
    expect(queued).toBeLessThan(250);
    expect(socket.droppedMessages()).toBe(250 - queued);
    namespace.ip("route del unreachable 10.9.0.0/24");
    expect(socket.receive()?.bytes.length).toBeGreaterThan(16);
  });

  test("droppedMessages() does not count what a filter refuses", () => {
    using socket = open();
    const dropAll = { code: 0x06, jumpTrue: 0, jumpFalse: 0, operand: 0 };
    socket.attachFilter([dropAll]);
    socket.join(routeGroup);
    namespace.ip("route add unreachable 10.8.0.0/24");
    expect([socket.receive(), socket.droppedMessages()]).toEqual([null, 0]);
  });

  test("watch() goes on after messages were dropped, which the kernel reports as POLLERR", async () => {
    using socket = open();
    socket.join(routeGroup);
    socket.requestReceiveBuffer(4096);
    let overflows = 0;
    let messages = 0;
    const drain = (): void => {
      try {
        while (socket.receive() !== null) messages += 1;
      } catch (error) {
        if (!(error instanceof SyscallError && error.code === "ENOBUFS")) throw error;
        overflows += 1;
        drain();
      }
    };
    socket.watch(drain);
    for (let round = 1; round < 4; round += 1) {
      // The batch runs while this thread waits for it: nobody drains.
      const networks = Array.from({ length: 200 }, (_, at) => `10.${round + 20}.${at}.0/24`);
      namespace.ipBatch(networks.map((network) => `route add unreachable ${network}`));
      await until(`overflow ${round}`, () => overflows === round);
      const before = messages;
      namespace.ip(`route del unreachable 10.${round + 20}.0.0/24`);
      await until("a message after it", () => messages > before);
    }
  });

  test("requestReceiveBuffer() tells what was granted", () => {
    using socket = open();
    expect(socket.requestReceiveBuffer(100_000)).toBe(100_000);
    const asked = 1 << 20;
    const granted = socket.requestReceiveBuffer(asked);
    expect(granted).toBeLessThanOrEqual(asked);
    expect(granted).toBeGreaterThanOrEqual(100_000);
  });

  test("enable() turns on extended acknowledgements and strict checking", () => {
    using socket = open();
    socket.enable("extAck");
    socket.enable("strictCheck");
    socket.enable("capAck");
  });

  test("attachFilter() lets through what the program keeps", () => {
    using socket = open();
    const dropAll = { code: 0x06, jumpTrue: 0, jumpFalse: 0, operand: 0 };
    socket.attachFilter([dropAll]);
    socket.send(encodeProbe(1));
    expect(socket.receive()).toBeNull();
    socket.attachFilter([{ ...dropAll, operand: 0xffff_ffff }]);
    socket.send(encodeProbe(2));
    expect(socket.receive()).not.toBeNull();
  });

  test("attachFilter() throws EINVAL for a program that the kernel refuses", () => {
    using socket = open();
    const endless = { code: 0x05, jumpTrue: 0, jumpFalse: 0, operand: 7 };
    expect(() => socket.attachFilter([endless])).toThrow(
      expect.objectContaining({ code: "EINVAL" }),
    );
  });

  test("join() of a group that there is not throws a typed error that says what was attempted", () => {
    using socket = open();
    const join = (): void => socket.join(5_000);
    expect(join).toThrow(SyscallError);
    expect(join).toThrow("cannot join netlink group 5000: setsockopt: invalid argument (EINVAL)");
  });

  test("dispose ends the watch and closes the descriptor, once", async () => {
    const socket = open();
    let calls = 0;
    socket.watch(() => {
      calls += 1;
    });
    const { fd } = socket;
    socket[Symbol.dispose]();
    using next = open();
    expect(next.fd).toBe(fd);
    socket[Symbol.dispose]();
    next.send(encodeProbe(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(next.receive()).not.toBeNull();
    expect(calls).toBe(0);
    expect(() => socket.receive()).toThrow("it is closed");
  });
});
