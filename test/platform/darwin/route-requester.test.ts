import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type RouteQuestion,
  RouteRequester,
} from "../../../src/platform/darwin/route-requester.ts";
import type { RoutingSocketPort } from "../../../src/platform/darwin/routing-socket-port.ts";
import { newSequence } from "../../../src/platform/darwin/sequence.ts";
import { RTM } from "../../../src/wire/pfroute/constants.ts";
import { Errno } from "./errno.ts";

const question: RouteQuestion = {
  action: "GET",
  destination: { family: "inet", address: Uint8Array.of(1, 0, 0, 1), prefixLength: null },
  gateway: null,
  scope: null,
  flags: [],
  mtu: null,
  withInterface: false,
};

/** A socket whose kernel answers as the test says. `deliver` wakes the reader. */
interface Wire {
  readonly port: RoutingSocketPort;
  readonly sent: Uint8Array[];
  deliver(datagram: Uint8Array): void;
  closed: boolean;
}

const pid = 501;

function wire(onSend: (request: Uint8Array, wire: Wire) => number = () => Errno.OK): Wire {
  const queue: Uint8Array[] = [];
  let wake = (): void => undefined;
  const self: Wire = {
    sent: [],
    closed: false,
    deliver(datagram) {
      queue.push(datagram);
      queueMicrotask(wake);
    },
    port: {
      pid,
      open: ({ onReadable }) => {
        wake = onReadable;
        return {
          receiveBufferBytes: 65_536,
          send: (request) => {
            self.sent.push(request.slice());
            return onSend(request, self);
          },
          receive: () => queue.shift() ?? null,
          close: () => {
            self.closed = true;
          },
        };
      },
    },
  };
  return self;
}

/** The answer to a request as the kernel makes it, but for what a test changes. */
function answer(
  request: Uint8Array,
  change: Partial<{ pid: number; seq: number; errno: number; type: number; length: number }> = {},
): Uint8Array {
  const bytes = request.slice();
  const view = new DataView(bytes.buffer);
  view.setUint8(3, change.type ?? RTM.GET);
  view.setInt32(16, change.pid ?? pid, true);
  if (change.seq !== undefined) view.setInt32(20, change.seq, true);
  view.setInt32(24, change.errno ?? 0, true);
  view.setUint16(0, bytes.length + (change.length ?? 0), true);
  return bytes;
}

const seqOf = (request: Uint8Array | undefined): number =>
  request === undefined ? -1 : new DataView(request.buffer).getInt32(20, true);

