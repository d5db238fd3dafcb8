import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { interfacesOfRoute } from "../network/route.ts";
import type { NetworkState } from "../network/state.ts";

/**
 * The families with a default over one of these interfaces. When such an interface rings, they are read along:
 * a link that went down and up again looks as it did, but its IPv4 default is gone, and nothing said so.
 */
export function familiesOver(
  { defaults }: NetworkState,
  indexes: ReadonlySet<number>,
): ReadonlySet<IpFamily> {
  return new Set(
    ipFamilies.filter((family) =>
      defaults[family].routes.some((route) =>
        interfacesOfRoute(route).some((index) => indexes.has(index)),
      ),
    ),
  );
}

/**
 * The families whose defaults may have gone without a message. A link that goes down or away takes its IPv4
 * routes silently, and so does its last IPv4 address (observed on Linux 6.18; XNU does the same for links);
 * carrier loss marks routes as dead, and a rename lets rules go, without a route message. What comes is
 * always announced, so a new interface is no reason.
 */
export function familiesAtRisk(
  before: ReadonlyMap<number, NetworkInterface>,
  after: ReadonlyMap<number, NetworkInterface>,
  indexes: Iterable<number>,
): ReadonlySet<IpFamily> {
  const families = new Set<IpFamily>();
  for (const index of indexes) {
    const was = before.get(index);
    const is = after.get(index);
    if (was === undefined || was === is) continue;
    for (const family of ipFamilies)
      if (is === undefined || linkDiffers(was, is) || losesAddress(was, is, family))
        families.add(family);
  }
  return families;
}

function linkDiffers(was: NetworkInterface, is: NetworkInterface): boolean {
  return (
    was.up !== is.up ||
    was.carrier !== is.carrier ||
    was.name !== is.name ||
    was.kind !== is.kind ||
    was.mac !== is.mac
  );
}

function losesAddress(was: NetworkInterface, is: NetworkInterface, family: IpFamily): boolean {
  return was.addresses.some(
    (old) =>
      old.family === family &&
      !is.addresses.some(
        (now) => now.address === old.address && now.prefixLength === old.prefixLength,
      ),
  );
}
