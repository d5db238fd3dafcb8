import type {
  RoutingSocket,
  RoutingSocketPort,
  SysctlPort,
} from "../../../src/platform/darwin/routing-socket-port.ts";
import { AF } from "../../../src/wire/pfroute/constants.ts";
import { Errno } from "./errno.ts";
import { addressBytes, newConfiguredHost, runCommand } from "./host-command.ts";
import type { Kernel } from "./kernel.ts";
import { defaultReceiveBuffer, type KernelSocket, newSocket } from "./kernel-socket.ts";
import { lookUpRoute } from "./route-lookup.ts";
import { writeRequest } from "./route-request.ts";
import { readSysctl } from "./sysctl-answer.ts";

/**
 * A host of its own that speaks XNU's bytes: the two ports that a platform takes, and what a test does to
 * the host behind their back.
 */
export interface RoutingSocketDouble {
  /** The process under test: root, pid 501. */
  readonly routing: RoutingSocketPort;
  readonly sysctl: SysctlPort;

  /** Another process of the same host: configd, a VPN, an attacker. */
  asProcess(pid: number, privileged: boolean): RoutingSocketPort;

  /** Runs a command on the host (`runCommand`). @throws Error when it is refused */
  run(command: string): void;

  /** What connect(2) of a UDP socket to an address answers, bound to an interface or to none (index 0). */
  connectErrno(address: string, boundIndex: number): number;

  /** From now on every message to the sockets that are open is lost, without any sign. Sockets opened later hear. */
  deafen(): void;

  /** The sockets that are open hear again; what was lost stays lost. */
  undeafen(): void;

  /** The model itself, for checks that no port allows. */
  readonly kernel: Kernel;
}

const ownPid = 501;

/** A host as the recordings have it; `kernel` gives another one. */
export function newRoutingSocketDouble(kernel: Kernel = newConfiguredHost()): RoutingSocketDouble {
  const listeners = (deaf: boolean): void => {
    for (const socket of kernel.sockets) socket.deaf = deaf;
  };
  return {
    kernel,
    routing: processPort(kernel, ownPid, true),
    sysctl: { read: (name) => readSysctl(kernel, name) },
    asProcess: (pid, privileged) => processPort(kernel, pid, privileged),
    run: (command) => {
      const errno = runCommand(kernel, command);
      if (errno !== Errno.OK) throw new Error(`"${command}" was refused: errno ${errno}`);
    },
    connectErrno: (address, boundIndex) => connectErrno(kernel, address, boundIndex),
    deafen: () => listeners(true),
    undeafen: () => listeners(false),
  };
}

function processPort(kernel: Kernel, pid: number, privileged: boolean): RoutingSocketPort {
  return {
    pid,
    open: ({ receiveBufferBytes, useLoopback, onReadable }) => {
      const socket = newSocket(pid, privileged);
      socket.receiveBuffer = receiveBufferBytes ?? defaultReceiveBuffer;
      socket.useLoopback = useLoopback;
      // The kernel wakes a reader after the system call that caused the message, never within it.
      socket.onDelivery = () => {
        queueMicrotask(() => {
          if (kernel.sockets.has(socket) && socket.queue.length > 0) onReadable();
        });
      };
      kernel.sockets.add(socket);
      return openSocket(kernel, socket);
    },
  };
}

function openSocket(kernel: Kernel, socket: KernelSocket): RoutingSocket {
  return {
    receiveBufferBytes: socket.receiveBuffer,
    send: (request) => writeRequest(kernel, socket, request),
    receive: () => socket.queue.shift() ?? null,
    close: () => {
      kernel.sockets.delete(socket);
      socket.queue.length = 0;
    },
  };
}

function connectErrno(kernel: Kernel, address: string, boundIndex: number): number {
  const bytes = addressBytes(address);
  const family = bytes.length === 4 ? AF.INET : AF.INET6;
  if (lookUpRoute(kernel, { family, bytes, scope: 0 }, null, boundIndex) !== null) return Errno.OK;
  return family === AF.INET ? Errno.ENETUNREACH : Errno.EHOSTUNREACH;
}
