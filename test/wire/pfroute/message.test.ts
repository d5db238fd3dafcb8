import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { AF, RTF, RTM } from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import {
  decodeDatagram,
  decodeMessage,
  peekMessageType,
} from "../../../src/wire/pfroute/message.ts";
import { decodeBuffer } from "../../../src/wire/pfroute/message-buffer.ts";
import { hex, recordedDatagrams, recordedDumps, recordedRequests } from "./recordings.ts";

const decode = (bytes: Uint8Array) => decodeDatagram(bytes, darwinFormat);

/** The DecodeError that the bytes give, or null; any other error passes through. */
function decodeErrorOf(bytes: Uint8Array): DecodeError | null {
  try {
    decode(bytes);
    return null;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

// The kernel broadcasts what it refuses, so a reader meets malformed requests too. These scenarios send them
// on purpose; nothing else that was recorded may fail.
const malformedOnPurpose = /^(malformed|spoof)\[/;

test("decodeDatagram() reads every recorded datagram but echoes of malformed requests", () => {
  const failed = recordedDatagrams()
    .filter(({ bytes }) => decodeErrorOf(bytes) !== null)
    .map(({ where }) => where);
  expect(recordedDatagrams().length).toBeGreaterThan(1900);
  expect(failed.filter((where) => !malformedOnPurpose.test(where))).toEqual([]);
});

test("decodeDatagram() gives a DecodeError for every recorded datagram that it does not read", () => {
  const codes = recordedDatagrams()
    .filter(({ where }) => malformedOnPurpose.test(where))
    .map(({ bytes }) => decodeErrorOf(bytes)?.code);
  expect(codes).toContain("length-mismatch");
  expect(codes).toContain("truncated");
  expect(codes).toContain("malformed");
});

test("decodeDatagram() rejects every recorded datagram whose length is not its rtm_msglen", () => {
  const lying = recordedDatagrams().filter(
    ({ bytes }) => bytes.length !== (bytes[0] ?? 0) + (bytes[1] ?? 0) * 256,
  );
  expect(lying.length).toBeGreaterThanOrEqual(8);
  for (const { bytes } of lying) expect(decodeErrorOf(bytes)?.code).toBe("length-mismatch");
});

// xnu-11417.121.6, notice of the connected route of en0 on SIOCAIFADDR 192.0.2.10/24: 135 bytes
const connectedRoute = hex(`
  8700 05 01 0200 0000  01010000 07000000  00000000 00000000 00000000 00000000 00000000
  ${"00".repeat(56)}
  10 02 0000 c0000200 0000000000000000     # RTAX_DST 192.0.2.0
  14 12 0200 06 00 00 00 ${"00".repeat(12)}  # RTAX_GATEWAY link#2
  07 ff ffff ffffff                        # RTAX_NETMASK, not padded
`);

test("decodeDatagram() reads a last sockaddr that is not padded", () => {
  expect(connectedRoute.length).toBe(135);
  expect(decode(connectedRoute)).toMatchObject({
    kind: "route",
    type: RTM.ADD,
    index: 2,
    flags: RTF.UP | RTF.CLONING,
    pid: 0,
    seq: 0,
    errno: 0,
    dst: { kind: "inet", address: hex("c0000200") },
    gateway: { kind: "link", index: 2 },
    prefixLength: 24,
  });
});

test("decodeDatagram() reads a last sockaddr of length 0, which has no bytes", () => {
  // RTM_DELADDR of fd00:9::1 on utun0, whose broadcast address is empty
  const deladdr = recordedDatagrams().find(
    ({ where, bytes }) =>
      where.startsWith("life_deladdr") &&
      bytes[3] === RTM.DELADDR &&
      bytes[4] === 0xb4 &&
      bytes.length === 96,
  );
  if (deladdr === undefined) throw new Error("not recorded");
  expect(decode(deladdr.bytes)).toMatchObject({
    kind: "address",
    index: 4,
    prefixLength: 64,
    ifa: { kind: "inet6", address: hex("fd000009000000000000000000000001") },
    ifp: { kind: "link", name: "utun0" },
    brd: null,
  });
});

test("decodeDatagram() reads an RTM_IFINFO without any sockaddr", () => {
  const ifinfo = recordedDatagrams().find(
    ({ where, bytes }) => where === "if_updown[5]" && bytes[3] === RTM.IFINFO,
  );
  if (ifinfo === undefined) throw new Error("not recorded");
  expect(decode(ifinfo.bytes)).toEqual({
    kind: "interface",
    type: RTM.IFINFO,
    index: 2,
    flags: 0x8863,
    interfaceType: 6,
    mtu: 1400,
    ifp: null,
  });
});

test("decodeDatagram() keeps a message of an unknown type", () => {
  const bytes = hex("0800 05 63 01020304");
  expect(decode(bytes)).toEqual({ kind: "unknown", type: 0x63, bytes });
});

test("peekMessageType() reads the type alone", () => {
  expect(peekMessageType(hex("5c00 05 07"))).toBe(RTM.MISS);
  expect(peekMessageType(hex("5c00 05"))).toBeNull();
});

test("decodeMessage() passes over the gateway that XNU leaks into an interface list", () => {
  // NET_RT_IFLIST2 of AF_INET: en1 carries the link-layer group of en0 before its own name
  const list = recordedDumps().find(
    ({ bytes }) => bytes[3] === RTM.IFINFO2 && bytes.length === 1304,
  );
  const { messages } = decodeBuffer(list?.bytes ?? new Uint8Array(), darwinFormat);
  const names = messages.flatMap((each) =>
    each.kind === "interface" && each.ifp?.kind === "link" ? [each.ifp.name] : [],
  );
  expect(names).toEqual(["lo0", "en0", "en1", "utun0"]);
});

test("decodeDatagram() rejects another version", () => {
  const bytes = connectedRoute.slice();
  bytes[2] = 4;
  expect(decodeErrorOf(bytes)?.code).toBe("malformed");
});

test("decodeMessage() reads every message of every recorded sysctl answer", () => {
  const answers = recordedDumps().filter(({ operation }) => operation !== 4 && operation !== 5);
  const kinds = new Set<string>();
  for (const { bytes, where } of answers) {
    const { messages, errors } = decodeBuffer(bytes, darwinFormat);
    expect(errors, where).toEqual([]);
    for (const message of messages) kinds.add(message.kind);
  }
  expect([...kinds].sort()).toEqual(["address", "interface", "multicast", "route"]);
});

test("decodeMessage() gives every route of every recorded dump a destination and a prefix length", () => {
  for (const { bytes } of recordedDumps().filter(({ operation }) => operation === 7))
    for (const message of decodeBuffer(bytes, darwinFormat).messages) {
      if (message.kind !== "route") throw new Error(`${message.kind} in a table`);
      expect(message.dst?.kind).toMatch(/^inet6?$/);
      expect(message.prefixLength).not.toBeNull();
      expect(message.referenceCount).not.toBeNull();
      expect(message.ifa).not.toBeNull();
    }
});

test("decodeMessage() takes the family of a mask from the destination", () => {
  // RTM_DELETE reply of the scoped ::/0 of en0: the mask's family byte is 0xff, its length 28
  const reply = recordedDatagrams().find(
    ({ bytes }) =>
      bytes.length === 176 &&
      bytes[3] === RTM.DELETE &&
      bytes[101 - 8] === AF.INET6 &&
      bytes[149] === 0xff,
  );
  if (reply === undefined) throw new Error("not recorded");
  expect(decode(reply.bytes)).toMatchObject({ prefixLength: 0 });
});

const samples = [...recordedDatagrams(), ...recordedRequests()].filter((_, at) => at % 7 === 0);

test("decodeDatagram() lets nothing but a DecodeError escape: any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeErrorOf(bytes);
    }),
  );
});

