import { describe, expect, test } from "vitest";
import type { RouteControl } from "../../../src/platform/route-control.ts";
import type { DisplacingWish } from "../../../src/routes/displacement.ts";
import { emptyCarrierHistory } from "../../../src/routes/gateway-memory.ts";
import { openJournal } from "../../../src/routes/journal/open-journal.ts";
import {
  type LeasedDefault,
  type LeasedWishes,
  noLeasedWishes,
} from "../../../src/routes/leased/leased-default.ts";
import { reconcile } from "../../../src/routes/reconcile.ts";
import {
  type MemoryDirectory,
  memoryDirectory,
  type Random,
  seededRandom,
} from "../../routes/journal/memory-directory.ts";
import { leased } from "../../routes/leased/leased-host.ts";
import { auto, defaultRoute, intentions, never } from "../../routes/memory-host.ts";
import { removalWitness } from "./removal-witness.ts";
import { type DarwinRouteHost, openDarwinRouteHost } from "./route-control-host.ts";
import { type RoutesHost, routesOver, tag } from "./routes-host.ts";

/** Stands for SIGKILL: nothing after it happens, in the kernel or on the disk. */
class Killed extends Error {}

const none = new Error("the control has no routes to hosts");

interface Fuse {
  /** How many calls still succeed; null for all. */
  left: number | null;
  blown: boolean;
}

function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random(values.length)];
  if (value === undefined) throw new RangeError("nothing to choose from");
  return value;
}

/** What configd and others keep: defaults, scoped ones of theirs, halves of a VPN. */
function furnish(host: DarwinRouteHost, random: Random): void {
  const whole = (name: string, gateway: string, scoped = false): void =>
    host.route("ADD", {
      prefix: gateway.includes(":") ? "::/0" : "0.0.0.0/0",
      interface: name,
      gateway,
      scoped,
    });
  const primary = oneOf(random, ["en0", "en1", "none"]);
  if (primary === "en0") whole("en0", "192.0.2.1");
  if (primary === "en1") whole("en1", "198.51.100.1");
  if (random(2) === 0) whole("en0", oneOf(random, ["fe80::1", "2001:db8::1"]));
  if (random(2) === 0) whole("en1", oneOf(random, ["198.51.100.1", "198.51.100.9"]), true);
  if (random(3) === 0) whole("en0", "192.0.2.9", true);
  if (random(3) === 0)
    for (const prefix of ["0.0.0.0/2", "8000::/1"])
      host.route("ADD", { prefix, interface: "utun0", gateway: null });
}

/** Halves for a tunnel, and the whole of a family, sometimes with leave to displace what stands. */
function someWishes(host: DarwinRouteHost, random: Random): readonly DisplacingWish[] {
  const tunnel = host.indexOf("utun0");
  const wish = (id: string, prefix: string, displace: boolean): DisplacingWish => ({
    id,
    route: prefix.includes(":")
      ? defaultRoute("ipv6", tunnel, oneOf(random, [null, "fd00:9::7"]), { prefix, protocol: tag })
      : defaultRoute("ipv4", tunnel, oneOf(random, [null, "10.9.0.2"]), { prefix, protocol: tag }),
    displace,
    by: { command: "vpn", pid: 4242, uid: 0 },
  });
  const wishes: DisplacingWish[] = [];
  if (random(3) > 0)
    wishes.push(wish("low", "0.0.0.0/1", false), wish("high", "128.0.0.0/1", false));
  if (random(2) === 0) wishes.push(wish("whole", "0.0.0.0/0", random(3) > 0));
  if (random(2) === 0) wishes.push(wish("whole6", "::/0", random(3) > 0));
  return wishes;
}

/** What a VPN asks for as a lease, in each family, with its server beside it. */
function someLeases(random: Random): LeasedWishes {
  const defaults = (["ipv4", "ipv6"] as const).flatMap((family): readonly LeasedDefault[] => {
    if (random(2) === 0) return [];
    const mode = oneOf(random, ["split", "displace"] as const);
    const onLost = oneOf(random, ["restore", "block"] as const);
    const lease = oneOf(random, ["a", "b"]);
    const endpoints = family === "ipv4" && random(2) === 0 ? ["203.0.113.9"] : [];
    return [leased({ lease, family, interfaceName: "utun0", mode, onLost, endpoints })];
  });
  return { ...noLeasedWishes, defaults };
}

