import { describe } from "vitest";
import type { ContractDefault } from "../platform-contract.ts";
import { describeRouteControlContract, type RouteContractHost } from "../route-control-contract.ts";
import { uplinkCommands } from "./linux-host.ts";
import { openRouteControlHost } from "./route-control-host.ts";

describe.skipIf(process.platform !== "linux")("on a real kernel", () => {
  describeRouteControlContract("Linux", openContractHost);
});

async function openContractHost(): Promise<RouteContractHost> {
  const host = await openRouteControlHost();
  const route = (verb: string, { family, gateway, interface: name, metric }: ContractDefault) =>
    void host.namespace.ip(
      `${family === "ipv4" ? "-4" : "-6"} route ${verb} default via ${gateway} dev ${name} metric ${metric}`,
    );
  return {
    control: host.control,
    async createUplink(name) {
      host.ip(...uplinkCommands(name));
      await host.settle(name, `${name}p`);
      return host.indexOf(name);
    },
    async addAddress(name, address) {
      const isIpv6 = address.includes(":");
      host.ip(`address add ${address} dev ${name}${isIpv6 ? " nodad" : ""}`);
      if (isIpv6) await host.settle(name);
    },
    addDefault: (given) => route("add", given),
    removeDefault: (given) => route("del", given),
    routing: () => host.routing(),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
