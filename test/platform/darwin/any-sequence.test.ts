import fc from "fast-check";
import { expect, test } from "vitest";
import type { RoutingSocket } from "../../../src/platform/darwin/routing-socket-port.ts";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { NET_RT, RTM } from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeDatagram, type RoutingMessage } from "../../../src/wire/pfroute/message.ts";
import { decodeBuffer } from "../../../src/wire/pfroute/message-buffer.ts";
import { routeTableName } from "../../../src/wire/pfroute/sysctl-name.ts";
import { recordedRequests } from "../../wire/pfroute/recordings.ts";
import { KernelPanic } from "./route-request.ts";
import { newRoutingSocketDouble, type RoutingSocketDouble } from "./routing-socket-double.ts";

function open({ routing }: RoutingSocketDouble): RoutingSocket {
  const options = { receiveBufferBytes: null, useLoopback: true, onReadable: () => undefined };
  return routing.open(options);
}

function drain(socket: RoutingSocket): RoutingMessage[] {
  const messages: RoutingMessage[] = [];
  for (let bytes = socket.receive(); bytes !== null; bytes = socket.receive())
    messages.push(decodeDatagram(bytes, darwinFormat));
  return messages;
}

const commands = [
  "addr en0 192.0.2.10/24",
  "addr en1 198.51.100.10/24",
  "addr utun0 10.9.0.1/32 10.9.0.2",
  "addr en0 192.0.2.11/32",
  "addr en1 2001:db8:1::11/64",
  "ifup en0",
  "ifdown en0",
  "ifdown en1",
  "ifup en1",
  "ifdown utun0",
  "ifup utun0",
  "mtu en1 1400",
];

test("newRoutingSocketDouble() answers any sequence of requests with messages that decode", () => {
  // The write of a silent get succeeds even when its answer says ESRCH.
  const requests = recordedRequests().filter(
    ({ where, bytes }) =>
      !/^(malformed|spoof)/.test(where) &&
      bytes[3] !== RTM.GET_SILENT &&
      darwinFormat.layouts.has(bytes[3] ?? 0),
  );
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...requests.map(({ bytes }) => bytes)) },
    { weight: 1, arbitrary: fc.constantFrom(...commands) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const double = newRoutingSocketDouble();
      const socket = open(double);
      for (const each of steps) {
        if (typeof each === "string") double.run(each);
        else {
          const errno = socket.send(each);
          expect(drain(socket).at(-1)).toMatchObject({ errno, seq: expect.any(Number) });
        }
        drain(socket);
      }
      for (const operation of [NET_RT.DUMP2, NET_RT.IFLIST2]) {
        const answer = double.sysctl.read(routeTableName(0, operation, 0));
        expect(decodeBuffer(answer, darwinFormat).errors).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
});

test("newRoutingSocketDouble() survives any bytes, and nothing but a DecodeError comes of its answers", () => {
  const double = newRoutingSocketDouble();
  const socket = open(double);
  const mutated = fc
    .tuple(
      fc.constantFrom(...recordedRequests().map(({ bytes }) => bytes)),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    )
    .map(([bytes, changes]) => {
      const copy = bytes.slice();
      for (const [at, value] of changes) copy[at % Math.max(1, copy.length)] = value;
      return copy;
    });
  fc.assert(
    fc.property(mutated, (bytes) => {
      try {
        socket.send(bytes);
        drain(socket);
      } catch (error) {
        if (!(error instanceof DecodeError) && !(error instanceof KernelPanic)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
