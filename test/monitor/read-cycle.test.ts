import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/platform/platform-error.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";
import { told, watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a read that fails is tried again until it succeeds, and nothing is lost", async () => {
  await using watched = await watch();
  const { controls } = watched.platform;
  controls.failReads(new PlatformError("timeout", "read the routes"));
  controls.setDefaults("ipv4", []);
  await watched.pass(1_000);
  expect(watched.monitor.health()).toMatchObject({ stateCurrent: false, sourceAlive: true });
  expect(watched.monitor.health().reasons[0]).toContain("cannot read the routes");
  expect(watched.events).toEqual([]);
  controls.failReads(null);
  await watched.pass(2_000);
  expect(watched.events).toMatchObject([{ kind: "default-changed", cause: "message" }]);
  expect(watched.monitor.health().reasons).toEqual([]);
});

test("a default that the kernel takes away only after it has told of the link is missed for 200 ms at most", async () => {
  await using watched = await watch();
  const { controls } = watched.platform;
  const addresses = [memoryAddress("10.0.0.2/24"), memoryAddress("fd00::2/64")];
  controls.setInterface(memoryInterface(2, "eth0", { carrier: false, addresses }));
  await watched.pass(0);
  watched.fresh();
  controls.deafen(true);
  controls.setDefaults("ipv6", []);
  controls.deafen(false);
  await watched.pass(199);
  expect(watched.fresh()).toEqual([]);
  await watched.pass(1);
  expect(watched.fresh()).toMatchObject([
    { kind: "default-changed", family: "ipv6", cause: "message" },
  ]);
  expect(watched.monitor.counters().drift).toBe(0);
});

test("what could never be read is not called old", async () => {
  await using watched = await watch(({ controls }) =>
    controls.failReads(new PlatformError("permission", "read the interfaces")),
  );
  expect(watched.monitor.health().reasons[0]).toBe(
    "nothing is known: cannot read the interfaces: permission",
  );
});

test("a default is read alone while dear reads of containers have used up the budget", async () => {
  await using watched = await watch();
  const { controls } = watched.platform;
  for (let index = 100; index < 300; index += 1)
    controls.setInterface(memoryInterface(index, `veth${index}`, { kind: "container" }));
  controls.setReadCost(4_000);
  controls.overflow();
  await watched.pass(4_100);
  controls.setReadCost(1);
  // Four seconds of reading are a debt of a hundred.
  controls.setInterface(memoryInterface(100, "veth100", { kind: "container", mtu: 1400 }));
  await watched.pass(3_000);
  watched.fresh();
  controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
  await watched.pass(2);
  expect(told(watched.fresh())).toEqual(["default-changed ipv4"]);
  await watched.pass(70_000);
  expect(watched.monitor.state.interfaces.get(100)?.mtu).toBe(1400);
});

test("a default is read although everything else cannot be", async () => {
  await using watched = await watch();
  const { controls } = watched.platform;
  controls.failReads(new PlatformError("interrupted", "read the interfaces"), "all");
  controls.overflow();
  await watched.pass(10);
  watched.fresh();
  controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
  await watched.pass(300);
  expect(told(watched.fresh())).toEqual(["default-changed ipv4"]);
  expect(watched.monitor.health().reasons[0]).toContain("could not be read again");
  controls.failReads(null);
  await watched.pass(40_000);
  expect(watched.monitor.health().reasons).toEqual([]);
});

test("what follows late on a loss that a reconcile found is drift too", async () => {
  await using watched = await watch();
  const { controls } = watched.platform;
  controls.deafen(true);
  const addresses = [memoryAddress("10.0.0.2/24"), memoryAddress("fd00::2/64")];
  controls.setInterface(memoryInterface(2, "eth0", { carrier: false, addresses }));
  await watched.pass(15_050);
  expect(told(watched.fresh())).toEqual(["drift", "interface-changed eth0"]);
  controls.setDefaults("ipv6", []);
  await watched.pass(300);
  expect(watched.fresh()).toMatchObject([
    { kind: "drift" },
    { kind: "default-changed", cause: "reconcile" },
  ]);
});
