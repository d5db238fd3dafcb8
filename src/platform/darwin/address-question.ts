import type { IpFamily } from "../../network/address.ts";
import type { RouteQuestion } from "./route-requester.ts";

/** Asks which entry the kernel would take for an address, from a socket that is bound to nothing. */
export function addressQuestion(family: IpFamily, address: Uint8Array): RouteQuestion {
  return {
    action: "GET",
    destination: { family: family === "ipv4" ? "inet" : "inet6", address, prefixLength: null },
    gateway: null,
    scope: null,
    flags: [],
    mtu: null,
    withInterface: false,
  };
}
