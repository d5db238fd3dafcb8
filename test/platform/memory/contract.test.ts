import type { NetworkInterface } from "../../../src/network/interface.ts";
import { openMemoryPlatform } from "../../../src/platform/memory/memory-platform.ts";
import {
  type ContractDefault,
  type ContractHost,
  describePlatformContract,
} from "../platform-contract.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "./memory-host.ts";

describePlatformContract("memory", openMemoryHost);

async function openMemoryHost(): Promise<ContractHost> {
  const platform = openMemoryPlatform();
  const { controls } = platform;
  const interfaces = new Map<string, NetworkInterface>();
  let lastIndex = 1;

  const named = (name: string): NetworkInterface => {
    const found = interfaces.get(name);
    if (found === undefined) throw new Error(`no interface ${name}`);
    return found;
  };
  const put = (next: NetworkInterface): void => {
    interfaces.set(next.name, next);
    controls.setInterface(next);
  };
  const routesWith = async (
    { family, gateway, interface: name, metric }: ContractDefault,
    add: boolean,
  ): Promise<void> => {
    const all = await platform.read({ kind: "all" }, new AbortController().signal);
    const routes = all.defaults.get(family)?.routes ?? [];
    const route = memoryDefault(gateway, named(name).index, { family, metric });
    const others = routes.filter((known) => known.gateway !== gateway || known.metric !== metric);
    controls.setDefaults(family, add ? [...others, route] : others);
  };

  return {
    platform,
    metrics: true,
    createUplink(name) {
      lastIndex += 1;
      put(memoryInterface(lastIndex, name));
      return lastIndex;
    },
    setUp: (name, up) => put({ ...named(name), up, carrier: up, operState: up ? "up" : "down" }),
    addAddress(name, address) {
      const known = named(name);
      put({ ...known, addresses: [...known.addresses, memoryAddress(address)] });
    },
    removeAddress(name, address) {
      const known = named(name);
      const { address: text } = memoryAddress(address);
      put({ ...known, addresses: known.addresses.filter((one) => one.address !== text) });
    },
    addDefault: (route) => routesWith(route, true),
    removeDefault: (route) => routesWith(route, false),
    rename(name, newName) {
      const known = named(name);
      interfaces.delete(name);
      put({ ...known, name: newName });
    },
    remove(name) {
      controls.removeInterface(named(name).index);
      interfaces.delete(name);
    },
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}
