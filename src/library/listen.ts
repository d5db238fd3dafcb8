import { once } from "node:events";
import { Server, type ServerOpts, type Socket } from "node:net";
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

export interface ListenOptions
  extends Pick<ServerOpts, "allowHalfOpen" | "pauseOnConnect" | "noDelay" | "keepAlive"> {
  readonly port: number;
  /** An address; every one of the interface's, of the binding's families, when missing. */
  readonly host?: string;
  readonly binding: Binding | BindingOptions;
  readonly backlog?: number;
  readonly signal?: AbortSignal;
}

/** Node would bind a server that listens again to nothing: that is refused. */
class BoundServer extends Server {
  #hasBegun = false;

  override listen(...args: unknown[]): this {
    if (this.#hasBegun)
      throw new NetwatchError(
        "not-bound",
        "let a server listen again",
        "it would not be bound any more; ask listen() of netwatch for another",
      );
    this.#hasBegun = true;
    return Reflect.apply(super.listen, this, args) as this;
  }
}

/**
 * A TCP server that is reached by the binding's interface and by no other, and answers by it.
 *
 * @throws StaleBindingError; NetwatchError; the kernel's error with its name as `code`, such as EADDRINUSE
 */
export async function listenBound(
  options: ListenOptions,
  surroundings: Surroundings,
): Promise<Server> {
  const { port, host, signal } = options;
  const action = `listen on port ${port}`;
  const own = host === undefined ? null : ownTarget(host, action);
  checkOptions(options, action);
  const sockets = await surroundings.openSockets();
  const use = await useBinding(options.binding, own?.zone ?? null, surroundings);
  const { binding } = use;
  const deadline = binding.deadline();
  try {
    if (binding.policy === "fallback")
      throw new NetwatchError(
        "bad-option",
        action,
        "a server that falls back would be reached by every interface",
      );
    return await openOverBinding(binding, {
      action,
      deadline,
      signal,
      async open(to) {
        const server = await open(sockets, own, to, options, binding);
        server.once("close", () => void use[Symbol.asyncDispose]());
        return server;
      },
    });
  } catch (error) {
    await use[Symbol.asyncDispose]();
    throw error;
  }
}

async function open(
  sockets: InternetSockets,
  own: Target | null,
  to: InterfaceName | null,
  options: ListenOptions,
  binding: LiveBinding,
): Promise<Server> {
  const { port, backlog, allowHalfOpen, pauseOnConnect, noDelay, keepAlive } = options;
  const given = Object.entries({ allowHalfOpen, pauseOnConnect, noDelay, keepAlive });
  const serverOptions = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  using descriptor = openOwn(sockets, own, port, to, binding.families);
  const server = descriptor.handOver(
    (fd) =>
      new BoundServer(serverOptions).listen({
        fd,
        exclusive: true,
        ...(backlog === undefined ? {} : { backlog }),
      }),
    ({ listening }) => listening,
  );
  await once(server, "listening");
  attach(server, descriptor, port, binding);
  return server;
}

/** IPv6 takes IPv4 along, where there is IPv6. */
function openOwn(
  sockets: InternetSockets,
  own: Target | null,
  port: number,
  to: InterfaceName | null,
  families: readonly IpFamily[],
): InternetSocket {
  const wished = own === null ? families.toSorted().toReversed() : [own.family];
  for (const [at, family] of wished.entries()) {
    try {
      const any: Target = { family, address: family === "ipv4" ? "0.0.0.0" : "::", zone: null };
      const takesIpv4 = own === null && families.includes("ipv4");
      return openAt(sockets, own ?? any, port, to, takesIpv4);
    } catch (error) {
      const hasNext = at + 1 < wished.length;
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (!hasNext || !["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes(String(code))) throw error;
    }
  }
  throw new RangeError("cannot listen: no family");
}

function openAt(
  sockets: InternetSockets,
  own: Target,
  port: number,
  to: InterfaceName | null,
  takesIpv4: boolean,
): InternetSocket {
  const descriptor = sockets.open(own.family, "stream");
  try {
    if (to !== null) descriptor.bindToInterface(to);
    if (own.family === "ipv6" && !takesIpv4) descriptor.refuseIpv4();
    descriptor.bindToAddress(socketAddress(own, port, to?.index ?? 0), true);
    if (to !== null) checkBound(descriptor, to);
    return descriptor;
  } catch (error) {
    descriptor[Symbol.dispose]();
    throw error;
  }
}

/** The server and the connections that it accepted end when the binding does. */
function attach(
  server: Server,
  descriptor: InternetSocket,
  port: number,
  binding: LiveBinding,
): void {
  const address = server.address();
  const onPort = typeof address === "object" ? (address?.port ?? port) : port;
  const party: BoundParty = {
    action: `listen on port ${onPort}`,
    canFollow: true,
    canFallBack: false,
    bindTo: (to) => descriptor.bindToInterface(to),
    end(error) {
      if (!server.listening) return;
      server.close();
      if (error !== null) process.nextTick(() => server.emit("error", error));
    },
  };
  const leave = binding.join(party, true);
  server.once("close", leave);
  server.on("connection", (socket) => acceptInto(socket, onPort, binding));
}

function acceptInto(socket: Socket, port: number, binding: LiveBinding): void {
  const party: BoundParty = {
    action: `stay connected on port ${port}`,
    canFollow: false,
    canFallBack: false,
    bindTo: () => undefined,
    end: (error) => void socket.destroy(error ?? undefined),
  };
  socket.once("close", binding.join(party, true));
}

function ownTarget(host: string, action: string): Target {
  const target = parseTarget(host);
  if (target !== null) return target;
  throw new NetwatchError("bad-option", action, `${host} is no address`);
}

function checkOptions({ port, ...rest }: ListenOptions, action: string): void {
  if (["path", "fd", "handle"].some((name) => name in rest))
    throw new NetwatchError("bad-option", action, "only an IP socket can be bound to an interface");
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new NetwatchError("bad-option", action, "a port is a number from 0 to 65535");
}
