import { enterNetworkNamespace } from "../../../native-bindings/linux/network-namespace.ts";
import type { IpFamily } from "../../../src/network/address.ts";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import type { FamilyDefaults } from "../../../src/network/state.ts";
import {
  type LinuxPlatformOptions,
  openLinuxPlatform,
} from "../../../src/platform/linux/linux-platform.ts";
import type { Platform, ReadScope } from "../../../src/platform/platform.ts";
import { openNamespace, type TestNamespace } from "../../namespace/namespace.ts";

/** A fresh namespace that this process has entered, and the platform in it. */
export interface LinuxHost extends AsyncDisposable {
  readonly namespace: TestNamespace;
  readonly platform: Platform;
  /** Index of an interface by name, as `ip` sees it. */
  indexOf(name: string): number;
  interfaceNamed(name: string): Promise<NetworkInterface>;
  defaults(family: IpFamily): Promise<FamilyDefaults>;
}

/** Opens a host with nothing but `lo`. vitest gives each file a process of its own, so the entered namespace stays. */
export async function openLinuxHost(options: LinuxPlatformOptions = {}): Promise<LinuxHost> {
  const namespace = await openNamespace();
  enterNetworkNamespace(namespace.path);
  const platform = openLinuxPlatform(options);
  const { signal } = new AbortController();
  const indexOf = (name: string): number => {
    const [found] = namespace.ipJson(`link show dev ${name}`) as { ifindex: number }[];
    if (found === undefined) throw new Error(`no interface ${name}`);
    return found.ifindex;
  };
  return {
    namespace,
    platform,
    indexOf,
    async interfaceNamed(name) {
      const index = indexOf(name);
      const reading = await platform.read(doors([index], []), signal);
      const found = reading.interfaces.get(index);
      if (!found) throw new Error(`interface ${name} was not read`);
      return found;
    },
    async defaults(family) {
      const reading = await platform.read(doors([], [family]), signal);
      const found = reading.defaults.get(family);
      if (found === undefined) throw new Error(`the ${family} defaults were not read`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      namespace[Symbol.dispose]();
    },
  };
}

/** A scope of some doors. */
export function doors(interfaces: readonly number[], defaults: readonly IpFamily[]): ReadScope {
  return { kind: "doors", interfaces: new Set(interfaces), defaults: new Set(defaults) };
}

/** Commands that make an uplink: a veth whose other end is up in the same namespace. */
export function uplinkCommands(name: string): readonly string[] {
  return [
    `link add ${name} type veth peer name ${name}p`,
    `link set ${name} up`,
    `link set ${name}p up`,
  ];
}
