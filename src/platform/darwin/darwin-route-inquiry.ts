import { type IpFamily, parseIpAddress } from "../../network/address.ts";
import type { Packet } from "../../network/packet.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type {
  CoveringRoute,
  KernelAnswer,
  RoutingLink,
  ScopeInquiry,
} from "../../platform/route-inquiry.ts";
import { AF, NET_RT, RTF } from "../../wire/pfroute/constants.ts";
import { visitCoveringRoutes } from "../../wire/pfroute/covering-route.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { routeTableName } from "../../wire/pfroute/sysctl-name.ts";
import { readAllInterfaces } from "./interface-reading.ts";
import { RouteRequester } from "./route-requester.ts";
import { isScoped, textOfSockaddr, translateRoute } from "./route-translation.ts";
import { Errno, platformFailure, refused } from "./routing-error.ts";
import type { MediaPort, RoutingSocketPort, SysctlPort } from "./routing-socket-port.ts";
import { newSequence } from "./sequence.ts";

/** The kernel of a Mac as far as explaining routes needs it. */
export interface DarwinInquiryPorts {
  readonly routing: RoutingSocketPort;
  readonly sysctl: SysctlPort;
  readonly media: MediaPort;
}

/** XNU has one table for each family: what Linux calls main. */
const mainTable = 254;

/** Reads the routing of a Mac. Needs no rights: only RTM_GET is sent. */
export function openDarwinRouteInquiry(ports: DarwinInquiryPorts): ScopeInquiry {
  const sequence = newSequence();
  return {
    kind: "scopes",
    async readLinks(signal) {
      signal.throwIfAborted();
      const found = attempt("read the interfaces", () =>
        readAllInterfaces({ ...ports, skipped: () => undefined }),
      );
      return new Map([...found].map(([index, link]) => [index, { ...link, ...plain(link.kind) }]));
    },
    async readCovering(destination, signal) {
      signal.throwIfAborted();
      return attempt(`read the routes to ${destination}`, () => readCovering(ports, destination));
    },
    async ask(packet, signal) {
      const action = `ask for the route to ${packet.destination}`;
      if (packet.arrivesOn !== null)
        throw new PlatformError(
          "unsupported",
          action,
          new Error("a Mac can be asked only about packets of its own"),
        );
      try {
        using requester = new RouteRequester(ports.routing, sequence);
        return await ask(requester, packet, action, signal);
      } catch (error) {
        throw platformFailure(action, error);
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function plain(
  kind: RoutingLink["kind"],
): Pick<RoutingLink, "group" | "hasNeighbours" | "vrf" | "tunnelTo"> {
  const hasNeighbours = kind !== "tunnel" && kind !== "loopback";
  return { group: 0, hasNeighbours, vrf: null, tunnelTo: null };
}

function attempt<Value>(action: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw platformFailure(action, error);
  }
}

function readCovering(
  { sysctl }: DarwinInquiryPorts,
  destination: string,
): readonly CoveringRoute[] {
  const address = parseIpAddress(destination) ?? new Uint8Array(4);
  const family = address.length === 4 ? AF.INET : AF.INET6;
  const table = sysctl.read(routeTableName(family, NET_RT.DUMP2, 0));
  const routes: CoveringRoute[] = [];
  visitCoveringRoutes(table, darwinFormat, address, (message) => {
    const route = translateCovering(message);
    if (route !== null) routes.push(route);
  });
  return routes;
}

async function ask(
  requester: RouteRequester,
  { destination, boundTo, family }: Packet,
  action: string,
  signal: AbortSignal,
): Promise<KernelAnswer> {
  const address = parseIpAddress(destination) ?? new Uint8Array(4);
  const outcome = await requester.ask(
    {
      action: "GET",
      destination: {
        family: family === "ipv4" ? "inet" : "inet6",
        address,
        prefixLength: null,
      },
      gateway: null,
      scope: boundTo,
      flags: [],
      mtu: null,
      withInterface: true,
    },
    signal,
  );
  switch (outcome.kind) {
    case "answered":
      return answerOf(outcome.message, family);
    case "refused":
      if (outcome.errno === Errno.ESRCH) return noRoute(family);
      throw refused(action, outcome.errno);
    case "lost":
      throw new PlatformError("timeout", action, new Error("the kernel's answer did not come"));
    default:
      return outcome satisfies never;
  }
}

/** What connect(2) says where RTM_GET finds nothing. */
function noRoute(family: IpFamily): KernelAnswer {
  return family === "ipv4"
    ? { kind: "refused", code: "ENETUNREACH", message: "network is unreachable (ENETUNREACH)" }
    : { kind: "refused", code: "EHOSTUNREACH", message: "no route to host (EHOSTUNREACH)" };
}

function answerOf(message: RouteMessage, family: IpFamily): KernelAnswer {
  const entry = translateCovering(message);
  if (entry === null) return noRoute(family);
  if (entry.type === "unreachable" || entry.type === "blackhole")
    return {
      kind: "refused",
      code: "EHOSTUNREACH",
      message:
        entry.type === "unreachable"
          ? "no route to host (EHOSTUNREACH)"
          : "the route drops every packet without a word",
    };
  const [way] = entry.ways;
  return {
    kind: "route",
    type: entry.type,
    interfaceIndex: way?.interfaceIndex ?? null,
    gateway: way?.gateway ?? null,
    source: entry.source,
    table: mainTable,
    entry,
  };
}

/** Null for what cannot be said in words. */
function translateCovering(message: RouteMessage): CoveringRoute | null {
  const route = translateRoute(message);
  const { dst, prefixLength, flags, index } = message;
  if (route === null || prefixLength === null) return null;
  if (dst?.kind !== "inet" && dst?.kind !== "inet6") return null;
  const way = { gateway: route.gateway, interfaceIndex: index, weight: 1, onlink: false };
  return {
    table: mainTable,
    prefix: { text: route.prefix, bytes: dst.address, length: prefixLength },
    sourcePrefix: null,
    type: (flags & RTF.LOCAL) !== 0 ? "local" : route.type,
    metric: 0,
    tos: 0,
    protocol: route.protocol,
    source: textOfSockaddr(message.ifa),
    pref: null,
    expired: false,
    nexthopId: null,
    scope: isScoped(message) ? index : null,
    isHost: (flags & RTF.HOST) !== 0,
    ways: [{ ...way, linkdown: false, dead: false }],
  };
}
