import { describe, expect, test } from "vitest";
import { hex, type RecordedStep, readRecordings } from "../../wire/pfroute/recordings.ts";
import { interfaceNamed, newBareHost, newConfiguredHost, runCommand } from "./host-command.ts";
import type { Kernel } from "./kernel.ts";
import { type KernelSocket, newSocket } from "./kernel-socket.ts";
import { joinGroup, leaveGroup } from "./multicast-group.ts";
import { listRoutes } from "./route-listing.ts";
import { deleteEntry } from "./route-removal.ts";
import { writeRequest } from "./route-request.ts";
import { newRoutingSocketDouble } from "./routing-socket-double.ts";
import { scopedAddressOf } from "./socket-address.ts";
import { readSysctl, SysctlRefusal } from "./sysctl-answer.ts";

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** These begin before any address is configured. */
const bareHosts = new Set([
  "addr4_en0",
  "addr4_utun0",
  "addr6_en0",
  "if_updown",
  "life_add_noaddr",
]);

/** A host with the sockets of the recordings: A and B of root, C of anybody, I4 and I6 for one family each. */
function newStage(name: string): { kernel: Kernel; sockets: Map<string, KernelSocket> } {
  const kernel = bareHosts.has(name) ? newBareHost() : newConfiguredHost();
  const sockets = new Map([
    ["A", newSocket(501, true)],
    ["B", newSocket(502, true)],
    ["C", newSocket(700, false)],
    ["I4", newSocket(503, true, 2)],
    ["I6", newSocket(504, true, 30)],
  ]);
  for (const socket of sockets.values()) kernel.sockets.add(socket);
  return { kernel, sockets };
}

/** What the sockets received since the last call. */
function drain(
  sockets: ReadonlyMap<string, KernelSocket>,
  names: ReadonlySet<string>,
): Record<string, string[]> {
  const received = new Map<string, string[]>();
  for (const [name, socket] of sockets) {
    const messages = socket.queue.splice(0).map(toHex);
    if (names.has(name)) received.set(name, messages);
  }
  return Object.fromEntries(received);
}

/** What was recorded for each socket: one counts from the first step that mentions it, when it was opened. */
function recordedFor(step: RecordedStep, names: Set<string>): Record<string, readonly string[]> {
  const heard = typeof step.hex_out === "object" ? step.hex_out : {};
  for (const name of Object.keys(heard)) names.add(name);
  return { ...Object.fromEntries([...names].map((name) => [name, []])), ...heard };
}

const lengthOnly = 4; // NET_RT_STAT counts what the recorder itself looked up before

function sysctl(kernel: Kernel, step: RecordedStep): { errno: number; bytes: Uint8Array } {
  try {
    return { errno: 0, bytes: readSysctl(kernel, step.mib ?? []) };
  } catch (error) {
    if (!(error instanceof SysctlRefusal)) throw error;
    return { errno: error.errno, bytes: new Uint8Array() };
  }
}

function checkSysctl(kernel: Kernel, step: RecordedStep): void {
  const { errno, bytes } = sysctl(kernel, step);
  const tooSmall = step.errno === 12; // ENOMEM is the caller's buffer, which the port hides
  expect(tooSmall ? 12 : errno).toBe(step.errno);
  if (typeof step.hex_out === "string" && step.mib?.[4] !== lengthOnly && !tooSmall)
    expect(toHex(bytes)).toBe(step.hex_out);
  else if (!tooSmall) expect(bytes.length).toBe(step.len ?? 0);
}

/** Two socket options of the recordings, and where they stand in the model. */
function setOption(socket: KernelSocket | undefined, option: string, value: number): void {
  if (socket === undefined) return; // options of UDP sockets are not part of the model
  if (option === "0x40") socket.useLoopback = value !== 0;
  if (option === "0x1002") socket.receiveBuffer = value;
}

function getOption(socket: KernelSocket, option: string): number {
  if (option === "0x40") return socket.useLoopback ? 0x40 : 0;
  return option === "0x1002" ? socket.receiveBuffer : 0;
}

function littleEndian(value: number): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return toHex(new Uint8Array(view.buffer));
}

/**
 * A recorded table is whole, or only the rows of some destinations: those that it names, and that of the
 * request before it.
 */
function checkTable(kernel: Kernel, step: RecordedStep, before: RecordedStep | undefined): void {
  const rows = listRoutes(kernel, step.af ?? 0);
  const recorded = step.routes ?? [];
  const destinationOf = (row: string): string => row.split(" ")[0] ?? "";
  const named = new Set(recorded.map(destinationOf));
  if (before?.hex_in !== undefined) {
    const { bytes } = scopedAddressOf(hex(before.hex_in).subarray(92));
    if (bytes.length === 4) named.add(bytes.join("."));
  }
  const whole = recorded.some((row) => /^(127\.0\.0\.1|::1) /.test(row));
  const relevant = (row: string): boolean => whole || named.has(destinationOf(row));
  expect(rows.filter(relevant)).toEqual(recorded);
}

