import fc from "fast-check";
import { expect, test } from "vitest";
import { AF, IFF, RTF } from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeDatagram, type RouteMessage } from "../../../src/wire/pfroute/message.ts";
import { encodeRequest, type RequestGateway } from "../../../src/wire/pfroute/request.ts";
import { Errno } from "./errno.ts";
import { addressBytes, newConfiguredHost, runCommand } from "./host-command.ts";
import { attachedInterfaces, type Kernel } from "./kernel.ts";
import { type KernelSocket, newSocket } from "./kernel-socket.ts";
import { hasFlag, isDefault, type RouteEntry } from "./route-entry.ts";
import { writeRequest } from "./route-request.ts";

const en0 = 2;
const en1 = 3;
const utun0 = 4;

interface Request {
  readonly action: "ADD" | "DELETE" | "CHANGE" | "GET";
  readonly destination: readonly [address: string, prefixLength: number | null];
  readonly gateway: string | number;
  /** Null for an unscoped one; 0 and 77 name no interface. */
  readonly scope: number | null;
  readonly tag: "PROTO1" | "PROTO2" | null;
  /** RTF_GATEWAY set where there is a neighbour, and not where there is none; or the other way. */
  readonly odd: boolean;
}

const destinations = [
  ["0.0.0.0", 0],
  ["0.0.0.0", 0],
  ["0.0.0.0", 1],
  ["128.0.0.0", 1],
  ["203.0.113.0", 24],
  ["203.0.113.9", null],
  ["192.0.2.0", 24],
  ["192.0.2.1", null],
  ["::", 0],
  ["::", 1],
  ["8000::", 1],
  ["2001:db8:77::", 48],
  ["2001:db8:77::9", null],
] as const;
const neighbours4 = ["192.0.2.1", "192.0.2.9", "198.51.100.1", "10.9.0.2", "203.0.113.9"];
const neighbours6 = ["2001:db8::1", "2001:db8:1::1", "fe80::1%2", "fe80::1%3", "2001:db8:77::9"];

const request: fc.Arbitrary<Request> = fc.constantFrom(...destinations).chain((destination) =>
  fc.record({
    action: fc.constantFrom("ADD", "ADD", "ADD", "DELETE", "CHANGE", "GET"),
    destination: fc.constant(destination),
    gateway: fc.constantFrom<string | number>(
      ...(destination[0].includes(":") ? neighbours6 : neighbours4),
      en0,
      en1,
      utun0,
    ),
    scope: fc.constantFrom(null, null, null, en0, en1, utun0, 0, 77),
    tag: fc.constantFrom(null, "PROTO1", "PROTO2"),
    odd: fc.nat(11).map((number) => number === 0),
  }),
);

const commands = [
  "addr en0 192.0.2.10/24",
  "addr en1 198.51.100.10/24",
  "addr utun0 10.9.0.1/32 10.9.0.2",
  "deladdr en0 192.0.2.10",
  "deladdr en1 198.51.100.10",
  "deladdr utun0 10.9.0.1",
  ...["en0", "en1", "utun0"].flatMap((name) => [`ifdown ${name}`, `ifup ${name}`]),
  "mtu en1 1400",
  "detach utun0",
];

const step = fc.oneof(
  { weight: 5, arbitrary: request },
  { weight: 1, arbitrary: fc.constantFrom(...commands) },
);

function gatewayOf(gateway: string | number): RequestGateway {
  if (typeof gateway === "number") return { kind: "link", interfaceIndex: gateway };
  const [text = "", zone = "0"] = gateway.split("%");
  const address = addressBytes(text);
  return address.length === 4
    ? { kind: "inet", address }
    : { kind: "inet6", address, interfaceIndex: Number(zone) };
}

function encode({ action, destination, gateway, scope, tag, odd }: Request): Uint8Array {
  const [text, prefixLength] = destination;
  const address = addressBytes(text);
  const isNeighbour = typeof gateway === "string";
  const bytes = encodeRequest(
    {
      action,
      destination: { family: address.length === 4 ? "inet" : "inet6", address, prefixLength },
      gateway: action === "GET" ? null : gatewayOf(gateway),
      scope: scope === 0 ? 1 : scope,
      flags: [
        "UP",
        "STATIC",
        ...(isNeighbour === odd ? [] : (["GATEWAY"] as const)),
        ...(prefixLength === null ? (["HOST"] as const) : []),
        ...(tag === null ? [] : [tag]),
      ],
      mtu: null,
      withInterface: false,
      pid: 0,
      seq: 1,
    },
    darwinFormat,
  );
  // Index 0 with a scope is what our encoder refuses to say.
  if (scope === 0) new DataView(bytes.buffer).setUint16(4, 0, true);
  return bytes;
}

const entriesOf = (kernel: Kernel): readonly RouteEntry[] =>
  [AF.INET, AF.INET6].flatMap((family) => kernel.tables[family].entries);

/** What a dump shows of an entry that somebody made, without what using others leaves on it. */
function wordsOf({ key, mask, gateway, interface: { name }, flags }: RouteEntry): string {
  const bits = flags & ~(RTF.ROUTER | RTF.LLINFO);
  return [key.bytes, key.scope, mask?.bytes, mask?.scope, gateway, name, bits].join(" ");
}

const made = (kernel: Kernel): readonly string[] =>
  entriesOf(kernel)
    .filter((entry) => !hasFlag(entry, RTF.WASCLONED))
    .map(wordsOf);

