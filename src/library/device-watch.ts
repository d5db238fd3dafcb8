import type { NetworkInterface } from "../network/interface.ts";
import type { InterfaceName } from "../platform/internet-socket.ts";
import type { InterfaceNews, InterfaceSight } from "./interface-sight.ts";
import type { StaleBecause } from "./stale-binding-error.ts";

/** Whether anything can leave by an interface, or why not. */
export type Standing = "usable" | StaleBecause;

/** The device that stands for an interface's name. */
export interface Device extends InterfaceName {
  readonly kind: string;
  readonly mac: string | null;
  /** How many devices have borne the name, this one included. */
  readonly generation: number;
}

/** What a watch tells: that the standing is another, and the device too where there is one `from` which it moved. */
export interface DeviceChange {
  readonly standing: Standing;
  readonly from: Device | null;
}

/** Which device is meant, and whether another of the same name may take its place. */
export interface DeviceWish {
  readonly name: string;
  readonly index: number | null;
  readonly generation: number | null;
  readonly mayFollow: boolean;
}

const retryLookMs = 1_000;

/**
 * Keeps one device in sight. It is the same while its index stays, with its name or its MAC; what was once seen gone is
 * lost for good, whatever bears its name or its index later.
 */
export class DeviceWatch implements AsyncDisposable {
  readonly #sight: InterfaceSight;
  readonly #wish: DeviceWish;
  readonly #changed: (change: DeviceChange) => void;
  readonly #endNews: () => void;
  #name: string;
  #device: Device | null = null;
  #isLost = false;
  #standing: Standing = "gone";
  #looks: Promise<void> = Promise.resolve();
  #isLookDue = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | null = null;

  /** The sight belongs to the watch from now on. It knows nothing before `begin`. */
  constructor(sight: InterfaceSight, wish: DeviceWish, changed: (change: DeviceChange) => void) {
    this.#sight = sight;
    this.#wish = wish;
    this.#name = wish.name;
    this.#changed = changed;
    this.#endNews = sight.onNews((news) => this.#hear(news));
  }

  /** The device's own, which may be another than it was asked for by; else the name that is waited for. */
  get name(): string {
    return this.#device !== null && !this.#isLost ? this.#device.name : this.#name;
  }

  /** As last seen; it may be lost. */
  get device(): Device | null {
    return this.#device;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** The device was there and is no more, and no other may take its place. */
  get isLostForGood(): boolean {
    return this.#isLost && !this.#wish.mayFollow;
  }

  /** Looks for the first time. @throws PlatformError when the kernel cannot be read */
  async begin(): Promise<void> {
    const found = await this.#readByName();
    if (found !== null) {
      const { index, generation } = this.#wish;
      const device = this.#deviceOf(found, 1);
      const isOther = index !== null && index !== found.index;
      const isLater = generation !== null && generation !== device.generation;
      this.#isLost = isOther || (isLater && this.#sight.hasDaemonsCount);
      this.#device = device;
    }
    await this.look();
  }

  /** Looks now; looks that are asked for meanwhile follow. @throws PlatformError when the kernel cannot be read */
  look(): Promise<void> {
    const next = this.#looks.then(() => this.#lookOnce());
    this.#looks = next.catch(() => undefined);
    return next;
  }

  /** Another interface is meant from now on: the device is as good as lost. */
  aimAt(name: string): void {
    this.#name = name;
    this.#isLost = this.#device !== null;
    this.#lookUntilSeen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#endNews();
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#looks;
    await this.#sight[Symbol.asyncDispose]();
  }

  #hear(news: readonly InterfaceNews[]): void {
    const names = [this.#name, this.#device?.name];
    const ours = news.filter(
      (one) => one.index === this.#device?.index || names.includes(one.interface),
    );
    if (news.length > 0 && ours.length === 0) return;
    for (const { kind, index, generation } of ours) {
      if (this.#device === null || index !== this.#device.index || this.#isLost) continue;
      // News come late: what they tell of may be the device before.
      if (kind === "interface-removed") this.#isLost = generation === this.#device.generation;
      if (kind === "interface-added") this.#device = { ...this.#device, generation };
    }
    if (this.#isLookDue) return;
    this.#isLookDue = true;
    this.#lookUntilSeen();
  }

  /** While the kernel cannot be read, what is known stands. */
  #lookUntilSeen(): void {
    this.look().catch(() => {
      if (this.#isClosed) return;
      if (this.#retry !== null) clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#lookUntilSeen(), retryLookMs);
    });
  }

  async #lookOnce(): Promise<void> {
    this.#isLookDue = false;
    if (this.#isClosed) return;
    const device = this.#device;
    const found = device === null || this.#isLost ? null : await this.#sight.read(device.index);
    // What was heard during the read counts for more than what was read.
    if (device !== null && found !== null && !this.#isLost && isSame(device, found)) {
      const { generation } = this.#device ?? device;
      this.#device = { ...device, name: found.name, mac: found.mac, generation };
      return this.#stand(standingOf(found), null);
    }
    this.#isLost = device !== null;
    const successor = await this.#readByName();
    if (this.#isClosed) return;
    if (successor === null) this.#stand("gone", null);
    else if (device === null) this.#adopt(successor, null);
    else if (this.#wish.mayFollow && standingOf(successor) === "usable")
      this.#adopt(successor, device);
    else this.#stand("moved", null);
  }

  #adopt(found: NetworkInterface, from: Device | null): void {
    this.#device = this.#deviceOf(found, (from?.generation ?? 0) + 1);
    this.#isLost = false;
    this.#stand(standingOf(found), from);
  }

  #stand(standing: Standing, from: Device | null): void {
    if (standing === this.#standing && from === null) return;
    this.#standing = standing;
    this.#changed({ standing, from });
  }

  async #readByName(): Promise<NetworkInterface | null> {
    const index = this.#sight.indexOf(this.#name);
    return index === null ? null : await this.#sight.read(index);
  }

  #deviceOf({ index, name, kind, mac }: NetworkInterface, generation: number): Device {
    return { index, name, kind, mac, generation: this.#sight.generationOf(index) ?? generation };
  }
}

function isSame(device: Device, found: NetworkInterface): boolean {
  if (device.kind !== found.kind) return false;
  return device.name === found.name || (device.mac !== null && device.mac === found.mac);
}

function standingOf({ up, carrier }: NetworkInterface): Standing {
  if (!up) return "down";
  return carrier ? "usable" : "no-carrier";
}
