import { readMachClock, readTimebase } from "../../../native-bindings/darwin/clock.ts";
import { openIcmpv6Socket } from "../../../native-bindings/darwin/icmpv6-socket.ts";
import { readInterfaceMedia } from "../../../native-bindings/darwin/interface-media.ts";
import {
  listenToNotification,
  networkChange,
} from "../../../native-bindings/darwin/notification.ts";
import { readProcessName } from "../../../native-bindings/darwin/process-name.ts";
import { DarwinRoutingSocket } from "../../../native-bindings/darwin/routing-socket.ts";
import { readSysctl, readSysctlText } from "../../../native-bindings/darwin/sysctl.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { solicitRouters } from "../router-solicitation.ts";
import { platformFailure } from "./routing-error.ts";
import type {
  ClockPort,
  DoorbellPort,
  MediaPort,
  ProcessPort,
  RoutingSocketPort,
  SolicitationPort,
  SysctlPort,
} from "./routing-socket-port.ts";

/** Everything that the platform asks of the Mac that it runs on. */
export interface HostPorts {
  readonly routing: RoutingSocketPort;
  readonly sysctl: SysctlPort;
  readonly clocks: ClockPort;
  readonly doorbell: DoorbellPort;
  readonly media: MediaPort;
  readonly solicitation: SolicitationPort;
  readonly processes: ProcessPort;
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
    processes: { nameOf: readProcessName },
    solicitation: { solicit: (index) => solicitRouters(index, openIcmpv6Socket) },
  };
}

/**
 * What names this run of the kernel: kern.bootsessionuuid is made anew at each boot.
 *
 * @throws PlatformError
 */
export function readHostBootId(
  read: (name: string) => string = (name) => readSysctlText(name),
): string {
  const action = "tell this run of the kernel from others";
  let text: string;
  try {
    text = read("kern.bootsessionuuid");
  } catch (error) {
    throw platformFailure(action, error);
  }
  if (/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i.test(text)) return text;
  throw new PlatformError("rejected", action, new Error(`"${text}" is no UUID`));
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
