import type { IpFamily } from "../../network/address.ts";
import { type DefaultRoute, longestDefaultPrefix } from "../../network/route.ts";
import type { Requester, RouteEvidence } from "../../platform/route-evidence.ts";
import { AF, NET_RT, RTF, RTM } from "../../wire/pfroute/constants.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import { decodeDatagram, type RouteMessage } from "../../wire/pfroute/message.ts";
import { visitShortRoutes } from "../../wire/pfroute/short-route.ts";
import { routeTableName } from "../../wire/pfroute/sysctl-name.ts";
import { isClone, isDefaultLike, isScoped, translateRoute } from "./route-translation.ts";
import type { SysctlPort } from "./routing-socket-port.ts";

/** Tells listeners what messages say of who changed a default; see RouteEvidence. */
export interface RouteWitness {
  /**
   * Looks at one datagram that can be the kernel's.
   *
   * @throws DecodeError when it is malformed
   */
  hear(datagram: Uint8Array): void;
  listen(listener: (evidence: RouteEvidence) => void): Disposable;
}

const actions: ReadonlyMap<number, RouteEvidence["action"]> = new Map([
  [RTM.ADD, "added"],
  [RTM.DELETE, "removed"],
  [RTM.CHANGE, "replaced"],
]);

/**
 * Opens a witness. While nobody listens it looks at nothing.
 *
 * @param nameOf the program of a process, or null
 */
export function openRouteWitness(
  sysctl: SysctlPort,
  nameOf: (pid: number) => string | null,
): RouteWitness {
  const listeners = new Set<(evidence: RouteEvidence) => void>();
  return {
    hear(datagram) {
      const action = actions.get(datagram[3] ?? 0);
      if (listeners.size === 0 || action === undefined) return;
      const message = decodeDatagram(datagram, darwinFormat);
      // A refused request is shown to everyone, and has changed nothing.
      if (message.kind !== "route" || message.errno !== 0) return;
      if (isClone(message) || !isDefaultLike(message)) return;
      // The process can end at any moment: first its name, then the rest.
      const requester = requesterOf(message.pid ?? 0, nameOf);
      const told = translateRoute(message);
      if (told === null) return;
      const scoped = isScoped(message);
      const route = scoped ? told : withInterface(told, sysctl);
      const about = scoped ? { scopedTo: message.index } : {};
      const evidence: RouteEvidence = { at: Date.now(), action, route, requester, ...about };
      for (const listener of [...listeners]) listener(evidence);
    },
    listen(listener) {
      // One function may listen twice, and each end is its own.
      const own = (evidence: RouteEvidence): void => listener(evidence);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}

/** XNU writes the sender's own pid into what it shows of a request, and 0 into what it says by itself. */
function requesterOf(pid: number, nameOf: (pid: number) => string | null): Requester {
  return pid === 0
    ? { portId: 0, pid: null, command: null }
    : { portId: pid, pid, command: nameOf(pid) };
}

/**
 * What is shown of an unscoped RTM_ADD or RTM_CHANGE is what was sent, and that names no interface. The route itself
 * does, as long as it stands: it is among the few that the kernel marks.
 */
function withInterface(route: DefaultRoute, sysctl: SysctlPort): DefaultRoute {
  if (route.interfaceIndex !== null || route.type !== "unicast") return route;
  const standing = markedRoutes(route.family, sysctl).find(
    (one) => one.prefix === route.prefix && one.gateway === route.gateway,
  );
  return standing === undefined ? route : { ...route, interfaceIndex: standing.interfaceIndex };
}

function markedRoutes(family: IpFamily, sysctl: SysctlPort): readonly DefaultRoute[] {
  const number = family === "ipv4" ? AF.INET : AF.INET6;
  const table = sysctl.read(routeTableName(number, NET_RT.FLAGS, RTF.GLOBAL));
  const routes: DefaultRoute[] = [];
  visitShortRoutes(table, darwinFormat, longestDefaultPrefix, (message: RouteMessage) => {
    const route = isScoped(message) || isClone(message) ? null : translateRoute(message);
    if (route !== null) routes.push(route);
  });
  return routes;
}
