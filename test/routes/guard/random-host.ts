import type { NetworkInterface } from "../../../src/network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../../src/network/route.ts";
import type { Requester } from "../../../src/platform/route-evidence.ts";
import { isSameDefault } from "../../../src/routes/guard/default-identity.ts";
import type { NetworkSeen } from "../../../src/routes/guard/network-seen.ts";
import { memoryDefault } from "../../platform/memory/memory-host.ts";
import { eth0, looksLike, tun0, viaEth0, viaTun0, viaWlan0, wlan0 } from "./host.ts";

/** Every default that can stand on the random host, by number. */
export const possible: readonly DefaultRoute[] = [
  viaEth0,
  { ...viaEth0, metric: 200 },
  { ...viaWlan0, protocol: "dhcp" },
  viaTun0,
  { ...viaTun0, prefix: "0.0.0.0/1" },
  memoryDefault("10.0.0.254", 2, { metric: 300, protocol: "dhcp" }),
  memoryDefault("fd00::1", 2, { metric: 1_024, protocol: "ra" }),
  memoryDefault(null, 7, { family: "ipv6", metric: 50 }),
];

/** What the test itself knows of a default that does not stand: the truth, not what messages say. */
export interface Absence {
  readonly since: number;
  /** Null for one that the kernel took along, or that went without a message. */
  readonly by: Requester | null;
  readonly owner: Requester | null;
  /** When its link and its address were first missed; null while they were there. */
  readonly linkWentAt: number | null;
  readonly addressWentAt: number | null;
  /** Another removal of it was heard within the 500 ms before. */
  readonly blurred: boolean;
}

/** A kernel of three interfaces, and what is true of each default that went. */
export class RandomHost {
  up = new Set([2, 3]);
  addressed = new Set([2, 3]);
  standing = new Map<DefaultRoute, Requester | null>();
  absences = new Map<DefaultRoute, Absence>();
  /** When a message told last of the removal of each. */
  readonly told = new Map<DefaultRoute, number>();
  arrivals: { readonly route: DefaultRoute; readonly at: number }[] = [];

  add(route: DefaultRoute, by: Requester | null, now: number): boolean {
    const [index = 0] = interfacesOfRoute(route);
    if (this.standing.has(route) || !this.up.has(index) || !this.addressed.has(index)) return false;
    if (!this.stands(route)) this.arrivals.push({ route, at: now });
    this.standing.set(route, by);
    for (const gone of this.absences.keys()) {
      if (isSameDefault(gone, route)) this.absences.delete(gone);
    }
    return true;
  }

  remove(route: DefaultRoute, by: Requester | null, now: number): boolean {
    if (!this.standing.has(route)) return false;
    const owner = this.standing.get(route) ?? null;
    this.standing.delete(route);
    const [index = 0] = interfacesOfRoute(route);
    if (!this.stands(route)) {
      const blurred = now - (this.told.get(route) ?? 0) <= 500;
      const absence = { since: now, by, owner, linkWentAt: null, addressWentAt: null, blurred };
      this.absences.set(route, absence);
      this.#note(index, now);
    }
    return true;
  }

  link(index: number, up: boolean, now: number): void {
    if (up) this.up.add(index);
    else this.up.delete(index);
    if (index === 7 && up) this.addressed.add(7);
    if (!up) this.#takeAlong(index, now);
    this.#note(index, now);
  }

  address(index: number, there: boolean, now: number): void {
    if (there) this.addressed.add(index);
    else this.addressed.delete(index);
    if (!there) this.#takeAlong(index, now);
    this.#note(index, now);
  }

  stands(route: DefaultRoute): boolean {
    return [...this.standing.keys()].some((one) => isSameDefault(one, route));
  }

  seen(): NetworkSeen {
    const interfaces = [eth0, wlan0, tun0].flatMap((one): NetworkInterface[] => {
      const up = this.up.has(one.index);
      if (one.index === 7 && !up) return [];
      const addresses = this.addressed.has(one.index) ? one.addresses : [];
      return [{ ...one, up, carrier: up, addresses }];
    });
    return looksLike(interfaces, [...this.standing.keys()]);
  }

  #takeAlong(index: number, now: number): void {
    for (const route of [...this.standing.keys()]) {
      if (interfacesOfRoute(route).includes(index)) this.remove(route, null, now);
    }
  }

  #note(index: number, now: number): void {
    for (const [route, absence] of this.absences) {
      if (!interfacesOfRoute(route).includes(index)) continue;
      this.absences.set(route, {
        ...absence,
        linkWentAt: absence.linkWentAt ?? (this.up.has(index) ? null : now),
        addressWentAt: absence.addressWentAt ?? (this.addressed.has(index) ? null : now),
      });
    }
  }
}
