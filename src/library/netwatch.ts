import type { Socket as DatagramSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import type { Server, Socket } from "node:net";
import type { EventLine } from "../admin-api/event-schema.ts";
import type { LeaseRequestInput } from "../admin-api/lease-schema.ts";
import type { Status } from "../admin-api/status-schema.ts";
import { openInternetSockets } from "../platform/open-internet-sockets.ts";
import { openPlatform } from "../platform/open-platform.ts";
import { askStatus, type StatusOptions } from "./ask-status.ts";
import type { Binding, BindingOptions } from "./binding.ts";
import { type ConnectOptions, connectBound } from "./connect.ts";
import { createBoundSocket, type DatagramOptions } from "./create-socket.ts";
import { type Lease, type LeaseOptions, takeLease } from "./lease.ts";
import { type ListenOptions, listenBound } from "./listen.ts";
import { openLiveBinding } from "./open-binding.ts";
import type { Surroundings } from "./surroundings.ts";
import { type WatchOptions, watchEvents } from "./watch.ts";

export type { EventLine as WatchEvent } from "../admin-api/event-schema.ts";
export type { LeaseBinding, LeaseLine, LeaseRequestInput } from "../admin-api/lease-schema.ts";
export type { Status } from "../admin-api/status-schema.ts";
// biome-ignore lint/performance/noBarrelFile: the entry of a package names what programs may use
export { AdminClientError } from "../admin-client/admin-client-error.ts";
export type { StatusOptions } from "./ask-status.ts";
export type { Binding, BindingEvent, BindingOptions } from "./binding.ts";
export type { ConnectOptions } from "./connect.ts";
export type { DatagramOptions } from "./create-socket.ts";
export type { Lease, LeaseEnd, LeaseEvent, LeaseOptions } from "./lease.ts";
export type { ListenOptions } from "./listen.ts";
export { NetwatchError } from "./netwatch-error.ts";
export { type StaleBecause, StaleBindingError } from "./stale-binding-error.ts";
export type { StalePolicy } from "./stale-policy.ts";
export type { WatchOptions } from "./watch.ts";

// The package's main entry: what the functions have of this process, and nothing else.
const surroundings: Surroundings = {
  platform: process.platform,
  uid: process.geteuid?.() ?? -1,
  env: process.env,
  openPlatform,
  openSockets: openInternetSockets,
  resolve: async (host) =>
    (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  warn: (message) => process.emitWarning(message, { code: "NETWATCH_FALLBACK" }),
};

/**
 * What happens to the host's network, until the loop is left or the signal aborts. netwatchd tells, if it answers, and
 * where the connection to it broke it goes on with the next event; else this process looks itself.
 */
export function watch(options: WatchOptions = {}): AsyncGenerator<EventLine, void, undefined> {
  return watchEvents(options, surroundings);
}

/** What netwatchd knows now. */
export function status(options: StatusOptions = {}): Promise<Status> {
  return askStatus(options, surroundings);
}

/** Asks netwatchd for an uplink or a default, and holds it until it is disposed of or the process ends. */
export function lease(request: LeaseRequestInput, options: LeaseOptions = {}): Promise<Lease> {
  return takeLease(request, options, surroundings);
}

/** Keeps an interface in sight for the sockets that are bound to it. */
export function openBinding(options: BindingOptions): Promise<Binding> {
  return openLiveBinding(options, surroundings);
}

/** Connects by the binding's interface and by no other. */
export function connect(options: ConnectOptions): Promise<Socket> {
  return connectBound(options, surroundings);
}

/** A UDP socket that sends and receives by the binding's interface and by no other. It listens already. */
export function createSocket(options: DatagramOptions): Promise<DatagramSocket> {
  return createBoundSocket(options, surroundings);
}

/** A TCP server that is reached by the binding's interface and by no other, and answers by it. */
export function listen(options: ListenOptions): Promise<Server> {
  return listenBound(options, surroundings);
}
