import type { Leases, LeasesOptions } from "../../src/leases/lease-holding.ts";
import { type AskedWish, leaseLimits } from "../../src/leases/lease-terms.ts";
import { openLeases } from "../../src/leases/leases.ts";
import type { LeasedHost } from "../routes/leased/leased-host.ts";

let ids = 0;

/** Opens the leases of a host made of arrays. */
export function openLeasesOf(
  own: LeasedHost,
  given: Pick<LeasesOptions, "journal"> & Partial<LeasesOptions>,
): Promise<Leases> {
  const { kernel } = own.host.platform;
  return openLeases({
    keeper: own.keeper,
    links: () =>
      new Map([...kernel.interfaces].map(([index, one]) => [index, { ...one, generation: 1 }])),
    readCarriers: async (family) =>
      kernel.defaults(family).answers.flatMap((answer) => answer ?? []),
    follow: own.follow,
    tableBase: 5100,
    newId: () => {
      ids += 1;
      return `lease-${ids}`;
    },
    now: () => own.host.moment().epochMs,
    uptimeMs: () => 60_000,
    onNews: () => undefined,
    onTrouble: (error) => {
      throw error;
    },
    limits: leaseLimits,
    ...given,
  });
}

export const uplink: AskedWish = { kind: "uplink", via: "wlan0", families: ["ipv4"] };
export const tunnel: Extract<AskedWish, { kind: "default" }> = {
  kind: "default",
  via: "tun0",
  families: ["ipv4"],
  mode: "metric",
  gateways: [],
  onLost: "restore",
  endpoints: [],
  stack: false,
};
export const owner = { pid: 42, uid: 1000, command: "vpn" };
