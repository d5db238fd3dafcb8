import { describe, expect, test, vi } from "vitest";
import type { Datagram } from "../../../native-bindings/linux/netlink-socket.ts";
import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import { KernelError } from "../../../src/platform/linux/kernel-error.ts";
import {
  type DumpReader,
  Requester,
  type RequestTransport,
} from "../../../src/platform/linux/requester.ts";
import { encodeMessage } from "../../../src/wire/netlink/message.ts";
import {
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
} from "../../../src/wire/netlink/message-constants.ts";
import { forEachReply } from "../../../src/wire/netlink/reply.ts";
import { encodeProbe } from "../../../src/wire/netlink/request.ts";

const never = new AbortController().signal;
const answer = 24;

/** What a transport gives for one receive: a reply to the number of the last request, nothing, or a failure. */
type Step = ((seq: number) => Datagram) | null | Error;

/** Opens transports that each play a script; the last script is played again and again. */
function scripted(...scripts: Step[][]) {
  const log = { opened: 0, closed: 0, timeouts: [] as number[] };
  const open = (): RequestTransport => {
    const steps = [...(scripts[Math.min(log.opened, scripts.length - 1)] ?? [])];
    log.opened += 1;
    let seq = 0;
    return {
      send: (bytes) => {
        seq = new DataView(bytes.buffer).getUint32(8, true);
      },
      receiveWhole() {
        const step = steps.shift() ?? null;
        if (step instanceof Error) throw step;
        return step === null ? null : step(seq);
      },
      setReceiveTimeout: (timeoutMs) => void log.timeouts.push(timeoutMs),
      [Symbol.dispose]: () => {
        log.closed += 1;
      },
    };
  };
  return { open, log };
}

function reply(
  type: number,
  body: readonly number[],
  more: { flags?: number; sender?: number; lag?: number } = {},
): Step {
  return (seq) => ({
    bytes: encodeMessage({
      type,
      flags: more.flags ?? 0,
      seq: seq - (more.lag ?? 0),
      pid: 0,
      body: Uint8Array.from(body),
    }),
    senderPortId: more.sender ?? 0,
    truncated: false,
  });
}

/** NLMSG_ERROR: the errno, the request's header, and NLMSGERR_ATTR_MSG and NLMSGERR_ATTR_OFFS when told. */
function refusal(errno: number, sentence = ""): Step {
  const body = [...new Uint8Array(Int32Array.of(-errno).buffer), ...new Array<number>(16).fill(0)];
  body[4] = 16;
  if (sentence === "") return reply(NLMSG_ERROR, body, { flags: 0x100 });
  const text = [...Buffer.from(`${sentence}\0`)];
  const padded = [...text, ...new Array<number>((4 - (text.length % 4)) % 4).fill(0)];
  body.push(text.length + 4, 0, 1, 0, ...padded, 8, 0, 2, 0, 28, 0, 0, 0);
  return reply(NLMSG_ERROR, body, { flags: 0x300 });
}

const part = (byte: number, flags = 0): Step =>
  reply(answer, [byte, 0, 0, 0], { flags: NLM_F_MULTI | flags });
const done = (flags = 0): Step => reply(NLMSG_DONE, [0, 0, 0, 0], { flags: NLM_F_MULTI | flags });

function firstBytes(enoughAt?: number): () => DumpReader<number[]> {
  return () => {
    const bytes: number[] = [];
    return {
      take: (buffer, seq) => {
        const progress = forEachReply(buffer, buffer.length, seq, (_type, offset) => {
          bytes.push(buffer[offset] ?? 0);
        });
        return { ...progress, enough: enoughAt !== undefined && bytes.includes(enoughAt) };
      },
      finish: () => bytes,
    };
  };
}

function ask(requester: Requester): number | undefined | KernelError {
  return requester.ask("ask", encodeProbe, (body) => body[0]);
}

