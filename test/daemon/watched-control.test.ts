import { expect, test } from "vitest";
import { watchedControl } from "../../src/daemon/watched-control.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { memoryHost, never } from "../routes/memory-host.ts";

test("watchedControl() shows each reading before whoever asked for it has it", async () => {
  const { control } = memoryHost();
  const order: unknown[] = [];
  const watched = watchedControl(guardRemovals(control), {
    look: (reading) => order.push(reading),
    installing: () => order.push("installing"),
  });
  const reading = await watched.read(never);
  order.push("asked");
  expect(order).toEqual([reading, "asked"]);
  expect(reading.defaults).toHaveLength(3);
});

test("watchedControl() shows nothing of a reading that failed", async () => {
  const { control } = memoryHost();
  control.controls.before = () => {
    throw new Error("no reading");
  };
  let looks = 0;
  const watched = watchedControl(guardRemovals(control), {
    look: () => {
      looks += 1;
    },
    installing: () => undefined,
  });
  await expect(watched.read(never)).rejects.toThrow("no reading");
  expect(looks).toBe(0);
});