/** The recorder cleared the table before each case that begins by adding a default. */
function clearDefaults(kernel: Kernel, next: RecordedStep | undefined): void {
  if (next?.hex_in?.slice(6, 8) !== "01") return;
  for (const entry of [...kernel.tables[2].entries])
    if (entry.key.bytes.join(".") === "0.0.0.0") deleteEntry(kernel, entry);
}

/** `connect U4 SOCKADDR`, on sockets bound as the notes of the recording say. */
function connectErrno(kernel: Kernel, step: RecordedStep): number {
  const [, , sockaddr = ""] = step.cmd?.split(" ") ?? [];
  const { bytes } = scopedAddressOf(hex(sockaddr));
  const bound = /bound (en0|en1|utun0)/.exec(step.note ?? "")?.[1];
  const same = step.note?.startsWith("the same after a scoped en0") ? "en0" : undefined;
  const unbound = /not bound/.test(step.note ?? "");
  const name = unbound ? undefined : (bound ?? same);
  const index = name === undefined ? 0 : interfaceNamed(kernel, name).index;
  const text = bytes.length === 4 ? bytes.join(".") : toHex(bytes).replace(/(....)(?!$)/g, "$1:");
  return newRoutingSocketDouble(kernel).connectErrno(text, index);
}

/** `setsockoptx U 0 12 GROUP+INTERFACE`: joins (12) or leaves (13) a group on en0. */
function changeMembership(kernel: Kernel, step: RecordedStep): void {
  const [, , , option, value = ""] = step.cmd?.split(" ") ?? [];
  const bytes = hex(value);
  const group = bytes.length === 8 ? bytes.slice(0, 4) : bytes.slice(0, 16);
  const owner = interfaceNamed(kernel, "en0");
  if (option === "12") joinGroup(kernel, owner, group);
  else leaveGroup(kernel, owner, group);
}

function checkOverflow(
  kernel: Kernel,
  sockets: Map<string, KernelSocket>,
  step: RecordedStep,
): void {
  const template = hex(String(step.B_last));
  const [a, b] = [sockets.get("A"), sockets.get("B")];
  if (a === undefined || b === undefined) throw new Error("no sockets");
  for (let number = 0; number < (step.sent ?? 0); number += 1) {
    const request = template.slice();
    request[8] = (request[8] ?? 0) & ~0x40; // RTF_DONE is the kernel's
    request.set([203, 1, number], 96);
    writeRequest(kernel, a, request);
  }
  expect(a.queue.length).toBe(step.A_received);
  expect(b.queue.length).toBe(step.B_received);
  expect(toHex(b.queue.at(-1) ?? new Uint8Array()).slice(0, 24)).toBe(step.B_last?.slice(0, 24));
}

function replay(
  kernel: Kernel,
  sockets: Map<string, KernelSocket>,
  step: RecordedStep,
): number | null {
  const [, socketName = "", level = "", option = "", value = ""] = step.cmd?.split(" ") ?? [];
  switch (step.op) {
    case "send": {
      const socket = sockets.get(step.sock ?? "A");
      if (socket === undefined) throw new Error(`no socket ${step.sock}`);
      return writeRequest(kernel, socket, hex(step.hex_in ?? ""));
    }
    case "setsockopt":
      if (level === "0xffff") setOption(sockets.get(socketName), option, Number(value));
      return null;
    case "getsockopt": {
      const socket = level === "0xffff" ? sockets.get(socketName) : undefined;
      if (socket !== undefined) expect(littleEndian(getOption(socket, option))).toBe(step.hex);
      return null;
    }
    case "setsockoptx":
      changeMembership(kernel, step);
      return 0;
    case "shutdown": {
      const socket = sockets.get(socketName);
      if (socket !== undefined)
        Object.assign(socket, level === "0" ? { readShut: true } : { writeShut: true });
      return 0;
    }
    case "connect":
      return connectErrno(kernel, step);
    case "sysctl":
      if (step.mib !== undefined) checkSysctl(kernel, step);
      return null;
    case "overflow":
      checkOverflow(kernel, sockets, step);
      return null;
    case "note":
    case "table":
      return null;
    default:
      return runCommand(kernel, step.cmd ?? "");
  }
}

describe("the double does in a recorded scenario what XNU did, byte for byte", () => {
  test.each(readRecordings().map((recording) => [recording.name, recording] as const))(
    "%s",
    (name, { steps }) => {
      const { kernel, sockets } = newStage(name);
      const names = new Set<string>();
      for (const [at, step] of steps.entries()) {
        if (step.op === "note") clearDefaults(kernel, steps[at + 1]);
        if (step.op === "table") checkTable(kernel, step, steps[at - 1]);
        const errno = replay(kernel, sockets, step);
        const recorded = recordedFor(step, names);
        const received = drain(sockets, names);
        const where = { at, note: step.note };
        if (errno !== null) expect({ ...where, errno }).toEqual({ ...where, errno: step.errno });
        if (step.op !== "overflow")
          expect({ ...where, received }).toEqual({ ...where, received: recorded });
      }
    },
  );
});
