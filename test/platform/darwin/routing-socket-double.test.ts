import { describe, expect, test } from "vitest";
import type { RoutingSocket } from "../../../src/platform/darwin/routing-socket-port.ts";
import { AF, NET_RT, RTF, RTM } from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeDatagram, type RoutingMessage } from "../../../src/wire/pfroute/message.ts";
import { encodeRequest, type RouteRequest } from "../../../src/wire/pfroute/request.ts";
import { visitShortRoutes } from "../../../src/wire/pfroute/short-route.ts";
import { routeTableName } from "../../../src/wire/pfroute/sysctl-name.ts";
import { hex } from "../../wire/pfroute/recordings.ts";
import { Errno } from "./errno.ts";
import { KernelPanic } from "./route-request.ts";
import { newRoutingSocketDouble, type RoutingSocketDouble } from "./routing-socket-double.ts";

const en0 = 2;
const en1 = 3;
const utun0 = 4;

function open(double: RoutingSocketDouble, port = double.routing): RoutingSocket {
  return port.open({ receiveBufferBytes: null, useLoopback: true, onReadable: () => undefined });
}

function drain(socket: RoutingSocket): RoutingMessage[] {
  const messages: RoutingMessage[] = [];
  for (let bytes = socket.receive(); bytes !== null; bytes = socket.receive())
    messages.push(decodeDatagram(bytes, darwinFormat));
  return messages;
}

/** A default over an interface by link, or by its router where it has one. */
function defaultRoute(
  action: RouteRequest["action"],
  index: number,
  scope: number | null,
): Uint8Array {
  const routers = new Map([
    [en0, "c0000201"],
    [en1, "c6336401"],
  ]);
  const router = routers.get(index);
  return encodeRequest(
    {
      action,
      destination: { family: "inet", address: hex("00000000"), prefixLength: 0 },
      gateway:
        router === undefined
          ? { kind: "link", interfaceIndex: index }
          : { kind: "inet", address: hex(router) },
      scope,
      flags: router === undefined ? ["UP", "STATIC"] : ["UP", "GATEWAY", "STATIC"],
      mtu: null,
      withInterface: false,
      pid: 0,
      seq: 1,
    },
    darwinFormat,
  );
}

/** Exit interface of each default, scoped ones with an s: `2 s3`. */
function defaults(double: RoutingSocketDouble): string {
  const found: string[] = [];
  const dump = double.sysctl.read(routeTableName(AF.INET, NET_RT.DUMP2, 0));
  visitShortRoutes(dump, darwinFormat, 0, ({ index, flags }) =>
    found.push(`${(flags & RTF.IFSCOPE) === 0 ? "" : "s"}${index}`),
  );
  return found.join(" ");
}