describe("Requester.ask()", () => {
  test("gives what was decoded, and keeps its socket", () => {
    const { open, log } = scripted([reply(answer, [7, 0, 0, 0]), reply(answer, [8, 0, 0, 0])]);
    using requester = new Requester(open);
    expect(ask(requester)).toBe(7);
    expect(ask(requester)).toBe(8);
    expect(log).toMatchObject({ opened: 1, closed: 0 });
  });

  test("passes over stale replies and over senders other than the kernel", () => {
    const { open } = scripted([
      reply(answer, [1, 0, 0, 0], { lag: 1 }),
      reply(answer, [2, 0, 0, 0], { sender: 4711 }),
      reply(answer, [3, 0, 0, 0]),
    ]);
    using requester = new Requester(open);
    expect(ask(requester)).toBe(3);
  });

  test("gives a refusal with the kernel's own sentence", () => {
    const { open } = scripted([refusal(22, "Invalid gateway")]);
    using requester = new Requester(open);
    const error = ask(requester);
    expect(error).toBeInstanceOf(KernelError);
    expect(error).toMatchObject({
      code: "EINVAL",
      errno: 22,
      offset: 28,
      message: "Invalid gateway (EINVAL)",
    });
  });

  test("gives a refusal without a sentence the words of its errno", () => {
    const { open } = scripted([refusal(19)]);
    using requester = new Requester(open);
    expect(ask(requester)).toMatchObject({ message: "no such device (ENODEV)", offset: null });
  });

  test("throws timeout when nothing comes, and asks on a new socket the next time", () => {
    const { open, log } = scripted([null], [reply(answer, [5, 0, 0, 0])]);
    using requester = new Requester(open);
    expect(() => ask(requester)).toThrow(
      expect.objectContaining({ name: "PlatformError", code: "timeout" }),
    );
    expect(log.closed).toBe(1);
    expect(ask(requester)).toBe(5);
    expect(log.opened).toBe(2);
  });

  test("throws timeout at the deadline, however many stale replies keep coming", () => {
    const stale = reply(answer, [1, 0, 0, 0], { lag: 1 });
    const { open, log } = scripted(Array.from({ length: 100 }, () => stale));
    using requester = new Requester(open);
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      nowMs += 300;
      return nowMs;
    });
    expect(() => ask(requester)).toThrow(expect.objectContaining({ code: "timeout" }));
    clock.mockRestore();
    expect(log.timeouts.length).toBeGreaterThan(2);
    expect(log.timeouts).toEqual([...log.timeouts].sort((a, b) => b - a));
  });

  test("throws what the socket throws as a PlatformError, cause and all", () => {
    const { open } = scripted([new SyscallError("recvfrom", 9, "receive")]);
    using requester = new Requester(open);
    expect(() => ask(requester)).toThrow(
      expect.objectContaining({ code: "socket-lost", cause: expect.any(SyscallError) }),
    );
  });

  test("throws rejected for bytes that cannot be decoded", () => {
    const { open } = scripted([
      () => ({ bytes: Uint8Array.of(1, 2, 3), senderPortId: 0, truncated: false }),
    ]);
    using requester = new Requester(open);
    expect(() => ask(requester)).toThrow(
      expect.objectContaining({
        code: "rejected",
        cause: expect.objectContaining({ name: "DecodeError" }),
      }),
    );
  });
});

describe("Requester.change()", () => {
  const change = (requester: Requester) => requester.change("change", encodeProbe);

  test("gives null for an acknowledgement, the refusal for a refusal", () => {
    using requester = new Requester(scripted([refusal(0), refusal(17)]).open);
    expect(change(requester)).toBeNull();
    expect(change(requester)).toMatchObject({ code: "EEXIST" });
  });

  test("throws timeout without an answer, and leaves the socket", () => {
    const { open, log } = scripted([null], [refusal(0)]);
    using requester = new Requester(open);
    expect(() => change(requester)).toThrow(expect.objectContaining({ code: "timeout" }));
    expect(log.closed).toBe(1);
    expect(change(requester)).toBeNull();
  });
});

