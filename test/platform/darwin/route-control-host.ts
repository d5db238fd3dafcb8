import {
  type DarwinRouteControlOptions,
  type DarwinRoutePorts,
  openDarwinRouteControl,
} from "../../../src/platform/darwin/darwin-route-control.ts";
import { textOfSockaddr } from "../../../src/platform/darwin/route-translation.ts";
import type { RoutingSocketPort } from "../../../src/platform/darwin/routing-socket-port.ts";
import type {
  RouteControl,
  RoutingReading,
  ScopedDefault,
} from "../../../src/platform/route-control.ts";
import { AF, NET_RT, RTF } from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeMessage, type RouteMessage } from "../../../src/wire/pfroute/message.ts";
import { decodeBuffer } from "../../../src/wire/pfroute/message-buffer.ts";
import { decodeSockaddr } from "../../../src/wire/pfroute/sockaddr.ts";
import { routeTableName } from "../../../src/wire/pfroute/sysctl-name.ts";
import { type DarwinHost, openDarwinHost } from "./darwin-host.ts";
import type { Kernel } from "./kernel.ts";
import { hasFlag } from "./route-entry.ts";

/** A host of the double, a control of its routes, and every byte that the control has sent. */
export interface DarwinRouteHost extends DarwinHost {
  readonly control: RouteControl;
  readonly sent: Uint8Array[];
  /** Called before each request of the control reaches the kernel. */
  beforeSend: (request: RouteMessage) => void;
  /** The requests sent since the last call that change something, as `DELETE 0.0.0.0/0 en0`. */
  takeChanges(): readonly string[];
  reading(): Promise<RoutingReading>;
  /** The scoped defaults of the kernel itself, whoever made them: `ipv4 en0 by 192.0.2.1 over en0`. */
  scopedRoutes(): readonly string[];
  /** Every route of both families, without what changes by looking: two hosts of one text route alike. */
  routing(): string;
}

export const never: AbortSignal = new AbortController().signal;

/** Opens a host as the recordings have it, or another one. */
export function openDarwinRouteHost(
  kernel?: Kernel,
  options: Partial<DarwinRouteControlOptions & DarwinRoutePorts> = {},
): DarwinRouteHost {
  const host = openDarwinHost(kernel);
  const { double } = host;
  const below = options.routing ?? double.routing;
  const sent: Uint8Array[] = [];
  let taken = 0;
  const routing: RoutingSocketPort = {
    pid: below.pid,
    open: (given) => {
      const socket = below.open(given);
      return {
        ...socket,
        send: (request) => {
          self.beforeSend(decodeRequest(request));
          sent.push(request.slice());
          return socket.send(request);
        },
      };
    },
  };
  const control = openDarwinRouteControl(
    { ...options, routing, sysctl: double.sysctl },
    { bootId: "6F0C7D1E-41B5-4E6C-9A86-2B8D3C9D5E10", ...options },
  );
  const nameOf = (index: number): string =>
    double.kernel.interfaces.find((each) => each?.index === index)?.name ?? `${index}`;
  const self: DarwinRouteHost = {
    ...host,
    control,
    sent,
    beforeSend: () => undefined,
    takeChanges() {
      const changes = sent.slice(taken).map(decodeRequest);
      taken = sent.length;
      return changes.filter(({ type }) => type !== 4).map((each) => wordsOf(each, nameOf));
    },
    reading: () => control.read(never),
    scopedRoutes: () =>
      [AF.INET, AF.INET6].flatMap((family) =>
        double.kernel.tables[family].entries
          .filter((each) => hasFlag(each, RTF.IFSCOPE) && hasFlag(each, RTF.GLOBAL))
          .map((each) => {
            const gateway = textOfSockaddr(decodeSockaddr(each.gateway)) ?? "itself";
            const where = `${nameOf(each.key.scope)} by ${gateway} over ${each.interface.name}`;
            return `${family === AF.INET ? "ipv4" : "ipv6"} ${where}`;
          }),
      ),
    routing: () =>
      [AF.INET, AF.INET6]
        .flatMap((family) => {
          const name = routeTableName(family, NET_RT.DUMP2, 0);
          return decodeBuffer(double.sysctl.read(name), darwinFormat).messages;
        })
        .flatMap((each) => (each.kind === "route" ? [each] : []))
        // Neighbours come and go by being asked for.
        .filter(({ flags }) => (flags & (RTF.WASCLONED | RTF.LLINFO)) === 0)
        // The kernel marks the neighbours that routes go by, and leaves them marked.
        .map((each) => ({ ...each, flags: each.flags & ~RTF.ROUTER }))
        .map((each) =>
          JSON.stringify({ ...each, use: 0, referenceCount: 0, parentFlags: 0 }, (_, value) =>
            value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
          ),
        )
        .join("\n"),
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
  return self;
}

/** A scoped default of an interface by a gateway. */
export function scopedOver(
  host: DarwinRouteHost,
  interfaceName: string,
  gateway: string | null,
  family: ScopedDefault["family"] = gateway?.includes(":") === true ? "ipv6" : "ipv4",
): ScopedDefault {
  const interfaceIndex = host.indexOf(interfaceName);
  return {
    family,
    interfaceIndex,
    interfaceName,
    slot: interfaceIndex,
    gateway,
    onlink: false,
    source: null,
    mtu: null,
    nexthops: [],
    form: "pair",
    connected: [],
    replyAddresses: [],
  };
}

function decodeRequest(bytes: Uint8Array): RouteMessage {
  const message = decodeMessage(bytes, darwinFormat);
  if (message.kind !== "route") throw new Error("a request is of another kind");
  return message;
}

function wordsOf(
  { type, dst, prefixLength, flags, index }: RouteMessage,
  nameOf: (index: number) => string,
): string {
  const verb = ["", "ADD", "DELETE", "CHANGE"][type] ?? `${type}`;
  const family = dst?.kind === "inet" ? "ipv4" : "ipv6";
  const where = (flags & RTF.IFSCOPE) === 0 ? "unscoped" : nameOf(index);
  return `${verb} ${family} /${prefixLength} ${where}`;
}
