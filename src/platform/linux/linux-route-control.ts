import { readFileSync } from "node:fs";
import { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import { readNamespaceCookie } from "../../../native-bindings/linux/network-namespace.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type { KernelIdentity, RouteControl, RouteTraits } from "../../platform/route-control.ts";
import { addRecordedDefault, removeRecordedDefault } from "./default-change.ts";
import { addHostRoute, removeHostRoute } from "./host-route-change.ts";
import { platformFailure } from "./platform-failure.ts";
import { keepRefusingRoutes } from "./refusing-routes.ts";
import { openTraceableTransport, Requester, type RequestTransport } from "./requester.ts";
import { readRouting } from "./routing-reading.ts";
import { addScopedDefault, removeScopedDefault } from "./scoped-change.ts";
import type { SlotLayout } from "./slot-layout.ts";
import { readShortRoutesOfType } from "./table-reading.ts";

export interface LinuxRouteControlOptions extends SlotLayout {
  /** Opens the sockets that requests go by. */
  readonly openTransport?: () => RequestTransport;
}

const action = "change routes";

/** Only IPv4 takes a second route of one destination, tos and metric, by NLM_F_APPEND or before the first. */
const traits: RouteTraits = { metrics: true, ordered: ["ipv4"], scoped: "rules" };

/**
 * Changes the routing of this thread's network namespace. What is ours stands in the given preferences and tables,
 * and carries the protocol number.
 *
 * @throws PlatformError when the namespace cannot be told from others
 */
export function openLinuxRouteControl(options: LinuxRouteControlOptions): RouteControl {
  const layout: SlotLayout = options;
  const identity = readIdentity();
  const requester = new Requester(options.openTransport ?? openTraceableTransport);
  const changer = { requester, layout };
  const refusing = keepRefusingRoutes((table, type, signal) =>
    readShortRoutesOfType(requester, table, type, signal),
  );
  let open = true;
  const checkOpen = (signal: AbortSignal): void => {
    signal.throwIfAborted();
    if (!open) throw new PlatformError("socket-lost", action, new Error("the control is closed"));
  };
  return {
    traits,
    identity: () => identity,
    async read(signal) {
      checkOpen(signal);
      return readRouting({ requester, layout, readReversePathFilter, refusing }, signal);
    },
    async addScoped(entry, signal) {
      checkOpen(signal);
      return addScopedDefault(changer, entry, signal);
    },
    async removeScoped(entry, signal) {
      checkOpen(signal);
      return removeScopedDefault(changer, entry, signal);
    },
    async addDefault(record, placement, signal) {
      checkOpen(signal);
      return addRecordedDefault(requester, record, placement, signal);
    },
    async removeDefault(record, signal) {
      checkOpen(signal);
      return removeRecordedDefault(requester, record, signal);
    },
    async addHost(host, signal) {
      checkOpen(signal);
      return addHostRoute(changer, host);
    },
    async removeHost(host, signal) {
      checkOpen(signal);
      return removeHostRoute(changer, host);
    },
    formerly(places) {
      const former = { requester, layout: { ...layout, ...places } };
      return {
        async removeScoped(entry, signal) {
          checkOpen(signal);
          return removeScopedDefault(former, entry, signal);
        },
        async removeHost(host, signal) {
          checkOpen(signal);
          return removeHostRoute(former, host);
        },
      };
    },
    async solicitRouters(interfaceIndex, signal) {
      checkOpen(signal);
      // Seldom needed, and the whole of another protocol: a restore that is waited for starts without it.
      const { solicitRoutersOn } = await import("./router-solicitation.ts");
      solicitRoutersOn(interfaceIndex);
    },
    async [Symbol.asyncDispose]() {
      open = false;
      requester[Symbol.dispose]();
    },
  };
}

/** A UUID that the kernel makes anew at each boot (random(4)). */
const bootIdPath = "/proc/sys/kernel/random/boot_id";

function readIdentity(): KernelIdentity {
  try {
    using socket = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 0 });
    return {
      bootId: readFileSync(bootIdPath, "utf8").trim(),
      namespaceCookie: String(readNamespaceCookie(socket.fd)),
    };
  } catch (error) {
    throw platformFailure("tell this kernel and its namespace from others", error);
  }
}

// /proc/sys/net is of the namespace of the thread that opens it: synchronous calls stay on the main thread, which
// has entered it.
function readReversePathFilter(interfaceName: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv4/conf/${interfaceName}/rp_filter`, "utf8"));
  } catch {
    return null;
  }
}
