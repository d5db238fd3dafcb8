import type { ContractDefault } from "../platform-contract.ts";
import { describeRouteControlContract, type RouteContractHost } from "../route-control-contract.ts";
import { newHost } from "./host.ts";
import { openDarwinRouteHost } from "./route-control-host.ts";

describeRouteControlContract(
  "Darwin, with the routing-socket double as its kernel",
  async () => openContractHost(),
  "scopes",
);

function openContractHost(): RouteContractHost {
  const host = openDarwinRouteHost(newHost());
  const { double } = host;
  const route = (
    action: "ADD" | "DELETE",
    { family, gateway, interface: name }: ContractDefault,
  ): void =>
    host.route(action, {
      prefix: family === "ipv4" ? "0.0.0.0/0" : "::/0",
      interface: name,
      gateway,
    });
  return {
    control: host.control,
    createUplink(name) {
      double.run(`attach ${name} ethernet 02:aa:bb:cc:dd:0f`);
      double.run(`ifup ${name}`);
      return host.indexOf(name);
    },
    addAddress: (name, address) => double.run(`addr ${name} ${address}`),
    addDefault: (given) => route("ADD", given),
    removeDefault: (given) => route("DELETE", given),
    routing: () => host.routing(),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
