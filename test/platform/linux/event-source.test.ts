import { afterEach, describe, expect, test, vi } from "vitest";
import type { Datagram } from "../../../native-bindings/linux/netlink-socket.ts";
import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import { type EventSocket, EventSource } from "../../../src/platform/linux/event-source.ts";
import { messageHinter } from "../../../src/platform/linux/message-hint.ts";
import { emptySourceCounts } from "../../../src/platform/linux/source-counts.ts";
import { encodeMessage } from "../../../src/wire/netlink/message.ts";
import { NLMSG_ERROR, RTM_NEWRULE } from "../../../src/wire/netlink/message-constants.ts";

const ENOBUFS = 105;
const EBADF = 9;
const ipv4Door = { kind: "defaults", family: "ipv4" };
const ipv6Door = { kind: "defaults", family: "ipv6" };

/** A socket that gives what it is told to, in order. */
function openDouble() {
  const waiting: (Datagram | Error)[] = [];
  let readable: () => void = () => {};
  const sent: Uint8Array[] = [];
  const socket: EventSocket = {
    receive() {
      const next = waiting.shift() ?? null;
      if (next instanceof Error) throw next;
      return next;
    },
    send: (bytes) => void sent.push(bytes),
    watch: (callback) => {
      readable = callback;
    },
    [Symbol.dispose]: () => {
      readable = () => {};
    },
  };
  return {
    socket,
    sent,
    arrive(...items: (Datagram | Error)[]) {
      waiting.push(...items);
      readable();
    },
    left: () => waiting.length,
  };
}

function open(signal: AbortSignal = new AbortController().signal) {
  const double = openDouble();
  const counts = emptySourceCounts();
  const closed = vi.fn();
  const source = new EventSource(
    {
      socket: double.socket,
      hinter: messageHinter(199),
      witness: { hear: () => {} },
      counts,
      closed,
    },
    signal,
  );
  return { ...double, counts, closed, source, iterator: source[Symbol.asyncIterator]() };
}

function message(type: number, body: Uint8Array, seq = 0): Uint8Array {
  return encodeMessage({ type, flags: 0, seq, pid: 0, body });
}

function datagram(bytes: Uint8Array, senderPortId = 0): Datagram {
  return { bytes, senderPortId, truncated: false };
}

/** A rule's message: the shortest that rings a family's defaults. */
function rule(family: 2 | 10): Uint8Array {
  const body = new Uint8Array(12);
  body[0] = family;
  return message(RTM_NEWRULE, body);
}

function failure(errno: number): SyscallError {
  return new SyscallError("recvfrom", errno, "receive");
}

