import { expect } from "vitest";
import type { RouteControl } from "../../src/platform/route-control.ts";
import type { DisplacingWish } from "../../src/routes/displacement.ts";
import { reconcile } from "../../src/routes/reconcile.ts";
import { type Random, seededRandom } from "./journal/memory-directory.ts";
import {
  auto,
  defaultRoute,
  displacing,
  intentions,
  type MemoryHost,
  memoryHost,
  never,
} from "./memory-host.ts";

/** Stands for SIGKILL: nothing after it happens, in the kernel or on the disk. */
class Killed extends Error {}

interface Fuse {
  /** How many calls still succeed; null for all. */
  left: number | null;
  /** It has gone: whatever is tried from now on fails. */
  blown: boolean;
}

/** Puts a fault point before each call of the control, each request to the kernel and each call on the disk. */
function armed(host: MemoryHost): { readonly fuse: Fuse; readonly control: RouteControl } {
  const fuse: Fuse = { left: null, blown: false };
  const point = (): void => {
    if (fuse.left === null) return;
    fuse.blown = fuse.left <= 0;
    if (fuse.blown) throw new Killed("SIGKILL");
    fuse.left -= 1;
  };
  host.control.controls.before = point;
  host.directory.before = point;
  const after = async <Result>(result: Promise<Result>): Promise<Result> => {
    const value = await result;
    point();
    return value;
  };
  const { control } = host;
  const wrapped: RouteControl = {
    traits: control.traits,
    identity: () => control.identity(),
    read: (signal) => after(control.read(signal)),
    addScoped: (entry, signal) => after(control.addScoped(entry, signal)),
    removeScoped: (entry, signal) => after(control.removeScoped(entry, signal)),
    addDefault: (record, placement, signal) => after(control.addDefault(record, placement, signal)),
    removeDefault: (record, signal) => after(control.removeDefault(record, signal)),
    solicitRouters: (index, signal) => after(control.solicitRouters(index, signal)),
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
  return { fuse, control: wrapped };
}

function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random(values.length)];
  if (value === undefined) throw new RangeError("nothing to choose from");
  return value;
}

/** Some uplinks' defaults, with equal keys, sources, several tables' worth of metrics. */
function furnish(host: MemoryHost, random: Random): void {
  const metric = oneOf(random, [0, 100, 100, 600]);
  const routes = [
    defaultRoute("ipv4", 2, "10.0.0.1", { metric, source: oneOf(random, [null, "10.0.0.2"]) }),
    ...(random(2) === 0
      ? [defaultRoute("ipv4", 2, "10.0.0.7", { metric, position: 1, mtu: 1400 })]
      : []),
    ...(random(2) === 0
      ? [defaultRoute("ipv4", 3, "10.1.0.1", { metric: 700, protocol: "dhcp" })]
      : []),
  ];
  host.platform.controls.setDefaults("ipv4", routes);
  const routes6 = [
    ...(random(4) === 0 ? [] : [defaultRoute("ipv6", 2, "fe80::1")]),
    ...(random(2) === 0 ? [defaultRoute("ipv6", 3, "fe80::9", { metric: 2000 })] : []),
  ];
  host.platform.controls.setDefaults("ipv6", routes6);
  if (random(3) === 0)
    host.platform.kernel.setRules([
      {
        family: "ipv4",
        preference: oneOf(random, [1000, 5100, 5103]),
        oif: null,
        from: null,
        table: 77,
        suppressDefaults: false,
        protocol: "static",
      },
    ]);
}

function someWishes(random: Random): readonly DisplacingWish[] {
  const wishes: DisplacingWish[] = [];
  if (random(3) > 0) {
    const metric = oneOf(random, [0, 50, 100, 100, 700]);
    wishes.push(displacing(defaultRoute("ipv4", 9, "10.9.0.1", { metric }), "lease-4"));
  }
  // A second one of the same family takes what the first has left.
  if (random(3) === 0)
    wishes.push(displacing(defaultRoute("ipv4", 9, "10.9.0.5", { metric: 800 }), "lease-4b"));
  if (random(3) > 0) {
    const metric = oneOf(random, [512, 1024, 4000]);
    wishes.push(displacing(defaultRoute("ipv6", 9, "fd00::1", { metric }), "lease-6"));
  }
  return wishes;
}

/** A process's life: it opens the journal and does some of all there is to do, until it ends or is killed. */
async function live(host: MemoryHost, control: RouteControl, random: Random): Promise<void> {
  await using journal = await host.openJournal();
  const workplace = host.workplace(journal, control);
  const lives = 1 + random(4);
  for (let turn = 0; turn < lives; turn += 1) {
    if (random(6) === 0) await journal.rotate();
    const scoped = oneOf(random, [auto, auto, "untouched", null] as const);
    const wanted = intentions({ scoped, displacing: someWishes(random) });
    await reconcile(wanted, host.surroundings(), workplace, never);
    host.clock.ms += random(3_000);
  }
}

/** Runs until it ends or until the fuse goes, counting from a number of calls on. */
async function until(
  fuse: Fuse,
  calls: number | null,
  work: () => Promise<unknown>,
): Promise<boolean> {
  fuse.left = calls;
  fuse.blown = false;
  try {
    await work();
  } catch (error) {
    if (!fuse.blown) throw error;
  }
  return fuse.blown;
}

/**
 * One host, one process that is killed somewhere, perhaps a restore that is killed too, and one that is not:
 * afterwards everything is as before, and another restore changes nothing.
 */
export async function crashScenario(
  seed: number,
): Promise<{ readonly killed: boolean; readonly restoreKilled: boolean }> {
  const random = seededRandom(seed);
  const host = memoryHost();
  furnish(host, random);
  const before = host.snapshot();
  const { fuse, control } = armed(host);
  const killed = await until(fuse, random(80), () => live(host, control, random));
  // A second process, or a restore, may meet the same end.
  const soon = random(3) === 0 ? random(30) : null;
  const restoreKilled = await until(fuse, soon, () => host.restore({ control }));
  fuse.left = null;
  const outcome = await host.restore({ control });
  expect(outcome, `seed ${seed}`).toMatchObject({ kind: "done", exitCode: 0 });
  expect(host.snapshot(), `seed ${seed}`).toEqual(before);
  const requests: string[] = [];
  host.control.controls.before = ({ kind }) => requests.push(kind);
  const size = host.directory.content("journal").length;
  const again = await host.restore({ control });
  expect(again, `seed ${seed}`).toMatchObject({ kind: "done", exitCode: 0, steps: [] });
  expect(new Set(requests), `seed ${seed}`).toEqual(new Set(["read"]));
  expect(host.directory.content("journal").length, `seed ${seed}`).toBe(size);
  return { killed, restoreKilled };
}
