import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { InterfaceAddress, NetworkInterface } from "../../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import type { FamilyDefaults } from "../../network/state.ts";
import type { ChangeHint, ReadScope, Uptime } from "../platform.ts";
import type { RouteEvidence } from "../route-evidence.ts";

/** How often the platform was read, and what for. */
export interface ReadCounts {
  readonly all: number;
  readonly doors: number;
  /** Interfaces asked for by index, over all reads. */
  readonly interfaces: number;
  /** Families asked for by name, over all reads. */
  readonly defaults: number;
  readonly last: ReadScope | null;
}

/** The hands of a test in the memory kernel. What is given is copied. */
export interface MemoryControls {
  /** Adds or replaces an interface by its index, and rings it. Going down or away takes its defaults silently. */
  setInterface(given: NetworkInterface): void;
  removeInterface(index: number): void;
  setAddresses(index: number, addresses: readonly InterfaceAddress[]): void;
  /** Replaces the defaults of a family; the answers follow from the routes unless they are given. */
  setDefaults(
    family: IpFamily,
    routes: readonly DefaultRoute[],
    answers?: readonly (DefaultRoute | null)[],
  ): void;
  /** While deaf, changes ring no door. */
  deafen(deaf: boolean): void;
  /** Rings a door although nothing changed. */
  ring(hint: ChangeHint): void;
  /** Loses messages as a full receive buffer does: one hint for everything. */
  overflow(): void;
  /** Ends every open change source with an error. */
  killSource(): void;
  /** Makes `changes()` throw this, or work again with null. */
  refuseSources(error: Error | null): void;
  /** While mute, probes are not answered. */
  muteProbe(mute: boolean): void;
  /** Fixes the two clocks; with null they follow `performance.now()` again. */
  setUptime(uptime: Uptime | null): void;
  /** Makes reads fail with this, all or only those of everything; or work again with null. */
  failReads(error: Error | null, scope?: "all"): void;
  /** Makes each read take so long. The reading is what stood when the read began. */
  setReadCost(costMs: number): void;
  readCounts(): ReadCounts;
  openSources(): number;
  /** Tells whoever listens what a message would have said of who changed a default. */
  giveEvidence(evidence: RouteEvidence): void;
}

/** A rule beside those that every system has (local, main, default), in the words of ip-rule(8). */
export interface MemoryRule {
  readonly family: IpFamily;
  readonly preference: number;
  /** By name: it stays, detached, when the interface goes, and takes the next of that name. */
  readonly oif: string | null;
  readonly from: string | null;
  readonly table: number;
  /** `suppress_prefixlength 0`: defaults of the table do not count. */
  readonly suppressDefaults: boolean;
  readonly protocol: string;
}

/** The arrays themselves: what stands, frozen. */
export class MemoryKernel {
  readonly #interfaces = new Map<number, NetworkInterface>();
  readonly #routes: Record<IpFamily, readonly DefaultRoute[]> = { ipv4: [], ipv6: [] };
  readonly #answers: Record<IpFamily, readonly (DefaultRoute | null)[] | null> = {
    ipv4: null,
    ipv6: null,
  };
  #scopedRoutes: readonly DefaultRoute[] = [];
  #rules: readonly MemoryRule[] = [];
  readonly #answer: (
    family: IpFamily,
    routes: readonly DefaultRoute[],
    interfaces: ReadonlyMap<number, NetworkInterface>,
  ) => readonly (DefaultRoute | null)[];

  constructor(
    answer: (
      family: IpFamily,
      routes: readonly DefaultRoute[],
      interfaces: ReadonlyMap<number, NetworkInterface>,
    ) => readonly (DefaultRoute | null)[],
  ) {
    this.#answer = answer;
  }

  get interfaces(): ReadonlyMap<number, NetworkInterface> {
    return this.#interfaces;
  }

  defaults(family: IpFamily): FamilyDefaults {
    const routes = this.#routes[family];
    const answers = this.#answers[family] ?? this.#answer(family, routes, this.#interfaces);
    return Object.freeze({ routes, answers: Object.freeze(answers) });
  }

  /** Routes of tables that only rules for bound sockets reach; `throw` routes with longer prefixes too. */
  get scopedRoutes(): readonly DefaultRoute[] {
    return this.#scopedRoutes;
  }

  setScopedRoutes(routes: readonly DefaultRoute[]): void {
    this.#scopedRoutes = frozenCopy(routes);
  }

  /** In the order of their preferences, those of equal preference in the order of adding. */
  get rules(): readonly MemoryRule[] {
    return this.#rules;
  }

  setRules(rules: readonly MemoryRule[]): void {
    this.#rules = frozenCopy(rules.toSorted((a, b) => a.preference - b.preference));
  }

  setInterface(given: NetworkInterface): void {
    const lostFamilies = ipFamilies.filter((family) => this.#losesFamily(given, family));
    this.#interfaces.set(given.index, frozenCopy(given));
    for (const family of given.up ? lostFamilies : ipFamilies) this.#dropOver(given.index, family);
  }

  removeInterface(index: number): boolean {
    if (!this.#interfaces.delete(index)) return false;
    for (const family of ipFamilies) this.#dropOver(index, family);
    return true;
  }

  setDefaults(
    family: IpFamily,
    routes: readonly DefaultRoute[],
    answers: readonly (DefaultRoute | null)[] | null,
  ): void {
    this.#routes[family] = frozenCopy(routes);
    this.#answers[family] = answers === null ? null : frozenCopy(answers);
  }

  // Linux: with the last address of a family the kernel takes that family's routes, and says nothing.
  #losesFamily(given: NetworkInterface, family: IpFamily): boolean {
    const had = this.#interfaces.get(given.index)?.addresses ?? [];
    const isOf = (address: InterfaceAddress): boolean => address.family === family;
    return had.some(isOf) && !given.addresses.some(isOf);
  }

  #dropOver(index: number, family: IpFamily): void {
    this.#scopedRoutes = this.#scopedRoutes.filter(
      (route) => route.family !== family || !interfacesOfRoute(route).includes(index),
    );
    const routes = this.#routes[family];
    const left = routes.filter((route) => !interfacesOfRoute(route).includes(index));
    if (left.length === routes.length) return;
    this.#routes[family] = Object.freeze(left);
    this.#answers[family] = null;
  }
}

function frozenCopy<Value>(value: Value): Value {
  return freezeDeep(structuredClone(value));
}

function freezeDeep<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) freezeDeep(part);
    Object.freeze(value);
  }
  return value;
}
