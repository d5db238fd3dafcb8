import { readMachClock, readTimebase } from "../../../native-bindings/darwin/clock.ts";
import { readInterfaceMedia } from "../../../native-bindings/darwin/interface-media.ts";
import {
  listenToNotification,
  networkChange,
} from "../../../native-bindings/darwin/notification.ts";
import { DarwinRoutingSocket } from "../../../native-bindings/darwin/routing-socket.ts";
import { readSysctl } from "../../../native-bindings/darwin/sysctl.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type {
  ClockPort,
  DoorbellPort,
  MediaPort,
  RoutingSocketPort,
  SysctlPort,
} from "./routing-socket-port.ts";

/** Everything that the platform asks of the Mac that it runs on. */
export interface HostPorts {
  readonly routing: RoutingSocketPort;
  readonly sysctl: SysctlPort;
  readonly clocks: ClockPort;
  readonly doorbell: DoorbellPort;
  readonly media: MediaPort;
}

/**
 * The ports of this Mac.
 *
 * @throws PlatformError: `unsupported` on any other machine
 */
export function openHostPorts(): HostPorts {
  if (process.platform !== "darwin")
    throw new PlatformError(
      "unsupported",
      "open the routing socket of a Mac",
      new Error(`this machine runs ${process.platform}`),
    );
  const timebase = readTimebase();
  return {
    routing: { pid: process.pid, open: openRoutingSocket },
    sysctl: { read: (name) => readSysctl(name) },
    clocks: {
      // In this order, so that the time between the two calls cannot make the suspend-aware clock the earlier one.
      read: () => {
        const awakeMs = readMachClock("absolute", timebase);
        return { awakeMs, totalMs: readMachClock("continuous", timebase) };
      },
    },
    doorbell: { listen: (ring) => listenToNotification(networkChange, ring) },
    media: { read: readInterfaceMedia },
  };
}

function openRoutingSocket({
  receiveBufferBytes,
  useLoopback,
  onReadable,
}: Parameters<RoutingSocketPort["open"]>[0]): ReturnType<RoutingSocketPort["open"]> {
  const socket = DarwinRoutingSocket.open();
  try {
    if (!useLoopback) socket.setUseLoopback(false);
    const granted =
      receiveBufferBytes === null
        ? socket.receiveBufferBytes()
        : socket.requestReceiveBuffer(receiveBufferBytes);
    socket.watch(onReadable);
    return {
      receiveBufferBytes: granted,
      send: (request) => socket.send(request),
      receive: () => socket.receive(),
      close: () => socket[Symbol.dispose](),
    };
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
}