const { signal } = new AbortController();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("RouteRequester.ask()", () => {
  test("gives the answer with the pid, number and type of the request", async () => {
    const kernel = wire((request, { deliver }) => {
      deliver(answer(request, { pid: 502 }));
      deliver(answer(request, { seq: 77 }));
      deliver(answer(request, { type: RTM.ADD }));
      deliver(answer(request, { errno: 3 }));
      deliver(answer(request, { length: 4 }));
      deliver(Uint8Array.of(4, 0, 5, RTM.GET));
      deliver(new Uint8Array());
      deliver(answer(request));
      return Errno.OK;
    });
    using requester = new RouteRequester(kernel.port, newSequence());
    const outcome = await requester.ask(question, signal);
    expect(outcome).toMatchObject({ kind: "answered", message: { pid, errno: 0 } });
    expect(kernel.sent.length).toBe(1);
  });

  test("takes the errno of the write for the kernel's word, and waits for nothing", async () => {
    using requester = new RouteRequester(wire(() => Errno.ESRCH).port, newSequence());
    expect(await requester.ask(question, signal)).toEqual({ kind: "refused", errno: Errno.ESRCH });
  });

  test("asks again with a number of its own when the answer is lost, and the late one is not taken", async () => {
    let first: Uint8Array | null = null;
    const kernel = wire((request, { deliver }) => {
      if (first === null) first = answer(request, { errno: 0 });
      else {
        const other = answer(request);
        other[95] = 9;
        deliver(first);
        deliver(other);
      }
      return Errno.OK;
    });
    using requester = new RouteRequester(kernel.port, newSequence());
    const outcome = requester.ask(question, signal);
    await vi.advanceTimersByTimeAsync(200);
    const [one, two] = kernel.sent;
    expect(await outcome).toMatchObject({ kind: "answered", message: { seq: seqOf(two) } });
    expect(seqOf(one)).not.toBe(seqOf(two));
  });

  test("is lost after three tries and 600 ms, however much else arrives", async () => {
    const kernel = wire();
    using requester = new RouteRequester(kernel.port, newSequence());
    const chatter = setInterval(() => kernel.deliver(answer(new Uint8Array(92), { pid: 502 })), 10);
    const startedAt = performance.now();
    const outcome = requester.ask(question, signal).then((what) => [what, performance.now()]);
    await vi.advanceTimersByTimeAsync(700);
    clearInterval(chatter);
    expect(await outcome).toEqual([{ kind: "lost" }, startedAt + 600]);
    expect(new Set(kernel.sent.map(seqOf)).size).toBe(3);
  });

  test("hears an answer that comes later than the write", async () => {
    const kernel = wire((request, { deliver }) => {
      setTimeout(() => deliver(answer(request)), 150);
      return Errno.OK;
    });
    using requester = new RouteRequester(kernel.port, newSequence());
    const outcome = requester.ask(question, signal);
    await vi.advanceTimersByTimeAsync(150);
    expect((await outcome).kind).toBe("answered");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects with the signal's reason, at once", async () => {
    using requester = new RouteRequester(wire().port, newSequence());
    const aborter = new AbortController();
    const outcome = expect(requester.ask(question, aborter.signal)).rejects.toThrow("enough");
    await vi.advanceTimersByTimeAsync(1);
    aborter.abort(new Error("enough"));
    await outcome;
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a socket that has lost one question three times is not asked again", async () => {
    const kernel = wire();
    using requester = new RouteRequester(kernel.port, newSequence());
    const outcome = requester.ask(question, signal);
    await vi.advanceTimersByTimeAsync(600);
    expect((await outcome).kind).toBe("lost");
    expect((await requester.ask(question, signal)).kind).toBe("lost");
    expect(kernel.sent.length).toBe(3);
  });

  test("disposing of it closes the socket", () => {
    const kernel = wire();
    new RouteRequester(kernel.port, newSequence())[Symbol.dispose]();
    expect(kernel.closed).toBe(true);
  });
});

describe("RouteRequester.tell()", () => {
  const change: RouteQuestion = {
    ...question,
    action: "DELETE",
    destination: { ...question.destination, prefixLength: 32 },
    scope: 4,
  };

  test("sends once, and is lost after 200 ms", async () => {
    const kernel = wire();
    using requester = new RouteRequester(kernel.port, newSequence());
    const startedAt = performance.now();
    const outcome = requester.tell(change, signal).then((what) => [what, performance.now()]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toEqual([{ kind: "lost" }, startedAt + 200]);
    expect(kernel.sent.length).toBe(1);
  });

  test("is answered by its own type and number alone", async () => {
    const kernel = wire((request, { deliver }) => {
      deliver(answer(request, { type: RTM.GET }));
      deliver(answer(request, { type: RTM.DELETE, seq: 77 }));
      deliver(answer(request, { type: RTM.DELETE }));
      return Errno.OK;
    });
    using requester = new RouteRequester(kernel.port, newSequence());
    const outcome = await requester.tell(change, signal);
    expect(outcome).toMatchObject({ kind: "answered", message: { type: RTM.DELETE } });
  });
});

describe("newSequence()", () => {
  test("gives each number once, from 1 on after the largest", () => {
    const next = newSequence(() => 1 - Number.EPSILON);
    expect([next(), next(), next()]).toEqual([0x7fff_ffff, 1, 2]);
  });
});
