import { expect, test } from "vitest";
import { type DeviceChange, DeviceWatch, type DeviceWish } from "../../src/library/device-watch.ts";
import type { InterfaceNews, InterfaceSight } from "../../src/library/interface-sight.ts";
import { createBroadcast } from "../../src/monitor/broadcast.ts";
import type { NetworkInterface } from "../../src/network/interface.ts";

/** Interfaces made of an array, and news that come when a test says so. */
class FakeSight implements InterfaceSight {
  interfaces: NetworkInterface[] = [];
  generations = new Map<number, number>();
  failures = 0;
  hasDaemonsCount = true;
  readonly #news = createBroadcast<readonly InterfaceNews[]>();
  readonly onNews = this.#news.listen;

  put(index: number, name: string, more: Partial<NetworkInterface> = {}): void {
    this.drop(index);
    this.interfaces.push({
      index,
      name,
      kind: "physical",
      mac: `02:00:00:00:00:0${index}`,
      mtu: 1500,
      up: true,
      carrier: true,
      operState: "up",
      addresses: [],
      ...more,
    });
  }

  drop(index: number): void {
    this.interfaces = this.interfaces.filter((one) => one.index !== index);
  }

  async read(index: number): Promise<NetworkInterface | null> {
    if (this.failures-- > 0) throw new Error("interrupted");
    return this.interfaces.find((one) => one.index === index) ?? null;
  }

  indexOf(name: string): number | null {
    return this.interfaces.find((one) => one.name === name)?.index ?? null;
  }

  generationOf(index: number): number | null {
    return this.generations.get(index) ?? null;
  }

  tell(...news: readonly [kind: string, index: number, generation: number][]): void {
    this.#news.tell(
      news.map(([kind, index, generation]) => ({
        kind: `interface-${kind}` as InterfaceNews["kind"],
        interface: "eth0",
        index,
        generation,
      })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function watchOf(
  sight: FakeSight,
  wish: Partial<DeviceWish> = {},
): Promise<{ watch: DeviceWatch; changes: DeviceChange[] }> {
  const changes: DeviceChange[] = [];
  const whole = { name: "eth0", index: null, generation: null, mayFollow: false, ...wish };
  const watch = new DeviceWatch(sight, whole, (change) => void changes.push(change));
  await watch.begin();
  changes.length = 0;
  return { watch, changes };
}

test("begin() finds the device by its name, and tells another than the one asked for", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  sight.generations.set(2, 4);
  expect((await watchOf(sight)).watch).toMatchObject({
    standing: "usable",
    device: { index: 2, generation: 4 },
  });
  expect((await watchOf(sight, { index: 2, generation: 4 })).watch.standing).toBe("usable");
  expect((await watchOf(sight, { index: 7 })).watch.standing).toBe("moved");
  expect((await watchOf(sight, { generation: 3 })).watch.standing).toBe("moved");
  expect((await watchOf(sight, { generation: 3, mayFollow: true })).watch).toMatchObject({
    standing: "usable",
    device: { index: 2, generation: 4 },
  });
  sight.hasDaemonsCount = false;
  expect((await watchOf(sight, { generation: 3 })).watch.standing).toBe("usable");
  expect((await watchOf(sight, { name: "eth9" })).watch.standing).toBe("gone");
});

test("a device that is down or without carrier comes back as the same", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  const { watch, changes } = await watchOf(sight);
  for (const state of [{ up: false }, { carrier: false }, {}]) {
    sight.put(2, "eth0", state);
    sight.tell(["changed", 2, 1]);
    await watch.look();
  }
  expect(changes.map(({ standing }) => standing)).toEqual(["down", "no-carrier", "usable"]);
  expect(changes.every(({ from }) => from === null)).toBe(true);
});

test("what was seen gone is lost, whatever has its name and its index later", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  const { watch } = await watchOf(sight);
  sight.drop(2);
  await watch.look();
  expect(watch).toMatchObject({ standing: "gone", isLostForGood: true });
  sight.put(2, "eth0");
  await watch.look();
  expect(watch).toMatchObject({ standing: "moved", isLostForGood: true, device: { index: 2 } });
});

test("what was told gone is lost, though its name and its index were there at every look", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  const { watch } = await watchOf(sight);
  sight.tell(["removed", 2, 1], ["added", 2, 2]);
  await watch.look();
  expect(watch.standing).toBe("moved");
});

test("news of the device before the last are late, and change nothing", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  const { watch, changes } = await watchOf(sight, { mayFollow: true });
  sight.drop(2);
  await watch.look();
  sight.put(3, "eth0");
  await watch.look();
  expect(watch).toMatchObject({ standing: "usable", device: { index: 3, generation: 2 } });
  sight.tell(["removed", 2, 1], ["added", 3, 5]);
  await watch.look();
  expect(watch).toMatchObject({ standing: "usable", device: { index: 3, generation: 5 } });
  expect(changes).toMatchObject([
    { standing: "gone", from: null },
    { standing: "usable", from: { index: 2, generation: 1 } },
  ]);
});

test("another device is followed only once something can leave by it", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  const { watch } = await watchOf(sight, { mayFollow: true });
  sight.drop(2);
  sight.put(3, "eth0", { up: false });
  await watch.look();
  expect(watch).toMatchObject({ standing: "moved", isLostForGood: false, device: { index: 2 } });
  sight.put(3, "eth0");
  await watch.look();
  expect(watch).toMatchObject({ standing: "usable", device: { index: 3 } });
});

test("a device that is renamed stays the same, and goes by its new name", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  const { watch, changes } = await watchOf(sight);
  sight.put(2, "wan0", { mac: "02:00:00:00:00:02" });
  sight.put(3, "eth0");
  await watch.look();
  expect(watch).toMatchObject({ standing: "usable", name: "wan0", device: { index: 2 } });
  // Another device with the index of a renamed one is told by its MAC.
  sight.put(2, "wan1", { mac: "02:00:00:00:00:99" });
  await watch.look();
  expect(changes).toMatchObject([{ standing: "moved" }]);
});

test("aimAt() means another interface from then on", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  sight.put(3, "wlan0");
  const { watch } = await watchOf(sight, { mayFollow: true });
  watch.aimAt("wlan0");
  await watch.look();
  expect(watch).toMatchObject({ standing: "usable", name: "wlan0", device: { index: 3 } });
  const { watch: fixed } = await watchOf(sight);
  fixed.aimAt("wlan0");
  await fixed.look();
  expect(fixed.standing).toBe("moved");
});

test("while the kernel cannot be read, what is known stands, and look() says so", async () => {
  const sight = new FakeSight();
  sight.put(2, "eth0");
  const { watch, changes } = await watchOf(sight);
  sight.put(2, "eth0", { up: false });
  sight.failures = 1;
  await expect(watch.look()).rejects.toThrow("interrupted");
  expect(watch.standing).toBe("usable");
  await watch.look();
  expect(changes).toMatchObject([{ standing: "down" }]);
});