describe("newRoutingSocketDouble() does what surprises on XNU:", () => {
  test("a second unscoped default is EEXIST, a delete that names another gateway removes the first", () => {
    const double = newRoutingSocketDouble();
    const socket = open(double);
    expect(socket.send(defaultRoute("ADD", en0, null))).toBe(Errno.OK);
    expect(socket.send(defaultRoute("ADD", en1, null))).toBe(Errno.EEXIST);
    expect(socket.send(defaultRoute("DELETE", en1, null))).toBe(Errno.OK);
    expect(defaults(double)).toBe("");
  });

  test("scoped defaults stand beside the unscoped one, one on each interface", () => {
    const double = newRoutingSocketDouble();
    const socket = open(double);
    for (const [index, scope] of [
      [en0, null],
      [en0, en0],
      [en1, en1],
      [utun0, utun0],
    ] as const)
      expect(socket.send(defaultRoute("ADD", index, scope))).toBe(Errno.OK);
    expect(socket.send(defaultRoute("ADD", en0, en0))).toBe(Errno.EEXIST);
    expect(defaults(double)).toBe("2 s2 s3 s4");
    expect(socket.send(defaultRoute("DELETE", en0, null))).toBe(Errno.OK);
    expect(defaults(double)).toBe("s2 s3 s4");
  });

  test("RTF_IFSCOPE with index 0 adds an unscoped route and answers success", () => {
    const double = newRoutingSocketDouble();
    const request = defaultRoute("ADD", en0, en0);
    request[4] = 0;
    expect(open(double).send(request)).toBe(Errno.OK);
    expect(defaults(double)).toBe("2");
  });

  test("an unscoped change hits the scoped default of the primary interface", () => {
    const double = newRoutingSocketDouble();
    const socket = open(double);
    for (const scope of [null, en0]) socket.send(defaultRoute("ADD", en0, scope));
    expect(socket.send(defaultRoute("CHANGE", utun0, null))).toBe(Errno.OK);
    expect(defaults(double)).toBe("2 s4");
  });

  test("taking an interface down removes its IPv4 routes, and only the connected one is announced", () => {
    const double = newRoutingSocketDouble();
    const socket = open(double);
    for (const scope of [null, en0]) socket.send(defaultRoute("ADD", en0, scope));
    drain(socket);
    double.run("ifdown en0");
    expect(defaults(double)).toBe("");
    expect(drain(socket).map(({ type }) => type)).toEqual([RTM.DELETE, RTM.DELADDR, RTM.IFINFO]);
    double.run("ifup en0");
    expect(defaults(double)).toBe("");
  });

  test("removing an address leaves the routes through it, carrier changes nothing and says nothing", () => {
    const double = newRoutingSocketDouble();
    const socket = open(double);
    socket.send(defaultRoute("ADD", en0, null));
    double.run("deladdr en0 192.0.2.10");
    expect(defaults(double)).toBe("2");
    drain(socket);
    double.run("link en0 0");
    expect(drain(socket)).toEqual([]);
  });

  test("with a split on a tunnel a bound socket needs a scoped default", () => {
    const double = newRoutingSocketDouble();
    const socket = open(double);
    socket.send(defaultRoute("ADD", en0, null));
    expect(double.connectErrno("203.0.113.5", en0)).toBe(Errno.OK);
    for (const half of ["00000000", "80000000"]) {
      const address = hex(half);
      const base = { address, family: "inet", prefixLength: 1 } as const;
      const gateway = { kind: "link", interfaceIndex: utun0 } as const;
      const request = { action: "ADD", gateway, scope: null, flags: ["UP", "STATIC"] } as const;
      const rest = { mtu: null, withInterface: false, pid: 0, seq: 2 };
      socket.send(encodeRequest({ ...request, ...rest, destination: base }, darwinFormat));
    }
    expect(double.connectErrno("203.0.113.5", 0)).toBe(Errno.OK);
    expect(double.connectErrno("203.0.113.5", en0)).toBe(Errno.ENETUNREACH);
    socket.send(defaultRoute("ADD", en0, en0));
    expect(double.connectErrno("203.0.113.5", en0)).toBe(Errno.OK);
  });

  test("an add with RTF_DEAD stops the kernel", () => {
    const request = defaultRoute("ADD", en0, null);
    request[11] = 0x20;
    expect(() => open(newRoutingSocketDouble()).send(request)).toThrow(KernelPanic);
  });

  test("an unprivileged process cannot change routes, but can put bytes into every socket", () => {
    const double = newRoutingSocketDouble();
    const ours = open(double);
    const theirs = open(double, double.asProcess(700, false));
    expect(theirs.send(defaultRoute("ADD", en0, null))).toBe(Errno.EPERM);
    const forged = defaultRoute("DELETE", en0, null);
    forged[0] = (forged[0] ?? 0) + 4;
    expect(theirs.send(forged)).toBe(Errno.EINVAL);
    expect(ours.receive()).not.toBeNull(); // the refused add, with its errno
    expect(ours.receive()).toEqual(forged);
  });
});

describe("newRoutingSocketDouble() loses messages without a sign:", () => {
  test("what does not fit the receive buffer; later ones arrive", () => {
    const double = newRoutingSocketDouble();
    const sender = open(double, double.asProcess(502, true));
    const socket = double.routing.open({
      receiveBufferBytes: 2048,
      useLoopback: true,
      onReadable: () => undefined,
    });
    for (let count = 0; count < 30; count += 1) sender.send(defaultRoute("GET", en0, null));
    expect(drain(socket).length).toBe(14);
    sender.send(defaultRoute("GET", en0, null));
    expect(drain(socket).length).toBe(1);
  });

  test("all of them while it is deaf, but a socket opened then hears", () => {
    const double = newRoutingSocketDouble();
    const before = open(double);
    double.deafen();
    const after = open(double);
    double.run("mtu en0 1400");
    expect(drain(before)).toEqual([]);
    expect(drain(after).length).toBe(1);
    double.undeafen();
    double.run("mtu en0 1500");
    expect(drain(before).length).toBe(1);
  });

  test("its own answers to a socket that does not want them", () => {
    const double = newRoutingSocketDouble();
    const other = open(double);
    const options = { receiveBufferBytes: null, useLoopback: false, onReadable: () => undefined };
    const socket = double.routing.open(options);
    socket.send(defaultRoute("ADD", en0, null));
    expect(drain(socket)).toEqual([]);
    expect(drain(other).length).toBe(1);
  });
});

test("newRoutingSocketDouble() wakes a reader after the call that caused the message, and never once closed", async () => {
  const double = newRoutingSocketDouble();
  let wakes = 0;
  const onReadable = (): void => {
    wakes += 1;
  };
  const socket = double.routing.open({ receiveBufferBytes: null, useLoopback: true, onReadable });
  double.run("mtu en0 1400");
  expect(wakes).toBe(0);
  await Promise.resolve();
  expect(wakes).toBe(1);
  socket.receive();
  double.run("mtu en0 1400");
  socket.close();
  await Promise.resolve();
  expect(wakes).toBe(1);
});
