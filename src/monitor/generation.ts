import type { NetworkInterface } from "../network/interface.ts";

/** Counts, for each name, the devices that have borne it. */
export interface Generations {
  /**
   * Learns which devices exist now.
   *
   * @param changed the indexes where something may be different
   * @returns the indexes under which another device stands than before
   */
  update(
    interfaces: ReadonlyMap<number, NetworkInterface>,
    changed: Iterable<number>,
  ): ReadonlySet<number>;
  /** The generation of the device under an index, 1 for the first of its name. */
  of(index: number): number;
}

interface Device {
  readonly serial: number;
  readonly name: string;
  readonly kind: string;
  readonly generation: number;
}

/**
 * A new index under an old name is a new device, and so is an index that comes back after it was gone, or
 * with another kind. A device that is renamed and renamed back is the same. Names without a device are
 * forgotten beyond `rememberedNames`, oldest first: container runtimes make new random names for ever.
 */
export function createGenerations(rememberedNames = 4096): Generations {
  const devices = new Map<number, Device>();
  const names = new Map<string, { readonly serial: number; readonly generation: number }>();
  let lastSerial = 0;

  const name = (device: Omit<Device, "generation">, index: number): void => {
    const known = names.get(device.name);
    const generation =
      known?.serial === device.serial ? known.generation : (known?.generation ?? 0) + 1;
    devices.set(index, { ...device, generation });
    names.delete(device.name);
    names.set(device.name, { serial: device.serial, generation });
  };

  const forget = (): void => {
    if (names.size <= devices.size + rememberedNames) return;
    const borne = new Set([...devices.values()].map((device) => device.name));
    for (const old of names.keys()) {
      if (names.size <= devices.size + rememberedNames) return;
      if (!borne.has(old)) names.delete(old);
    }
  };

  return {
    update(interfaces, changed) {
      const replaced = new Set<number>();
      for (const index of changed) {
        const found = interfaces.get(index);
        const known = devices.get(index);
        if (found === undefined) {
          devices.delete(index);
          continue;
        }
        if (known !== undefined && known.kind === found.kind) {
          if (known.name !== found.name) name({ ...known, name: found.name }, index);
          continue;
        }
        if (known !== undefined) replaced.add(index);
        lastSerial += 1;
        name({ serial: lastSerial, name: found.name, kind: found.kind }, index);
      }
      forget();
      return replaced;
    },
    of: (index) => devices.get(index)?.generation ?? 1,
  };
}
