import {
  type ContractDefault,
  type ContractHost,
  describePlatformContract,
} from "../platform-contract.ts";
import { openDarwinHost } from "./darwin-host.ts";
import { newHost } from "./host.ts";

describePlatformContract("Darwin, with the routing-socket double as its kernel", async () =>
  openContractHost(),
);

function openContractHost(): ContractHost {
  const host = openDarwinHost(newHost());
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
    platform: host.platform,
    metrics: false,
    createUplink(name) {
      double.run(`attach ${name} ethernet 02:aa:bb:cc:dd:0f`);
      double.run(`ifup ${name}`);
      return host.indexOf(name);
    },
    setUp: (name, up) => double.run(`${up ? "ifup" : "ifdown"} ${name}`),
    addAddress: (name, address) => double.run(`addr ${name} ${address}`),
    removeAddress: (name, address) => double.run(`deladdr ${name} ${address.split("/")[0]}`),
    addDefault: (given) => route("ADD", given),
    removeDefault: (given) => route("DELETE", given),
    rename: null,
    remove: (name) => double.run(`detach ${name}`),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
