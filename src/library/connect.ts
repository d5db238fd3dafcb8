import { once } from "node:events";
import type { Socket, TcpSocketConnectOpts } from "node:net";
import type { InterfaceName, InternetSockets } from "../platform/internet-socket.ts";
import type { Binding, BindingOptions } from "./binding.ts";
import { BoundStream } from "./bound-stream.ts";
import { checkBound } from "./check-bound.ts";
import type { LiveBinding } from "./live-binding.ts";
import { NetwatchError } from "./netwatch-error.ts";
import { type BindingUse, useBinding } from "./open-binding.ts";
import { openOverBinding } from "./open-over-binding.ts";
import { StaleBindingError } from "./stale-binding-error.ts";
import type { Surroundings } from "./surroundings.ts";
import { parseTarget, resolveTargets, type Target, zonedAddress } from "./target.ts";

/** What a bound connection takes of Node's own options. */
type StreamOptions = Pick<
  TcpSocketConnectOpts,
  "localAddress" | "localPort" | "noDelay" | "keepAlive" | "keepAliveInitialDelay"
>;

export interface ConnectOptions extends StreamOptions {
  /** A name or an address. The zone of `fe80::1%eth0` overrides the binding's interface. */
  readonly host: string;
  readonly port: number;
  readonly binding: Binding | BindingOptions;
  readonly allowHalfOpen?: boolean;
  /** How long to wait for an address before the next one of the host is tried; 10 seconds when missing. */
  readonly attemptMs?: number;
  readonly signal?: AbortSignal;
}

interface Attempt {
  readonly sockets: InternetSockets;
  readonly use: BindingUse;
  readonly options: ConnectOptions;
  readonly deadline: number;
}

const defaultAttemptMs = 10_000;

/**
 * Connects by the binding's interface and by no other. The addresses of the host are tried one after the other, in the
 * order of the resolver's answer.
 *
 * @throws StaleBindingError; NetwatchError; the last address's error, which has the kernel's name as `code`
 */
export async function connectBound(
  options: ConnectOptions,
  surroundings: Surroundings,
): Promise<Socket> {
  const { host, port, signal } = options;
  const action = `connect to ${host}:${port}`;
  checkOptions(options, action);
  const sockets = await surroundings.openSockets();
  const use = await useBinding(options.binding, parseTarget(host)?.zone ?? null, surroundings);
  try {
    const { binding } = use;
    const targets = await resolveTargets(host, binding.families, action, surroundings.resolve);
    const attempt = { sockets, use, options, deadline: binding.deadline() };
    let failure: unknown;
    for (const [at, target] of targets.entries()) {
      signal?.throwIfAborted();
      try {
        return await connectTo(target, at === targets.length - 1, attempt);
      } catch (error) {
        if (error instanceof StaleBindingError || signal?.aborted === true) throw error;
        failure = error;
      }
    }
    throw failure;
  } catch (error) {
    await use[Symbol.asyncDispose]();
    throw error;
  }
}

/** One address, as often as the binding's policy finds another way to it. */
async function connectTo(target: Target, isLast: boolean, attempt: Attempt): Promise<Socket> {
  const { use, options, deadline } = attempt;
  const { binding } = use;
  const action = `connect to ${target.address}:${options.port}`;
  return await openOverBinding(binding, {
    action,
    deadline,
    signal: options.signal,
    open: (to) => dial(target, to, isLast, action, attempt),
  });
}

async function dial(
  target: Target,
  to: InterfaceName | null,
  isLast: boolean,
  action: string,
  { sockets, use, options }: Attempt,
): Promise<Socket> {
  const { binding } = use;
  const socket = openStream(sockets, target, to, options);
  if (options.noDelay === true) socket.setNoDelay(true);
  if (options.keepAlive === true) socket.setKeepAlive(true, options.keepAliveInitialDelay);
  const party = to === null ? null : hang(socket, action, to, binding);
  const giveUp = new AbortController();
  const timer = isLast
    ? null
    : setTimeout(() => giveUp.abort(), options.attemptMs ?? defaultAttemptMs);
  const signals = [giveUp.signal, ...(options.signal === undefined ? [] : [options.signal])];
  try {
    const { port, localAddress, localPort } = options;
    const own = Object.entries({ localAddress, localPort }).filter(
      ([, value]) => value !== undefined,
    );
    const host = zonedAddress(target, to?.name ?? target.zone);
    socket.connect({ ...Object.fromEntries(own), host, port, autoSelectFamily: false });
    await once(socket, "connect", { signal: AbortSignal.any(signals) });
    party?.connected(`stay connected to ${target.address}:${options.port}`);
    socket.once("close", () => {
      party?.leave();
      void use[Symbol.asyncDispose]();
    });
    return socket;
  } catch (error) {
    party?.leave();
    socket.on("error", () => undefined).destroy();
    if (options.signal?.aborted === true) throw options.signal.reason;
    throw giveUp.signal.aborted ? timedOut(action, error) : error;
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

function openStream(
  sockets: InternetSockets,
  { family }: Target,
  to: InterfaceName | null,
  { allowHalfOpen = false }: ConnectOptions,
): BoundStream {
  using socket = sockets.open(family, "stream");
  if (to !== null) {
    socket.bindToInterface(to);
    checkBound(socket, to);
  }
  return socket.handOver(
    (fd) => new BoundStream({ fd, readable: true, writable: true, allowHalfOpen }),
    (stream) => !stream.destroyed,
  );
}

/** From now on the socket ends when its binding does. */
function hang(
  socket: BoundStream,
  action: string,
  to: InterfaceName,
  binding: LiveBinding,
): { connected(action: string): void; leave(): void } {
  const party = {
    action,
    canFollow: false,
    canFallBack: false,
    end: (error: StaleBindingError | null) => void socket.destroy(error ?? undefined),
    bindTo: () => undefined,
  };
  socket.explainWith((error) => {
    const explained = binding.explainNow(party.action, error, to);
    return explained instanceof Error ? explained : error;
  });
  return {
    connected(now) {
      party.action = now;
    },
    leave: binding.join(party, true),
  };
}

function timedOut(action: string, cause: unknown): Error {
  const error = new Error(`cannot ${action}: no answer in time (ETIMEDOUT)`, { cause });
  return Object.assign(error, { code: "ETIMEDOUT" });
}

function checkOptions({ host, port, ...rest }: ConnectOptions, action: string): void {
  const isIp = !["path", "fd", "handle"].some((name) => name in rest);
  if (typeof host !== "string" || host === "" || !isIp)
    throw new NetwatchError("bad-option", action, "only an IP socket can be bound to an interface");
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new NetwatchError("bad-option", action, "a port is a number from 0 to 65535");
}