async function live(
  host: DarwinRouteHost,
  routes: RoutesHost,
  directory: MemoryDirectory,
  control: RouteControl,
  random: Random,
): Promise<void> {
  await using journal = await openJournal(directory, control.identity(), { now: routes.moment });
  const madeHere = new Set<string>();
  const refused = new Map<string, string>();
  const turns = 1 + random(4);
  for (let turn = 0; turn < turns; turn += 1) {
    await reconcile(
      intentions({
        scoped: oneOf(random, [auto, auto, "untouched", null] as const),
        ...(random(2) === 0
          ? { displacing: someWishes(host, random) }
          : { leased: someLeases(random) }),
      }),
      {
        interfaces: await routes.readInterfaces(),
        carriers: emptyCarrierHistory,
        holds: [],
        madeHere,
        refused,
        tag,
        now: Date.now,
        changedAtUptimeMs: performance.now(),
      },
      routes.workplace(journal, control),
      never,
    );
  }
}

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

interface Scenario {
  readonly killed: boolean;
  readonly restoreKilled: boolean;
  readonly removals: number;
  /** A default of somebody else was taken away on the way. */
  readonly displaced: boolean;
  readonly changes: number;
}

async function crashScenario(seed: number): Promise<Scenario> {
  const random = seededRandom(seed);
  await using host = openDarwinRouteHost();
  const routes = routesOver(host);
  const directory = memoryDirectory();
  furnish(host, random);
  const before = host.routing();
  const witness = removalWitness(host, directory);
  const fuse: Fuse = { left: null, blown: false };
  const point = (): void => {
    if (fuse.left === null) return;
    fuse.blown = fuse.left <= 0;
    if (fuse.blown) throw new Killed("SIGKILL");
    fuse.left -= 1;
  };
  host.beforeSend = (request) => {
    if (request.type !== 4) point();
    witness.see(request);
  };
  directory.before = point;
  const after = async <Result>(result: Promise<Result>): Promise<Result> => {
    const value = await result;
    point();
    return value;
  };
  const { control } = host;
  const mortal: RouteControl = {
    ...control,
    addScoped: (entry, signal) => after(control.addScoped(entry, signal)),
    removeScoped: (entry, signal) => after(control.removeScoped(entry, signal)),
    addDefault: (record, placement, signal) => after(control.addDefault(record, placement, signal)),
    addHost: (server, signal) => after(control.addHost?.(server, signal) ?? Promise.reject(none)),
    removeHost: (server, signal) =>
      after(control.removeHost?.(server, signal) ?? Promise.reject(none)),
    removeDefault: (record, signal) => after(control.removeDefault(record, signal)),
  };
  const killed = await until(fuse, random(60), () => live(host, routes, directory, mortal, random));
  const soon = random(3) === 0 ? random(25) : null;
  const restoreKilled = await until(fuse, soon, () =>
    routes.restore(directory, { control: mortal }),
  );
  fuse.left = null;
  const changes = host.takeChanges().length;
  const outcome = await routes.restore(directory);
  expect(outcome, `seed ${seed}`).toMatchObject({ kind: "done", exitCode: 0 });
  expect(host.routing(), `seed ${seed}`).toBe(before);
  expect(await witness.uncovered(), `seed ${seed}`).toEqual([]);
  host.takeChanges();
  const size = directory.content("journal").length;
  const again = await routes.restore(directory);
  expect(again, `seed ${seed}`).toMatchObject({ kind: "done", exitCode: 0, steps: [] });
  expect(host.takeChanges(), `seed ${seed}`).toEqual([]);
  expect(directory.content("journal").length, `seed ${seed}`).toBe(size);
  return {
    killed,
    restoreKilled,
    removals: witness.count,
    displaced: witness.foreign > 0,
    changes,
  };
}

/** More of them: `CRASH_RUNS=5000 vitest run test/platform/darwin/routes-restore.test.ts`. */
const runs = Number(process.env.CRASH_RUNS ?? 200);

describe("restore over the routing-socket double", () => {
  test("gives exactly the routing of before after a kill at any point, and no unscoped default goes unrecorded", async () => {
    const results: Scenario[] = [];
    for (let seed = 1; seed <= runs; seed += 1) results.push(await crashScenario(seed));
    // The scenarios must reach what they are about.
    expect(results.filter(({ killed }) => killed).length).toBeGreaterThan(runs / 3);
    expect(results.filter(({ restoreKilled }) => restoreKilled).length).toBeGreaterThan(runs / 20);
    expect(results.filter(({ removals }) => removals > 0).length).toBeGreaterThan(runs / 2);
    expect(results.filter(({ displaced }) => displaced).length).toBeGreaterThan(runs / 4);
    expect(results.filter(({ changes }) => changes > 1).length).toBeGreaterThan(runs / 2);
  }, 300_000);
});