test("decodeDatagram() lets nothing but a DecodeError escape: any bytes of an honest length and version", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 300 }),
      fc.integer({ min: 0, max: 24 }),
      (bytes, type) => {
        bytes.set([bytes.length & 0xff, bytes.length >> 8, 5, type]);
        decodeErrorOf(bytes);
      },
    ),
    { numRuns: 2000 },
  );
});

test("decodeDatagram() lets nothing but a DecodeError escape: recorded messages cut and with bytes changed", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.nat(),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      ({ bytes }, cut, changes) => {
        const broken = bytes.slice(0, 4 + (cut % Math.max(1, bytes.length - 3)));
        for (const [at, value] of changes) broken[at % broken.length] = value;
        if (broken.length >= 4) broken.set([broken.length & 0xff, broken.length >> 8, 5]);
        decodeErrorOf(broken);
      },
    ),
    { numRuns: 2000 },
  );
});

test("decodeMessage() never reads past the end of its bytes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.integer({ min: 0, max: 255 }),
      ({ bytes }, filler) => {
        const roomy = new Uint8Array(bytes.length + 64).fill(filler);
        roomy.set(bytes);
        const outcome = (message: Uint8Array) => {
          try {
            return decodeMessage(message, darwinFormat);
          } catch (error) {
            return String(error);
          }
        };
        expect(outcome(roomy.subarray(0, bytes.length))).toEqual(outcome(bytes));
      },
    ),
  );
});
