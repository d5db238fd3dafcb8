import { PlatformError } from "../../platform/platform-error.ts";
import type { RouteControl, RouteTraits } from "../../platform/route-control.ts";
import { addRecordedDefault, removeRecordedDefault } from "./default-change.ts";
import { addHostRoute, removeHostRoute } from "./host-route-change.ts";
import type { InterfaceReaderOptions } from "./interface-reading.ts";
import { RouteRequester } from "./route-requester.ts";
import { platformFailure } from "./routing-error.ts";
import { readRouting } from "./routing-reading.ts";
import type {
  MediaPort,
  RoutingSocketPort,
  SolicitationPort,
  SysctlPort,
} from "./routing-socket-port.ts";
import { addScopedDefault, removeScopedDefault, type ScopedChanger } from "./scoped-change.ts";
import type { RouteTag } from "./scoped-reading.ts";
import { newSequence, type Sequence } from "./sequence.ts";

/** The kernel of a Mac as far as changing routes needs it. */
export interface DarwinRoutePorts {
  readonly routing: RoutingSocketPort;
  readonly sysctl: SysctlPort;
  readonly media?: MediaPort;
  /** Without it routers cannot be asked. */
  readonly solicitation?: SolicitationPort;
}

export interface DarwinRouteControlOptions {
  /** kern.bootsessionuuid: made anew at each boot. */
  readonly bootId: string;
  /** Marks what is ours. PROTO1 is in use by others. */
  readonly tag?: RouteTag;
  /** Where `rtm_seq` begins. */
  readonly sequence?: Sequence;
}

/** XNU keeps routes by destination, mask and scope: no metric, and one of each. */
const traits: RouteTraits = { metrics: false, ordered: [], scoped: "routes" };

/**
 * Changes the routing of a Mac. A scoped default is a route with RTF_IFSCOPE, of which each interface has one at
 * most; ours carry the tag, which `read` gives as `protocol` (`proto2`).
 */
export function openDarwinRouteControl(
  ports: DarwinRoutePorts,
  options: DarwinRouteControlOptions,
): RouteControl {
  const { routing, sysctl, solicitation } = ports;
  const sequence = options.sequence ?? newSequence();
  const identity = { bootId: options.bootId, namespaceCookie: "0" };
  const adopted = new Set<string>();
  const interfaces: InterfaceReaderOptions = {
    sysctl,
    media: ports.media ?? { read: () => null },
    skipped: () => undefined,
  };
  let open = true;
  const work = async <Value>(
    action: string,
    signal: AbortSignal,
    act: (changer: ScopedChanger) => Promise<Value>,
  ): Promise<Value> => {
    signal.throwIfAborted();
    if (!open) throw new PlatformError("socket-lost", action, new Error("the control is closed"));
    try {
      using requester = new RouteRequester(routing, sequence);
      return await act({ requester, sysctl, interfaces, adopted, tag: options.tag ?? "PROTO2" });
    } catch (error) {
      throw platformFailure(action, error);
    }
  };
  return {
    traits,
    identity: () => identity,
    read: (signal) => work("read the routes", signal, (changer) => readRouting(changer, signal)),
    addScoped: (entry, signal) =>
      work("make a scoped default", signal, (changer) => addScopedDefault(changer, entry, signal)),
    removeScoped: (entry, signal) =>
      work("remove a scoped default", signal, (changer) =>
        removeScopedDefault(changer, entry, signal),
      ),
    // One prefix has one route: before or behind another none can stand.
    addDefault: (record, _placement, signal) =>
      work("add a default", signal, (changer) => addRecordedDefault(changer, record, signal)),
    removeDefault: (record, signal) =>
      work("remove a default", signal, (changer) => removeRecordedDefault(changer, record, signal)),
    addHost: (host, signal) =>
      work("add a route to a host", signal, (changer) => addHostRoute(changer, host, signal)),
    removeHost: (host, signal) =>
      work("remove a route to a host", signal, (changer) => removeHostRoute(changer, host, signal)),
    async solicitRouters(interfaceIndex, signal) {
      signal.throwIfAborted();
      const action = `ask for routers on interface ${interfaceIndex}`;
      if (solicitation === undefined)
        throw new PlatformError("unsupported", action, new Error("there is no socket for it"));
      try {
        solicitation.solicit(interfaceIndex);
      } catch (error) {
        throw platformFailure(action, error);
      }
    },
    async [Symbol.asyncDispose]() {
      open = false;
    },
  };
}
