import { createSocket, type Socket, type SocketType } from "node:dgram";
import { once } from "node:events";
import type { IpFamily } from "../network/address.ts";
import type {
  InterfaceName,
  InternetSocket,
  InternetSockets,
} from "../platform/internet-socket.ts";
import type { Binding, BindingOptions } from "./binding.ts";
import { checkBound } from "./check-bound.ts";
import type { BoundParty, LiveBinding } from "./live-binding.ts";
import { NetwatchError } from "./netwatch-error.ts";
import { useBinding } from "./open-binding.ts";
import { openOverBinding } from "./open-over-binding.ts";
import type { Surroundings } from "./surroundings.ts";
import { parseTarget, socketAddress, type Target } from "./target.ts";

export interface DatagramOptions {
  readonly type: SocketType;
  readonly binding: Binding | BindingOptions;
  /** The socket's own port; any free one when missing. */
  readonly port?: number;
  /** The socket's own address; every one of the interface's when missing. A zone overrides the binding's interface. */
  readonly address?: string;
  readonly reuseAddr?: boolean;
  readonly signal?: AbortSignal;
}

/** A socket, the descriptor below it, and what it is bound to now. */
interface BoundDatagrams {
  readonly socket: Socket;
  readonly descriptor: InternetSocket;
  readonly own: Target;
  to: InterfaceName | null;
}

/**
 * A UDP socket that sends and receives by the binding's interface and by no other. It listens already. With `rebind` and
 * `fallback` it keeps its port when it takes another interface.
 *
 * @throws StaleBindingError; NetwatchError; the kernel's error with its name as `code`, such as EADDRINUSE
 */
export async function createBoundSocket(
  options: DatagramOptions,
  surroundings: Surroundings,
): Promise<Socket> {
  const { type, signal } = options;
  const action = `open a ${type} socket`;
  const family = familyOf(type, action);
  const own = ownTarget(options, family, action);
  const sockets = await surroundings.openSockets();
  const use = await useBinding(options.binding, own.zone, surroundings);
  const { binding } = use;
  const deadline = binding.deadline();
  try {
    return await openOverBinding(binding, {
      action,
      deadline,
      signal,
      async open(to) {
        const { socket, descriptor } = await openOwn(sockets, own, to, options);
        const leave = attach({ socket, descriptor, own, to }, binding);
        socket.once("close", () => {
          leave();
          void use[Symbol.asyncDispose]();
        });
        return socket;
      },
    });
  } catch (error) {
    await use[Symbol.asyncDispose]();
    throw error;
  }
}

/** A socket that listens already, bound before it had an address. */
async function openOwn(
  sockets: InternetSockets,
  own: Target,
  to: InterfaceName | null,
  { type, port = 0, reuseAddr = false }: DatagramOptions,
): Promise<Pick<BoundDatagrams, "socket" | "descriptor">> {
  using descriptor = sockets.open(own.family, "datagram");
  if (to !== null) descriptor.bindToInterface(to);
  descriptor.bindToAddress(socketAddress(own, port, to?.index ?? 0), reuseAddr);
  if (to !== null) checkBound(descriptor, to);
  const socket = createSocket(type);
  try {
    const listening = once(socket, "listening");
    descriptor.handOver((fd) => socket.bind({ fd, exclusive: true }), isOpen);
    await listening;
    return { socket, descriptor };
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** From now on the socket shares the binding's fate, its errors are explained, and nothing unbinds it. */
function attach(bound: BoundDatagrams, binding: LiveBinding): () => void {
  const { socket, descriptor } = bound;
  const address = socket.address();
  const rebind = (to: InterfaceName | null): void => {
    descriptor.rebindDatagrams(
      to,
      socketAddress(bound.own, address.port, to?.index ?? 0),
      peerOf(bound),
      () => socket.address().port === 0,
    );
    bound.to = to;
  };
  const party: BoundParty = {
    action: `use the socket on port ${address.port}`,
    canFollow: true,
    canFallBack: true,
    bindTo: rebind,
    end(error) {
      if (!isOpen(socket)) return;
      socket.close();
      if (error !== null) process.nextTick(() => socket.emit("error", error));
    },
  };
  // connect(2) to nobody, which is what this is, takes the interface from a socket along with the peer.
  const disconnect = socket.disconnect.bind(socket);
  socket.disconnect = () => {
    disconnect();
    try {
      rebind(bound.to);
    } catch (error) {
      // Bound to nothing, it would leave by any interface.
      socket.close();
      throw error;
    }
  };
  explainSending(bound, binding);
  return binding.join(party, bound.to !== null);
}

/** Errors of sending reach the program as they would without this, but for those of a stale binding. */
function explainSending(bound: BoundDatagrams, binding: LiveBinding): void {
  const { socket } = bound;
  const send = socket.send.bind(socket) as (...args: readonly unknown[]) => void;
  socket.send = (...args: readonly unknown[]): void => {
    const last = args.at(-1);
    const callback = typeof last === "function" ? last : null;
    const used = bound.to;
    const answer = (error: Error | null, bytes: number): void => {
      if (error === null || error === undefined) return void callback?.(null, bytes);
      void binding.explain("send a datagram", error, used).then(
        (explained) => give(explained, bytes),
        () => give(error, bytes),
      );
    };
    const give = (error: unknown, bytes: number): void => {
      // Outside of the promise: what the program throws is its own.
      setImmediate(() => {
        if (callback !== null) callback(error, bytes);
        else if (isOpen(socket)) socket.emit("error", error);
      });
    };
    send(...(callback === null ? args : args.slice(0, -1)), answer);
  };
}

function peerOf({ socket }: BoundDatagrams): ReturnType<typeof socketAddress> | null {
  try {
    const { address, port } = socket.remoteAddress();
    const target = parseTarget(address);
    return target === null ? null : socketAddress(target, port, 0);
  } catch {
    return null;
  }
}

/** A closed socket has no address; Node says it in no other way. */
function isOpen(socket: Socket): boolean {
  try {
    socket.address();
    return true;
  } catch {
    return false;
  }
}

function familyOf(type: string, action: string): IpFamily {
  if (type === "udp4") return "ipv4";
  if (type === "udp6") return "ipv6";
  throw new NetwatchError("bad-option", action, "only udp4 and udp6 can be bound to an interface");
}

function ownTarget(
  { address, port = 0 }: DatagramOptions,
  family: IpFamily,
  action: string,
): Target {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new NetwatchError("bad-option", action, "a port is a number from 0 to 65535");
  const target = parseTarget(address ?? (family === "ipv4" ? "0.0.0.0" : "::"));
  if (target?.family === family) return target;
  throw new NetwatchError("bad-option", action, `${address} is no ${family} address`);
}
