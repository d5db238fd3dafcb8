import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/platform/platform-error.ts";
import { memoryAddress, memoryInterface } from "../platform/memory/memory-host.ts";
import { watch } from "./watch.ts";

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