function checkTables(kernel: Kernel): void {
  const entries = entriesOf(kernel);
  const known = new Set([...entries, ...kernel.trash]);
  const names = entries.map(({ key, mask }) =>
    [key.family, key.bytes, key.scope, mask?.bytes, mask?.scope].join(" "),
  );
  expect(new Set(names).size, "one of each key and mask").toBe(names.length);
  for (const entry of entries) {
    expect(hasFlag(entry, RTF.UP) && !hasFlag(entry, RTF.CONDEMNED)).toBe(true);
    expect(hasFlag(entry, RTF.IFSCOPE)).toBe(entry.key.scope !== 0);
    expect(entry.gatewayRoute).not.toBe(entry);
    for (const other of [entry.parent, entry.gatewayRoute])
      expect(other === null || known.has(other), "refers to what is there").toBe(true);
    if (hasFlag(entry, RTF.GLOBAL))
      expect(isDefault(entry.key) || entry.parent !== null).toBe(true);
  }
  for (const entry of known) {
    const referrers = [...known].filter((one) => one.parent === entry).length;
    const through = [...known].filter((one) => one.gatewayRoute === entry).length;
    // Neighbour discovery holds the routes of the prefixes that it knows.
    const held = entry.references - referrers - through;
    expect(held === 0 || (held === 1 && entry.key.family === AF.INET6)).toBe(true);
  }
  for (const family of [AF.INET, AF.INET6] as const) {
    const scope = kernel.primaryScope[family];
    const unscoped = kernel.tables[family].entries.filter(
      (entry) => isDefault(entry.key) && !hasFlag(entry, RTF.IFSCOPE),
    );
    if (scope !== 0) expect(unscoped.map((entry) => entry.interface.index)).toContain(scope);
  }
}

function answerOf(socket: KernelSocket): RouteMessage | null {
  const last = socket.queue.at(-1);
  socket.queue.length = 0;
  const message = last === undefined ? null : decodeDatagram(last, darwinFormat);
  return message?.kind === "route" ? message : null;
}

function checkRequest(kernel: Kernel, socket: KernelSocket, given: Request): void {
  const before = made(kernel);
  const sender = encode(given);
  const errno = writeRequest(kernel, socket, sender);
  const answer = answerOf(socket);
  expect(answer).toMatchObject({ errno, pid: socket.pid, seq: 1 });
  expect(((answer?.flags ?? 0) & RTF.DONE) !== 0).toBe(errno === Errno.OK);
  const after = made(kernel);
  const gone = before.filter((one) => !after.includes(one));
  const come = after.filter((one) => !before.includes(one));
  if (errno !== Errno.OK || given.action === "GET") {
    // A host route that shall go by itself as gateway takes the one there with it, and a host route that cannot be
    // added the neighbour in its way.
    const isHost = given.destination[1] === null;
    expect(come).toEqual([]);
    if (!isHost) expect(gone).toEqual([]);
    return;
  }
  const isHost = given.destination[1] === null;
  if (given.action === "ADD") {
    expect(come.length).toBeLessThanOrEqual(1);
    if (!isHost) expect([gone.length, come.length]).toEqual([0, 1]);
    // Whatever its gateway, a second one of that key and mask is refused, unless it is a neighbour.
    const again = writeRequest(kernel, socket, sender);
    socket.queue.length = 0;
    if (!isHost) expect([Errno.EEXIST, 48, 51]).toContain(again);
  } else if (given.action === "DELETE") {
    const isClone = ((answer?.flags ?? 0) & RTF.WASCLONED) !== 0;
    expect([gone.length, come.length]).toEqual([isClone ? 0 : 1, 0]);
    const isScoped = given.scope !== null && given.scope !== 0;
    expect(((answer?.flags ?? 0) & RTF.IFSCOPE) !== 0).toBe(isScoped);
    expect(writeRequest(kernel, socket, sender)).toBe(Errno.ESRCH);
    socket.queue.length = 0;
  } else expect(come.length).toBeLessThanOrEqual(1);
}

function checkCommand(kernel: Kernel, socket: KernelSocket, command: string): void {
  const [verb = "", name = ""] = command.split(" ");
  const owner = attachedInterfaces(kernel).find((each) => each.name === name);
  if (owner === undefined) return;
  const wasUp = (owner.flags & IFF.UP) !== 0;
  const others = (): readonly string[] =>
    entriesOf(kernel)
      .filter((entry) => entry.interface !== owner && entry.address.interface !== owner)
      .filter((entry) => !hasFlag(entry, RTF.WASCLONED) && entry.gatewayRoute === null)
      .map(wordsOf);
  const before = others();
  runCommand(kernel, command);
  const told = socket.queue.map((bytes) => bytes[3]);
  socket.queue.length = 0;
  if (verb === "ifdown" && wasUp) {
    const left = kernel.tables[AF.INET].entries.filter(
      ({ address }) => owner.addresses.includes(address) && address.interface === owner,
    );
    const connected = owner.addresses.some((each) => each.family === AF.INET && each.flags & 1);
    expect(left.filter(() => connected)).toEqual([]);
    expect(told).toContain(14); // RTM_IFINFO
  }
  if (verb === "mtu") expect(others()).toEqual(before);
}

test("whatever is asked of the double, and happens to it: one of each key, refusals that change nothing, deletes that take one", () => {
  const reached = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const kernel = newConfiguredHost();
      const socket = newSocket(501, true);
      kernel.sockets.add(socket);
      for (const each of steps) {
        if (typeof each === "string") checkCommand(kernel, socket, each);
        else {
          checkRequest(kernel, socket, each);
          reached.set(each.action, (reached.get(each.action) ?? 0) + 1);
        }
        checkTables(kernel);
      }
    }),
    { numRuns: Number(process.env.INVARIANT_RUNS ?? 60) },
  );
  expect(reached.size).toBe(4);
}, 120_000);
