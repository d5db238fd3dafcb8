import type { IpFamily } from "../../../src/network/address.ts";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import type { FamilyDefaults } from "../../../src/network/state.ts";
import {
  type DarwinPlatformOptions,
  openDarwinPlatform,
} from "../../../src/platform/darwin/darwin-platform.ts";
import type { InterfaceMedium } from "../../../src/platform/darwin/routing-socket-port.ts";
import type { Platform } from "../../../src/platform/platform.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import {
  encodeRequest,
  type RequestFlag,
  type RequestGateway,
} from "../../../src/wire/pfroute/request.ts";
import { Errno } from "./errno.ts";
import { addressBytes, interfaceNamed } from "./host-command.ts";
import type { Kernel } from "./kernel.ts";
import { newRoutingSocketDouble, type RoutingSocketDouble } from "./routing-socket-double.ts";

/** A route as another program of the host asks for it. */
export interface RouteWords {
  /** `0.0.0.0/0`, `::/1`. */
  readonly prefix: string;
  readonly interface: string;
  /** Null for a route straight into the interface. */
  readonly gateway: string | null;
  /** Only for what is bound to the interface. */
  readonly scoped?: boolean;
  readonly flags?: readonly RequestFlag[];
}

/** The platform over the double, and what a test does to the host behind its back. */
export interface DarwinHost extends AsyncDisposable {
  readonly double: RoutingSocketDouble;
  readonly platform: Platform;
  /** What the media port says, by interface name; nothing unless a test sets it. */
  readonly media: Map<string, InterfaceMedium>;
  /** Posts what configd posts. */
  ringDoorbell(): void;
  indexOf(name: string): number;
  /** Another program's RTM_ADD, RTM_CHANGE or RTM_DELETE. @throws Error when the kernel refuses */
  route(action: "ADD" | "CHANGE" | "DELETE", words: RouteWords): void;
  interfaceNamed(name: string): Promise<NetworkInterface>;
  defaults(family: IpFamily): Promise<FamilyDefaults>;
}

/** Opens a host as the recordings have it, or another one. */
export function openDarwinHost(
  kernel?: Kernel,
  options: Partial<DarwinPlatformOptions> = {},
): DarwinHost {
  const double = newRoutingSocketDouble(kernel);
  const media = new Map<string, InterfaceMedium>();
  const bells = new Set<() => void>();
  const platform = openDarwinPlatform({
    routing: double.routing,
    sysctl: double.sysctl,
    clocks: { read: () => ({ awakeMs: performance.now(), totalMs: performance.now() }) },
    media: { read: (name) => media.get(name) ?? null },
    doorbell: {
      listen(ring) {
        bells.add(ring);
        return { [Symbol.dispose]: () => void bells.delete(ring) };
      },
    },
    ...options,
  });
  const { signal } = new AbortController();
  const indexOf = (name: string): number => interfaceNamed(double.kernel, name).index;
  return {
    double,
    platform,
    media,
    ringDoorbell: () => {
      for (const ring of bells) ring();
    },
    indexOf,
    route: (action, words) => sendRoute(double, action, words, indexOf(words.interface)),
    async interfaceNamed(name) {
      const index = indexOf(name);
      const scope = { kind: "doors", interfaces: new Set([index]), defaults: new Set<IpFamily>() };
      const reading = await platform.read({ ...scope, kind: "doors" }, signal);
      const found = reading.interfaces.get(index);
      if (!found) throw new Error(`interface ${name} was not read`);
      return found;
    },
    async defaults(family) {
      const reading = await platform.read(
        { kind: "doors", interfaces: new Set(), defaults: new Set([family]) },
        signal,
      );
      const found = reading.defaults.get(family);
      if (found === undefined) throw new Error(`the ${family} defaults were not read`);
      return found;
    },
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}

function sendRoute(
  double: RoutingSocketDouble,
  action: "ADD" | "CHANGE" | "DELETE",
  { prefix, gateway, scoped = false, flags = ["STATIC"] }: RouteWords,
  index: number,
): void {
  const [address = "", length = ""] = prefix.split("/");
  const destination = addressBytes(address);
  const family = destination.length === 4 ? "inet" : "inet6";
  const socket = double
    .asProcess(700, true)
    .open({ receiveBufferBytes: null, useLoopback: true, onReadable: () => undefined });
  const errno = socket.send(
    encodeRequest(
      {
        action,
        destination: { family, address: destination, prefixLength: Number(length) },
        gateway: gatewayOf(gateway, index),
        scope: scoped ? index : null,
        flags: [...flags, "UP", ...(gateway === null ? [] : (["GATEWAY"] as const))],
        mtu: null,
        withInterface: false,
        pid: 0,
        seq: 1,
      },
      darwinFormat,
    ),
  );
  socket.close();
  if (errno !== Errno.OK) throw new Error(`RTM_${action} ${prefix} was refused: errno ${errno}`);
}

function gatewayOf(gateway: string | null, index: number): RequestGateway {
  if (gateway === null) return { kind: "link", interfaceIndex: index };
  const address = addressBytes(gateway);
  if (address.length === 4) return { kind: "inet", address };
  const linkLocal = gateway.startsWith("fe80:");
  return { kind: "inet6", address, interfaceIndex: linkLocal ? index : 0 };
}
