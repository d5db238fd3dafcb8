import type { DefaultRoute } from "../../../src/network/route.ts";
import { openMemoryPlatform } from "../../../src/platform/memory/memory-platform.ts";
import { openMemoryRouteControl } from "../../../src/platform/memory/memory-route-control.ts";
import type { ContractDefault } from "../platform-contract.ts";
import { describeRouteControlContract, type RouteContractHost } from "../route-control-contract.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "./memory-host.ts";

async function openHost(): Promise<RouteContractHost> {
  const platform = openMemoryPlatform();
  const control = openMemoryRouteControl(platform);
  const { kernel, controls } = platform;
  const named = (name: string): number => {
    const found = [...kernel.interfaces.values()].find((link) => link.name === name);
    if (found === undefined) throw new RangeError(`there is no ${name}`);
    return found.index;
  };
  const routeOf = ({ family, gateway, interface: name, metric }: ContractDefault): DefaultRoute =>
    memoryDefault(gateway, named(name), { family, metric });
  return {
    control,
    createUplink(name) {
      const index = kernel.interfaces.size + 1;
      controls.setInterface(memoryInterface(index, name));
      return index;
    },
    addAddress(name, text) {
      const index = named(name);
      const { addresses } = kernel.interfaces.get(index) ?? { addresses: [] };
      controls.setAddresses(index, [...addresses, memoryAddress(text)]);
    },
    addDefault(route) {
      const { routes } = kernel.defaults(route.family);
      controls.setDefaults(route.family, [...routes, routeOf(route)]);
    },
    removeDefault(route) {
      const { gateway, metric } = route;
      const { routes } = kernel.defaults(route.family);
      controls.setDefaults(
        route.family,
        routes.filter((one) => one.gateway !== gateway || one.metric !== metric),
      );
    },
    routing: () =>
      JSON.stringify([
        kernel.defaults("ipv4").routes,
        kernel.defaults("ipv6").routes,
        kernel.scopedRoutes,
        kernel.rules,
      ]),
    [Symbol.asyncDispose]: async () => {
      await control[Symbol.asyncDispose]();
      await platform[Symbol.asyncDispose]();
    },
  };
}

describeRouteControlContract("memory", openHost);
