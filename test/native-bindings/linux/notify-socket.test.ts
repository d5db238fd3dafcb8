import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openNotifySocket, unixAddress } from "../../../native-bindings/linux/notify-socket.ts";
import { openTemporaryDirectory } from "../../daemon/admin-client.ts";
import { listenForDatagrams } from "./datagram-listener.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.skipIf(process.platform !== "linux")("openNotifySocket()", () => {
  test("sends datagrams to a path, one by one", () => {
    using directory = openTemporaryDirectory();
    const name = join(directory.path, "notify");
    using listener = listenForDatagrams(name);
    using socket = openNotifySocket(name);
    socket.send(bytes("READY=1\n"));
    socket.send(bytes("STATUS=é\n"));
    expect(listener.take()).toEqual(["READY=1\n", "STATUS=é\n"]);
  });

  test("sends to an abstract name", () => {
    const name = `@netwatch-test/${process.pid}`;
    using listener = listenForDatagrams(name);
    using socket = openNotifySocket(name);
    socket.send(bytes("READY=1"));
    expect(listener.take()).toEqual(["READY=1"]);
  });

  test("finds a receiver that came later, and one that began anew", () => {
    const name = `@netwatch-test/late-${process.pid}`;
    using socket = openNotifySocket(name);
    expect(() => socket.send(bytes("1"))).toThrow("ECONNREFUSED");
    listenForDatagrams(name)[Symbol.dispose]();
    using listener = listenForDatagrams(name);
    socket.send(bytes("2"));
    expect(listener.take()).toEqual(["2"]);
  });

  test("refuses to wait for a receiver that is behind", () => {
    const name = `@netwatch-test/behind-${process.pid}`;
    using listener = listenForDatagrams(name);
    using socket = openNotifySocket(name);
    expect(() => {
      for (let count = 0; count < 100_000; count += 1) socket.send(bytes("x"));
    }).toThrow("EAGAIN");
    expect(listener.take().length).toBeGreaterThan(0);
    socket.send(bytes("y"));
    expect(listener.take()).toContain("y");
  });
});

test("unixAddress() gives the bytes of struct sockaddr_un", () => {
  expect([...unixAddress("/a")]).toEqual([1, 0, 0x2f, 0x61, 0]);
  expect([...unixAddress("@a")]).toEqual([1, 0, 0, 0x61]);
  expect(unixAddress(`/${"a".repeat(106)}`)).toHaveLength(110);
});

test.each(["", "@", `/${"a".repeat(107)}`])("unixAddress() refuses %j", (name) => {
  expect(() => unixAddress(name)).toThrow(RangeError);
});
