import { RTAX, RTF, RTM } from "../../../src/wire/pfroute/constants.ts";
import { addressForRoute, addressOfInterface } from "./address-choice.ts";
import { Errno } from "./errno.ts";
import {
  attachedInterfaces,
  type Interface,
  type InterfaceAddress,
  type Kernel,
} from "./kernel.ts";
import { broadcast, deliver, type KernelSocket } from "./kernel-socket.ts";
import { forgetLink, resolveLink } from "./link-resolution.ts";
import {
  draftMessage,
  entrySockaddrs,
  routeHeaderLength,
  writeMetrics,
} from "./message-encoding.ts";
import {
  findSockaddrs,
  isAcceptableGenmask,
  normalizeScopes,
  normalizeSockaddrs,
  type RequestSockaddrs,
} from "./request-message.ts";
import { addRoute, notePrimary, setGateway } from "./route-change.ts";
import { hasFlag, type RouteEntry, visibleFlags } from "./route-entry.ts";
import { lookUpRoute } from "./route-lookup.ts";
import { changeMetrics } from "./route-metrics.ts";
import { deleteRoute, dropStaleClones } from "./route-removal.ts";
import {
  equalBytes,
  familyOf,
  isTableFamily,
  scopedAddressOf,
  sockaddrOf,
  withoutScope,
} from "./socket-address.ts";

const at = { type: 3, index: 4, flags: 8, addrs: 12, pid: 16, errno: 24 } as const;
const shortestWrite = 8;
const lockedMtu = 1;

/** The kernel would stop here: an RTM_ADD with RTF_DEAD fails its own check. */
export class KernelPanic extends Error {
  override readonly name = "KernelPanic";
}

/** What a request came to: its errno, and the answer when that is not the request itself. */
interface Outcome {
  readonly errno: number;
  readonly reply: Uint8Array | null;
  /** The family by which sockets with a protocol are chosen; 0 reaches none of those. */
  readonly family: number;
}

const done: Outcome = { errno: Errno.OK, reply: null, family: 0 };
const refuse = (errno: number): Outcome => ({ errno, reply: null, family: 0 });

/**
 * A write to a routing socket: does what it says, and gives the answer to every socket, also when it is a
 * refusal.
 *
 * @returns the errno of the write
 */
export function writeRequest(kernel: Kernel, socket: KernelSocket, request: Uint8Array): number {
  if (socket.writeShut) return Errno.EPIPE;
  if (request.length < shortestWrite) return Errno.ENOBUFS;
  const message = request.slice();
  const view = new DataView(message.buffer);
  if (message.length < routeHeaderLength || view.getUint16(0, true) !== message.length) {
    answer(kernel, socket, message, 0);
    return Errno.EINVAL;
  }
  const silent = message[2] === 5 && message[at.type] === RTM.GET_SILENT && socket.useLoopback;
  if (silent) message[at.type] = RTM.GET;
  const { errno, reply, family } = perform(kernel, socket, message, view);
  const echo = reply ?? message;
  const echoView = new DataView(echo.buffer);
  if (errno === Errno.OK)
    echoView.setUint32(at.flags, echoView.getUint32(at.flags, true) | RTF.DONE, true);
  else echoView.setUint32(at.errno, errno, true);
  if (silent) {
    deliver(socket, echo);
    return Errno.OK;
  }
  answer(kernel, socket, echo, family);
  return errno;
}

function answer(kernel: Kernel, socket: KernelSocket, bytes: Uint8Array, family: number): void {
  broadcast(kernel, bytes, family, socket.useLoopback ? null : socket);
}