describe("EventSource", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("one drain makes one batch, each door in it once", async () => {
    const { arrive, iterator, counts } = open();
    const next = iterator.next();
    arrive(datagram(rule(2)), datagram(rule(10)), datagram(rule(2)));
    expect(await next).toEqual({ done: false, value: [ipv4Door, ipv6Door] });
    expect(counts).toMatchObject({ messages: 3, filtered: 0 });
  });

  test("several messages in one datagram are all seen", async () => {
    const { arrive, iterator, counts } = open();
    arrive(datagram(Uint8Array.of(...rule(2), ...rule(10))));
    expect((await iterator.next()).value).toEqual([ipv4Door, ipv6Door]);
    expect(counts.messages).toBe(2);
  });

  test("what rang before the first turn waits", async () => {
    const { arrive, iterator } = open();
    arrive(datagram(rule(2)));
    arrive(datagram(rule(10)));
    expect((await iterator.next()).value).toEqual([ipv4Door, ipv6Door]);
  });

  test("a sender other than the kernel is ignored and counted", async () => {
    const { arrive, iterator, counts } = open();
    const next = iterator.next();
    arrive(datagram(rule(2), 4711));
    expect(counts).toMatchObject({ foreign: 1, messages: 0, lastMessageAt: null });
    arrive(datagram(rule(10)));
    expect((await next).value).toEqual([ipv6Door]);
  });

  test("ENOBUFS is one overflow, and the messages behind it are taken", async () => {
    const { arrive, iterator, counts } = open();
    arrive(failure(ENOBUFS), datagram(rule(2)));
    expect((await iterator.next()).value).toEqual([{ kind: "all", reason: "overflow" }, ipv4Door]);
    expect(counts).toMatchObject({ overflows: 1, messages: 1 });
  });

  test.each([
    ["a length that cannot be", Uint8Array.of(3, 0, 0, 0, ...new Uint8Array(12))],
    ["a header cut short", rule(2).subarray(0, 10)],
    ["a body cut short", message(RTM_NEWRULE, new Uint8Array(4))],
    ["the beginning of a message", rule(2).subarray(0, 20)],
  ])("bytes that cannot be decoded ring everything: %s", async (_what, bytes) => {
    const { arrive, iterator, counts } = open();
    arrive(datagram(bytes), datagram(rule(10)));
    const doubt = { kind: "all", reason: "undecodable" };
    expect((await iterator.next()).value).toEqual([doubt, ipv6Door]);
    expect(counts.undecodable).toBe(1);
  });

  test("messages that ring no door are counted and wake nobody", async () => {
    const { arrive, iterator, counts } = open();
    const next = iterator.next();
    arrive(datagram(message(99, new Uint8Array(4))));
    expect(counts).toMatchObject({ messages: 1, filtered: 1 });
    arrive(datagram(rule(2)));
    expect((await next).value).toEqual([ipv4Door]);
  });

  test("a storm does not hold the event loop: the drain stops and leaves the rest to the next turn", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { arrive, left, counts } = open();
    const slow = Array.from({ length: 1_000 }, () => datagram(rule(2)));
    const clock = vi.spyOn(performance, "now");
    let nowMs = 0;
    clock.mockImplementation(() => {
      nowMs += 5;
      return nowMs;
    });
    arrive(...slow);
    clock.mockRestore();
    expect(left()).toBeGreaterThan(800);
    expect(counts.messages).toBe(1_000 - left());
    arrive();
    expect(left()).toBe(0);
  });

  test("a socket that dies delivers what waits, then throws socket-lost, then ends", async () => {
    const { arrive, iterator, closed } = open();
    arrive(datagram(rule(2)), failure(EBADF));
    expect((await iterator.next()).value).toEqual([ipv4Door]);
    await expect(iterator.next()).rejects.toMatchObject({
      name: "PlatformError",
      code: "socket-lost",
      cause: { code: "EBADF" },
    });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test("a socket that dies wakes who waits", async () => {
    const { arrive, iterator } = open();
    const next = iterator.next();
    arrive(failure(EBADF));
    await expect(next).rejects.toMatchObject({ code: "socket-lost" });
  });

  test("the signal ends the iteration and closes the socket, once", async () => {
    const aborter = new AbortController();
    const { iterator, closed, source, arrive, left } = open(aborter.signal);
    const next = iterator.next();
    aborter.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    source[Symbol.dispose]();
    expect(closed).toHaveBeenCalledTimes(1);
    arrive(datagram(rule(2)));
    expect(left()).toBe(1);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test("a signal that is aborted already ends it at once", async () => {
    const { iterator, closed } = open(AbortSignal.abort());
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test("probe() is true when the acknowledgement of its own number arrives", async () => {
    const { arrive, source, sent, counts } = open();
    const { signal } = new AbortController();
    const first = source.probe(1_000, signal);
    const second = source.probe(1_000, signal);
    const numbers = sent.map((bytes) => new DataView(bytes.buffer).getUint32(8, true));
    expect(new Set(numbers).size).toBe(2);
    const [one = 0, other = 0] = numbers;
    const body = new Uint8Array(20);
    arrive(datagram(message(NLMSG_ERROR, body, other)));
    expect(await second).toBe(true);
    arrive(datagram(message(NLMSG_ERROR, body, one)));
    expect(await first).toBe(true);
    expect(counts.filtered).toBe(2);
  });

  test("probe() is false when nothing comes in time, when it is aborted, when the source is closed", async () => {
    vi.useFakeTimers();
    const { source } = open();
    const aborter = new AbortController();
    const slow = source.probe(1_000, new AbortController().signal);
    const aborted = source.probe(1_000, aborter.signal);
    aborter.abort();
    expect(await aborted).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(await slow).toBe(false);
    const closing = source.probe(1_000, new AbortController().signal);
    source[Symbol.dispose]();
    expect(await closing).toBe(false);
    expect(await source.probe(1_000, new AbortController().signal)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
