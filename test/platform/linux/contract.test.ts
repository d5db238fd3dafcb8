import { describe } from "vitest";
import {
  type ContractDefault,
  type ContractHost,
  describePlatformContract,
} from "../platform-contract.ts";
import { openLinuxHost, uplinkCommands } from "./linux-host.ts";

describe.skipIf(process.platform !== "linux")("on a real kernel", () => {
  describePlatformContract("Linux", openContractHost);
});

async function openContractHost(): Promise<ContractHost> {
  const host = await openLinuxHost();
  const { namespace } = host;
  const ip = (words: string): void => void namespace.ip(words);
  const route = (verb: string, { family, gateway, interface: name, metric }: ContractDefault) =>
    ip(
      `${family === "ipv4" ? "-4" : "-6"} route ${verb} default via ${gateway} dev ${name} metric ${metric}`,
    );
  return {
    platform: host.platform,
    metrics: true,
    createUplink(name) {
      namespace.ipBatch(uplinkCommands(name));
      return host.indexOf(name);
    },
    setUp: (name, up) => ip(`link set ${name} ${up ? "up" : "down"}`),
    addAddress: (name, address) =>
      ip(`address add ${address} dev ${name}${address.includes(":") ? " nodad" : ""}`),
    removeAddress: (name, address) => ip(`address del ${address} dev ${name}`),
    addDefault: (given) => route("add", given),
    removeDefault: (given) => route("del", given),
    rename: (name, newName) => ip(`link set ${name} name ${newName}`),
    remove: (name) => ip(`link del ${name}`),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