function perform(
  kernel: Kernel,
  socket: KernelSocket,
  message: Uint8Array,
  view: DataView,
): Outcome {
  if (message[2] !== 5) return refuse(Errno.EPROTONOSUPPORT);
  const type = message[at.type] ?? 0;
  if (type === RTM.GET_SILENT) return refuse(Errno.EINVAL); // only heard with SO_USELOOPBACK
  if (type !== RTM.GET && !socket.privileged) return refuse(Errno.EPERM);
  view.setInt32(at.pid, socket.pid, true);
  const sockaddrs = findSockaddrs(message, routeHeaderLength);
  if (typeof sockaddrs === "number") return refuse(sockaddrs);
  const shortened = (sockaddrs[RTAX.DST]?.length ?? 16) !== 16;
  const malformed = normalizeSockaddrs(sockaddrs);
  if (malformed !== Errno.OK) return refuse(malformed);
  const family = familyOf(sockaddrs[RTAX.DST] ?? new Uint8Array());
  const genmask = sockaddrs[RTAX.GENMASK] ?? null;
  if (genmask !== null && !isAcceptableGenmask(genmask)) return refuse(Errno.ENOBUFS);
  const flags = view.getUint32(at.flags, true);
  const scoped = (flags & RTF.IFSCOPE) !== 0;
  if (scoped && !isTableFamily(family)) return refuse(Errno.EINVAL);
  if ((flags & RTF.PROXY) !== 0) return refuse(Errno.EINVAL);
  normalizeScopes(sockaddrs);
  const scope = scoped ? view.getUint16(at.index, true) : 0;
  const outcome = dispatch(kernel, type, message, sockaddrs, flags, scope);
  return shortened && isTableFamily(family) && outcome.family === 0
    ? { ...outcome, family }
    : outcome;
}

function dispatch(
  kernel: Kernel,
  type: number,
  message: Uint8Array,
  sockaddrs: RequestSockaddrs,
  flags: number,
  scope: number,
): Outcome {
  switch (type) {
    case RTM.ADD:
      return add(kernel, message, sockaddrs, flags, scope);
    case RTM.DELETE:
      return remove(kernel, message, sockaddrs, flags, scope);
    case RTM.GET:
    case RTM.CHANGE:
    case RTM.LOCK:
      return consult(kernel, type, message, sockaddrs, scope);
    default:
      return refuse(Errno.EOPNOTSUPP);
  }
}

function add(
  kernel: Kernel,
  message: Uint8Array,
  sockaddrs: RequestSockaddrs,
  flags: number,
  scope: number,
): Outcome {
  const destination = sockaddrs[RTAX.DST] ?? new Uint8Array();
  const gateway = sockaddrs[RTAX.GATEWAY] ?? null;
  if (gateway === null) return refuse(Errno.EINVAL);
  if (!isTableFamily(familyOf(destination))) return refuse(Errno.ESRCH);
  const netmask = sockaddrs[RTAX.NETMASK] ?? null;
  const key = scopedAddressOf(destination);
  const entry = addRoute(kernel, key, gateway, netmask, flags, scope);
  if (typeof entry === "number") return refuse(entry);
  if (hasFlag(entry, RTF.DEAD)) throw new KernelPanic("RTM_ADD with RTF_DEAD");
  chooseInterface(kernel, entry, sockaddrs, gateway, scope);
  changeMetrics(entry, message);
  entry.genmask = sockaddrs[RTAX.GENMASK]?.slice() ?? null;
  return done;
}

function remove(
  kernel: Kernel,
  message: Uint8Array,
  sockaddrs: RequestSockaddrs,
  flags: number,
  scope: number,
): Outcome {
  const destination = sockaddrs[RTAX.DST] ?? new Uint8Array();
  if (!isTableFamily(familyOf(destination))) return refuse(Errno.ESRCH);
  const netmask = sockaddrs[RTAX.NETMASK] ?? null;
  const entry = deleteRoute(kernel, scopedAddressOf(destination), netmask, flags, scope);
  return entry === null ? refuse(Errno.ESRCH) : report(message, entry);
}

function consult(
  kernel: Kernel,
  type: number,
  message: Uint8Array,
  sockaddrs: RequestSockaddrs,
  scope: number,
): Outcome {
  const destination = sockaddrs[RTAX.DST] ?? new Uint8Array();
  if (!isTableFamily(familyOf(destination))) return refuse(Errno.EAFNOSUPPORT);
  const netmask = sockaddrs[RTAX.NETMASK] ?? null;
  const entry = lookUpRoute(kernel, scopedAddressOf(destination), netmask, scope);
  if (entry === null) return refuse(Errno.ESRCH);
  if (type === RTM.GET) return report(message, entry);
  if (type === RTM.CHANGE) {
    const gateway = sockaddrs[RTAX.GATEWAY] ?? null;
    const refused = gateway === null ? 0 : setGateway(kernel, entry, entry.key, gateway);
    if (refused !== Errno.OK) return refuse(refused);
    const via = gateway ?? (hasFlag(entry, RTF.GATEWAY) ? entry.gateway : null);
    chooseInterface(kernel, entry, sockaddrs, via, scope);
    const rejected = changeMetrics(entry, message);
    if (rejected !== Errno.OK) return refuse(rejected);
    entry.genmask = sockaddrs[RTAX.GENMASK]?.slice() ?? entry.genmask;
  } else changeMetrics(entry, message, "locks");
  return done;
}

