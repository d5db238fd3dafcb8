import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { NetworkState } from "../network/state.ts";
import { nextExpiry } from "./effective-default.ts";

// The kernel counts lifetimes in hundredths of a second: look just after the end, not just before.
const marginMs = 100;

/** When lifetimes of defaults end. Routes that expire go, or stay as dead ones, without a message. */
export interface ExpiryAlarm {
  /** Learns the lifetimes of a new state; `epochNow` and `now` are the same moment by two clocks. */
  arm(network: NetworkState, epochNow: number, now: number): void;
  /** The earliest end, by the monotonic clock; Infinity when there is none. */
  nextAt(): number;
  /** The families where a lifetime has ended; each is named once. */
  take(now: number): readonly IpFamily[];
}

export function createExpiryAlarm(): ExpiryAlarm {
  const ends: Record<IpFamily, number> = { ipv4: Infinity, ipv6: Infinity };
  return {
    arm(network, epochNow, now) {
      for (const family of ipFamilies) {
        // One that ended within the margin has not been looked at since: another door's read must not disarm it.
        const end = nextExpiry(network.defaults[family], epochNow - marginMs);
        ends[family] = end === null ? Infinity : now + (end - epochNow) + marginMs;
      }
    },
    nextAt: () => Math.min(ends.ipv4, ends.ipv6),
    take(now) {
      const over = ipFamilies.filter((family) => ends[family] <= now);
      for (const family of over) ends[family] = Infinity;
      return over;
    },
  };
}
