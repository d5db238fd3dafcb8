import { describe, expect, test } from "vitest";
import { createGenerations, type Generations } from "../../src/monitor/generation.ts";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { memoryInterface } from "../platform/memory/memory-host.ts";

function stand(...interfaces: NetworkInterface[]): ReadonlyMap<number, NetworkInterface> {
  return new Map(interfaces.map((one) => [one.index, one]));
}

/** Generations that are told of every index that ever was. */
function openGenerations(
  rememberedNames?: number,
): Pick<Generations, "of"> & { update(now: ReadonlyMap<number, NetworkInterface>): unknown } {
  const generations = createGenerations(rememberedNames);
  const indexes = new Set<number>();
  return {
    of: generations.of,
    update(now) {
      for (const index of now.keys()) indexes.add(index);
      return generations.update(now, indexes);
    },
  };
}

describe("createGenerations()", () => {
  test("a new index under an old name is a new generation", () => {
    const generations = openGenerations();
    generations.update(stand(memoryInterface(2, "eth0")));
    expect(generations.of(2)).toBe(1);
    expect(generations.update(stand(memoryInterface(9, "eth0")))).toEqual(new Set());
    expect(generations.of(9)).toBe(2);
  });

  test("a change of the device itself is none", () => {
    const generations = openGenerations();
    generations.update(stand(memoryInterface(2, "eth0")));
    const next = memoryInterface(2, "eth0", { mac: "02:00:00:00:00:99", mtu: 9000, up: false });
    expect(generations.update(stand(next))).toEqual(new Set());
    expect(generations.of(2)).toBe(1);
  });

  test("an index with another kind is another device", () => {
    const generations = openGenerations();
    generations.update(stand(memoryInterface(2, "eth0")));
    const replaced = generations.update(stand(memoryInterface(2, "eth0", { kind: "bridge" })));
    expect(replaced).toEqual(new Set([2]));
    expect(generations.of(2)).toBe(2);
  });

  test("an index that comes back after it was gone is another device", () => {
    const generations = openGenerations();
    generations.update(stand(memoryInterface(2, "eth0")));
    generations.update(stand());
    expect(generations.update(stand(memoryInterface(2, "eth0")))).toEqual(new Set());
    expect(generations.of(2)).toBe(2);
  });

  test("a device that is renamed and renamed back is the same", () => {
    const generations = openGenerations();
    generations.update(stand(memoryInterface(2, "eth0")));
    expect(generations.update(stand(memoryInterface(2, "lan0")))).toEqual(new Set());
    expect(generations.of(2)).toBe(1);
    generations.update(stand(memoryInterface(2, "eth0")));
    expect(generations.of(2)).toBe(1);
  });

  test("a device that takes another's name is the next of that name", () => {
    const generations = openGenerations();
    generations.update(stand(memoryInterface(2, "eth0"), memoryInterface(3, "eth1")));
    generations.update(stand(memoryInterface(2, "eth1"), memoryInterface(3, "eth0")));
    expect([generations.of(2), generations.of(3)]).toEqual([2, 2]);
  });

  test("forgets names without a device, oldest first, but never one that is borne", () => {
    const generations = openGenerations(2);
    const kept = memoryInterface(1, "kept");
    generations.update(stand(kept));
    for (let index = 10; index < 14; index += 1)
      generations.update(stand(kept, memoryInterface(index, `veth${index}`)));
    generations.update(stand(kept, memoryInterface(20, "veth10"), memoryInterface(21, "veth13")));
    expect([generations.of(20), generations.of(21)]).toEqual([1, 2]);
    generations.update(stand(kept, memoryInterface(22, "kept2")));
    expect(generations.of(1)).toBe(1);
  });
});