/** The answer to GET and DELETE: the entry itself, under the request's own header. */
function report(message: Uint8Array, entry: RouteEntry): Outcome {
  const type = message[at.type] ?? 0;
  const request = new DataView(message.buffer);
  const named = (request.getUint32(at.addrs, true) & ((1 << RTAX.IFP) | (1 << RTAX.IFA))) !== 0;
  const extra = named
    ? { [RTAX.IFP]: entry.interface.linkAddress, [RTAX.IFA]: entry.address.sockaddr }
    : {};
  const draft = draftMessage(type, { ...entrySockaddrs(entry, type), ...extra }, "padded");
  draft.bytes.set(message.subarray(at.index, routeHeaderLength), at.index);
  draft.view.setUint16(at.index, entry.interface.index, true);
  draft.view.setUint32(at.flags, visibleFlags(entry), true);
  draft.view.setUint32(at.addrs, draft.addrs, true);
  writeMetrics(draft.view, entry.metrics);
  return { errno: Errno.OK, reply: draft.bytes, family: entry.key.family };
}

/** Gives a route the interface and address that follow from its gateway now, or that the sender names. */
function chooseInterface(
  kernel: Kernel,
  entry: RouteEntry,
  sockaddrs: RequestSockaddrs,
  gateway: Uint8Array | null,
  scope: number,
): void {
  const address =
    namedAddress(kernel, sockaddrs, gateway) ?? byGateway(kernel, entry, gateway, scope);
  const isNew = address !== null && address !== entry.address;
  if (isNew) {
    forgetLink(kernel, entry);
    entry.address = address;
    entry.interface = address.interface;
    notePrimary(kernel, entry);
    if ((entry.metrics.locks & lockedMtu) === 0) entry.metrics.mtu = address.interface.mtu;
  }
  if (resolveLink(kernel, entry, "add")) dropStaleClones(kernel, entry);
  if (isNew) return;
  const byLoopback = entry.interface === kernel.loopback && hasFlag(entry, RTF.HOST);
  if (byLoopback && entry.address.interface === kernel.loopback)
    entry.address = addressOfHost(kernel, sockaddrOf(withoutScope(entry.key))) ?? entry.address;
}

/** The address of any interface that is this very one. */
function addressOfHost(kernel: Kernel, sockaddr: Uint8Array): InterfaceAddress | null {
  const all = attachedInterfaces(kernel).flatMap((each) => each.addresses);
  return all.find((each) => equalBytes(each.sockaddr, sockaddr)) ?? null;
}

function byGateway(
  kernel: Kernel,
  entry: RouteEntry,
  gateway: Uint8Array | null,
  scope: number,
): InterfaceAddress | null {
  return gateway === null ? null : addressForRoute(kernel, entry.flags, entry.key, gateway, scope);
}

/** RTA_IFP names an interface by index or name, RTA_IFA an address of one. */
function namedAddress(
  kernel: Kernel,
  sockaddrs: RequestSockaddrs,
  gateway: Uint8Array | null,
): InterfaceAddress | null {
  const link = sockaddrs[RTAX.IFP] ?? null;
  const own = sockaddrs[RTAX.IFA] ?? null;
  const owner = link === null ? null : interfaceNamedBy(kernel, link);
  const target = own ?? gateway;
  if (owner !== null && target !== null) return addressOfInterface(owner, target);
  if (own === null) return null;
  return addressOfHost(kernel, own);
}

function interfaceNamedBy(kernel: Kernel, link: Uint8Array): Interface | null {
  const index = (link[2] ?? 0) | ((link[3] ?? 0) << 8);
  const name = new TextDecoder().decode(link.subarray(8, 8 + (link[5] ?? 0)));
  const found = attachedInterfaces(kernel).find((each) =>
    index === 0 ? each.name === name : each.index === index,
  );
  return found ?? null;
}
