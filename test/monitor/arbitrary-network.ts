import { fc } from "@fast-check/vitest";
import type { IpFamily } from "../../src/network/address.ts";
import type { InterfaceAddress, NetworkInterface } from "../../src/network/interface.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import type { NetworkState } from "../../src/network/state.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";

const indexes = [1, 2, 3, 4] as const;
const names = ["eth0", "eth1", "veth0", "br0", "wlan0"] as const;
const addressTexts = ["10.0.0.2/24", "10.0.0.3/24", "10.1.0.2/16", "fd00::2/64", "fe80::2/64"];

/** Some addresses, each once, with flags that come and go. */
export const addressesOf: fc.Arbitrary<InterfaceAddress[]> = fc
  .subarray(addressTexts)
  .chain((texts) =>
    fc.tuple(
      ...texts.map((text) =>
        fc
          .subarray(["tentative", "deprecated"] as const)
          .map((flags) => memoryAddress(text, { flags })),
      ),
    ),
  );

/** An interface under one of four indexes; its name may be one that another has. */
export const anInterface: fc.Arbitrary<NetworkInterface> = fc
  .record({
    index: fc.constantFrom(...indexes),
    name: fc.constantFrom(...names),
    kind: fc.constantFrom("physical", "container"),
    up: fc.boolean(),
    carrier: fc.boolean(),
    mtu: fc.constantFrom(1_280, 1_500),
    addresses: addressesOf,
  })
  .map(({ index, name, ...more }) => memoryInterface(index, name, more));

/** Some defaults of a family, their positions as a kernel gives them. */
export function defaultsOf(family: IpFamily): fc.Arbitrary<readonly DefaultRoute[]> {
  const route = fc
    .record({
      gateway: fc.constantFrom(
        ...(family === "ipv4" ? ["10.0.0.1", "10.1.0.1"] : ["fe80::1", "fd00::1"]),
      ),
      index: fc.constantFrom(...indexes),
      metric: fc.constantFrom(50, 100),
      prefix: fc.constantFrom(
        ...(family === "ipv4" ? ["0.0.0.0/0", "128.0.0.0/1"] : ["::/0", "3000::/4"]),
      ),
      linkdown: fc.boolean(),
    })
    .map(({ gateway, index, ...more }) => memoryDefault(gateway, index, { family, ...more }));
  return fc.array(route, { maxLength: 3 }).map((routes) =>
    routes.map((one, at) => ({
      ...one,
      position: routes
        .slice(0, at)
        .filter((other) => other.prefix === one.prefix && other.metric === one.metric).length,
    })),
  );
}

/** A whole network; each name stands once. */
export const aNetwork: fc.Arbitrary<NetworkState> = fc
  .record({
    interfaces: fc.uniqueArray(anInterface, {
      selector: ({ name }) => name,
      maxLength: 4,
    }),
    ipv4: defaultsOf("ipv4"),
    ipv6: defaultsOf("ipv6"),
    silent: fc.boolean(),
  })
  .map(({ interfaces, ipv4, ipv6, silent }) => {
    const family = (routes: readonly DefaultRoute[]): NetworkState["defaults"]["ipv4"] => {
      const answer = silent ? null : (routes[0] ?? null);
      return { routes, answers: [answer, answer] };
    };
    return {
      interfaces: new Map(interfaces.map((one) => [one.index, one])),
      defaults: { ipv4: family(ipv4), ipv6: family(ipv6) },
    };
  });
