import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/platform/platform-error.ts";
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
