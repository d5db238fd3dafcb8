import { expect, test } from "vitest";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import { openMemoryPlatform } from "../../../src/platform/memory/memory-platform.ts";
import type { ChangeHint } from "../../../src/platform/platform.ts";
import { PlatformError } from "../../../src/platform/platform-error.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "./memory-host.ts";

const { signal } = new AbortController();
const all = { kind: "all" } as const;

test("openMemoryPlatform() lets no state through by reference, in or out", async () => {
  const { controls, ...platform } = openMemoryPlatform();
  const addresses = [memoryAddress("10.0.0.2/24")];
  const given = memoryInterface(2, "eth0", { addresses });
  controls.setInterface(given);
  const routes = [memoryDefault("10.0.0.1", 2)];
  controls.setDefaults("ipv4", routes);
  Object.assign(given, { name: "changed" });
  addresses.pop();
  routes.pop();
  const first = await platform.read(all, signal);
  const eth0 = first.interfaces.get(2);
  expect(eth0).toMatchObject({ name: "eth0", addresses: [{ address: "10.0.0.2" }] });
  expect(() => Object.assign(eth0 ?? {}, { name: "changed" })).toThrow(TypeError);
  expect(() => Object.assign(eth0?.addresses[0] ?? {}, { address: "changed" })).toThrow(TypeError);
  const ipv4 = first.defaults.get("ipv4");
  expect(ipv4?.routes).toHaveLength(1);
  expect(() => Object.assign(ipv4?.routes ?? [], { length: 0 })).toThrow(TypeError);
  (first.interfaces as Map<number, NetworkInterface | null>).clear();
  expect((await platform.read(all, signal)).interfaces.size).toBe(1);
});

test("setInterface() down takes the defaults over it silently, as Linux does", async () => {
  const { controls, ...platform } = openMemoryPlatform();
  const eth0 = memoryInterface(2, "eth0", { addresses: [memoryAddress("10.0.0.2/24")] });
  controls.setInterface(eth0);
  controls.setDefaults("ipv4", [memoryDefault("10.0.0.1", 2)]);
  const iterator = platform.changes(signal)[Symbol.asyncIterator]();
  controls.setInterface({ ...eth0, up: false });
  const rung: readonly ChangeHint[] = (await iterator.next()).value ?? [];
  expect(rung).toEqual([{ kind: "interface", index: 2 }]);
  controls.setInterface(eth0);
  const { defaults } = await platform.read(all, signal);
  expect(defaults.get("ipv4")).toEqual({ routes: [], answers: [null, null] });
});

test("answers follow from prefix length, metric and position, and can be given", async () => {
  const { controls, ...platform } = openMemoryPlatform();
  controls.setInterface(memoryInterface(2, "eth0"));
  controls.setInterface(memoryInterface(3, "tun0"));
  const slow = memoryDefault("10.0.0.1", 2, { metric: 200 });
  const fast = memoryDefault("10.0.0.2", 2);
  const second = memoryDefault("10.0.0.3", 2, { position: 1 });
  const high = memoryDefault(null, 3, { prefix: "128.0.0.0/1", metric: 900 });
  const wall = memoryDefault(null, null, { prefix: "0.0.0.0/1", type: "unreachable" });
  const answers = async (): Promise<readonly unknown[]> => {
    const { defaults } = await platform.read(all, signal);
    return defaults.get("ipv4")?.answers ?? [];
  };
  controls.setDefaults("ipv4", [slow, second, fast]);
  expect(await answers()).toEqual([fast, fast]);
  controls.setDefaults("ipv4", [slow, high]);
  expect(await answers()).toEqual([slow, high]);
  controls.setDefaults("ipv4", [slow, wall]);
  expect(await answers()).toEqual([null, slow]);
  controls.setDefaults("ipv4", [slow], [null, fast]);
  expect(await answers()).toEqual([null, fast]);
});

test("the faults do what they say", async () => {
  const { controls, ...platform } = openMemoryPlatform();
  const aborter = new AbortController();
  const source = platform.changes(aborter.signal);
  const iterator = source[Symbol.asyncIterator]();
  controls.deafen(true);
  controls.setInterface(memoryInterface(2, "eth0"));
  controls.deafen(false);
  controls.overflow();
  controls.overflow();
  expect((await iterator.next()).value).toEqual([{ kind: "all", reason: "overflow" }]);
  expect(platform.counters()).toMatchObject({ kind: "memory", overflows: 2, messages: 2 });
  controls.muteProbe(true);
  expect(await source.probe(1, signal)).toBe(false);
  controls.muteProbe(false);
  expect(await source.probe(1, signal)).toBe(true);
  controls.failReads(new PlatformError("timeout", "read"));
  await expect(platform.read(all, signal)).rejects.toMatchObject({ code: "timeout" });
  controls.killSource();
  await expect(iterator.next()).rejects.toMatchObject({ code: "socket-lost" });
  expect(controls.openSources()).toBe(0);
  controls.refuseSources(new PlatformError("permission", "open"));
  expect(() => platform.changes(signal)).toThrow("cannot open: permission");
  controls.setUptime({ awakeMs: 1, totalMs: 2 });
  expect(platform.uptime()).toEqual({ awakeMs: 1, totalMs: 2 });
});
