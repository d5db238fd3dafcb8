import type { NetworkState } from "../../src/network/state.ts";
import type { Reading } from "../../src/platform/platform.ts";

/** What a platform that has this network reads when it is asked for everything. */
export function wholeReading({ interfaces, defaults }: NetworkState): Reading {
  return {
    complete: true,
    interfaces,
    defaults: new Map([
      ["ipv4", defaults.ipv4],
      ["ipv6", defaults.ipv6],
    ]),
  };
}