describe("Requester.dump()", () => {
  const dump = async (
    { open }: { open: () => RequestTransport },
    begin = firstBytes(),
    signal = never,
  ): Promise<number[] | KernelError> => {
    using requester = new Requester(open);
    return await requester.dump("dump", encodeProbe, begin, signal);
  };

  test("leaves its socket to the next dump when it was read to its end, and only then", async () => {
    const { open, log } = scripted([part(1), done(), part(2), done(), part(3), part(4)]);
    using requester = new Requester(open);
    const next = (begin = firstBytes()) => requester.dump("dump", encodeProbe, begin, never);
    expect(await next()).toEqual([1]);
    expect(await next()).toEqual([2]);
    expect(log).toMatchObject({ opened: 1, closed: 0 });
    expect(await next(firstBytes(3))).toEqual([3]);
    expect(log).toMatchObject({ opened: 1, closed: 1 });
    expect(await next()).toEqual([1]);
    expect(log).toMatchObject({ opened: 2, closed: 1 });
  });

  test("gives two dumps at once a socket each, and keeps one of them", async () => {
    const { open, log } = scripted([part(1), done()]);
    const requester = new Requester(open);
    const both = [1, 2].map(() => requester.dump("dump", encodeProbe, firstBytes(), never));
    expect(await Promise.all(both)).toEqual([[1], [1]]);
    expect(log).toMatchObject({ opened: 2, closed: 1 });
    requester[Symbol.dispose]();
    expect(log.closed).toBe(2);
  });

  test("takes buffers up to the end, on a socket of its own", async () => {
    const transports = scripted([part(1), part(2), done()]);
    expect(await dump(transports)).toEqual([1, 2]);
    expect(transports.log).toMatchObject({ opened: 1, closed: 1 });
  });

  test("stops early and closes when the reader has enough", async () => {
    const transports = scripted([part(1), part(2), part(3), done()]);
    expect(await dump(transports, firstBytes(2))).toEqual([1, 2]);
    expect(transports.log.closed).toBe(1);
  });

  test.each([
    ["in the middle", [part(1), part(2, NLM_F_DUMP_INTR), done()]],
    ["at the end", [part(1), done(NLM_F_DUMP_INTR)]],
    ["by loss of a buffer", [part(1), new SyscallError("recvfrom", 105, "receive")]],
  ])("reads again from the beginning what was interrupted %s", async (_where, script) => {
    const transports = scripted(script, [part(3), part(4), done()]);
    expect(await dump(transports)).toEqual([3, 4]);
    expect(transports.log).toMatchObject({ opened: 2, closed: 2 });
  });

  test("throws interrupted when the table never holds still", async () => {
    const transports = scripted([part(1), done(NLM_F_DUMP_INTR)]);
    await expect(dump(transports)).rejects.toMatchObject({
      name: "PlatformError",
      code: "interrupted",
      message: "cannot dump: the table changed during each of 8 reads",
    });
    expect(transports.log).toMatchObject({ opened: 8, closed: 8 });
  });

  test("gives a refusal", async () => {
    const transports = scripted([refusal(2, "ipv4: FIB table does not exist")]);
    expect(await dump(transports)).toMatchObject({ code: "ENOENT" });
    expect(transports.log.closed).toBe(1);
  });

  test("throws timeout when the dump stops coming", async () => {
    await expect(dump(scripted([part(1), null]))).rejects.toMatchObject({ code: "timeout" });
  });

  test("lets the event loop turn while a long dump goes on, and stops when the signal aborts", async () => {
    const aborter = new AbortController();
    const reason = new Error("enough");
    const endless = Array.from({ length: 10_000 }, () => part(1));
    const transports = scripted(endless);
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      nowMs += 1;
      return nowMs;
    });
    const dumping = dump(transports, firstBytes(), aborter.signal);
    setImmediate(() => aborter.abort(reason));
    await expect(dumping).rejects.toBe(reason);
    clock.mockRestore();
    expect(transports.log.closed).toBe(1);
  });
});
