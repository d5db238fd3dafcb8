import { writeFileSync } from "node:fs";
import { enterNetworkNamespace } from "../../../native-bindings/linux/network-namespace.ts";
import type { IpFamily } from "../../../src/network/address.ts";
import {
  type LinuxRouteControlOptions,
  openLinuxRouteControl,
} from "../../../src/platform/linux/linux-route-control.ts";
import type {
  RouteControl,
  RoutingReading,
  ScopedDefault,
} from "../../../src/platform/route-control.ts";
import { openNamespace, type TestNamespace, until } from "../../namespace/namespace.ts";
import { uplinkCommands } from "./linux-host.ts";

/** A fresh namespace that this process has entered, and a control of its routes. */
export interface RouteControlHost extends AsyncDisposable {
  readonly namespace: TestNamespace;
  readonly control: RouteControl;
  /** Runs `ip` commands in one batch. */
  ip(...lines: readonly string[]): void;
  indexOf(name: string): number;
  /** Waits until the kernel has done for these interfaces, whose other ends are up, what it does later. */
  settle(...names: readonly string[]): Promise<void>;
  read(): Promise<RoutingReading>;
  /** Every rule and every route of every table, as `ip` prints them: the independent witness. */
  routing(): string;
  rules(family: IpFamily): string;
  table(family: IpFamily, table: string | number): string;
}

export const layout = { preferenceBase: 5100, tableBase: 5100, protocol: 199, slots: 50 };
export const never: AbortSignal = new AbortController().signal;

/** Opens a host with nothing but `lo`. */
export async function openRouteControlHost(
  options: Partial<LinuxRouteControlOptions> = {},
): Promise<RouteControlHost> {
  const namespace = await openNamespace();
  enterNetworkNamespace(namespace.path);
  // Without duplicate address detection, link-local addresses are there as soon as the carrier is.
  for (const name of ["all", "default"])
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/accept_dad`, "0");
  const control = openLinuxRouteControl({ ...layout, ...options });
  const print = (words: string): string =>
    JSON.stringify(namespace.ipJson(words), (key, value: unknown) =>
      key === "expires" ? undefined : value,
    );
  const flag = (family: IpFamily): string => (family === "ipv4" ? "-4" : "-6");
  return {
    namespace,
    control,
    ip: (...lines) => namespace.ipBatch(lines),
    indexOf(name) {
      const [found] = namespace.ipJson(`link show dev ${name}`) as { ifindex: number }[];
      if (found === undefined) throw new Error(`no interface ${name}`);
      return found.ifindex;
    },
    async settle(...names) {
      const states = (): readonly { ifname: string; operstate: string }[] =>
        namespace.ipJson("link show") as { ifname: string; operstate: string }[];
      const local = (): readonly { dev: string; dst: string }[] =>
        namespace.ipJson("-6 route show table local") as { dev: string; dst: string }[];
      const addresses = (): readonly { ifname: string; addr_info: { local: string }[] }[] =>
        namespace.ipJson("-6 address show") as { ifname: string; addr_info: { local: string }[] }[];
      await until(`${names.join(" and ")} being ready`, () => {
        const up = states().filter(({ operstate }) => operstate === "UP");
        // The route of an address comes after the address, even without duplicate address detection.
        const own = addresses().filter(({ ifname }) => names.includes(ifname));
        const routes = local();
        const isRouted = (address: string): boolean => routes.some(({ dst }) => dst === address);
        if (!own.every(({ addr_info }) => addr_info.every((one) => isRouted(one.local))))
          return false;
        return names.every(
          (name) =>
            up.some(({ ifname }) => ifname === name) &&
            routes.some(({ dev, dst }) => dev === name && dst.startsWith("fe80:")) &&
            routes.some(({ dev, dst }) => dev === name && dst === "ff00::/8"),
        );
      });
    },
    read: () => control.read(never),
    routing: () =>
      ["-4 rule", "-6 rule", "-4 route show table all", "-6 route show table all"]
        .map(print)
        .join("\n"),
    rules: (family) => namespace.ip(`${flag(family)} rule`),
    table: (family, table) => {
      try {
        return namespace.ip(`${flag(family)} route show table ${table}`).trim();
      } catch {
        return ""; // no route was ever put into it
      }
    },
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      namespace[Symbol.dispose]();
    },
  };
}

/** Two uplinks, up0 with 10.0.0.2/24 and fd00::2/64, up1 with 10.1.0.2/24 and fd01::2/64. */
export const twoUplinks: readonly string[] = [
  ...uplinkCommands("up0"),
  ...uplinkCommands("up1"),
  "address add 10.0.0.2/24 dev up0",
  "address add 10.1.0.2/24 dev up1",
  "address add fd00::2/64 dev up0 nodad",
  "address add fd01::2/64 dev up1 nodad",
];

/** Opens a host with two uplinks that have settled. */
export async function openTwoUplinkHost(
  options: Partial<LinuxRouteControlOptions> = {},
): Promise<RouteControlHost> {
  const host = await openRouteControlHost(options);
  host.ip(...twoUplinks);
  await host.settle("up0", "up0p", "up1", "up1p");
  return host;
}

/** A pair over an interface by a gateway, in slot 0 if nothing else is said. */
export function pairOver(
  interfaceIndex: number,
  interfaceName: string,
  gateway: string | null,
  more: Partial<ScopedDefault> = {},
): ScopedDefault {
  return {
    family: gateway?.includes(":") === true ? "ipv6" : "ipv4",
    interfaceIndex,
    interfaceName,
    slot: 0,
    gateway,
    onlink: false,
    source: null,
    mtu: null,
    nexthops: [],
    form: "pair",
    connected: [],
    replyAddresses: [],
    ...more,
  };
}
