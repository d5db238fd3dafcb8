import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/platform/platform-error.ts";
import type { RouteControl } from "../../src/platform/route-control.ts";
import type { Journal } from "../../src/routes/journal/journal.ts";
import { foldJournal } from "../../src/routes/journal/journal-state.ts";
import type { Hold } from "../../src/routes/plan-scoped.ts";
import { createRouteKeeper, type RouteKeeper } from "../../src/routes/route-keeper.ts";
import { lastKnownGood } from "./journal/sample-records.ts";
import {
  auto,
  defaultRoute,
  displacing,
  identity,
  link,
  type MemoryHost,
  memoryHost,
  tag,
} from "./memory-host.ts";

let host: MemoryHost;
let journal: Journal;
let ending: AbortController;
let failures: string[];
let holds: readonly Hold[];
let before: unknown;

beforeEach(async () => {
  vi.useFakeTimers();
  host = memoryHost();
  before = host.snapshot();
  journal = await host.openJournal();
  ending = new AbortController();
  failures = [];
  holds = [];
});

afterEach(async () => {
  ending.abort();
  await journal[Symbol.asyncDispose]();
  vi.useRealTimers();
});

function keeper(control?: RouteControl): RouteKeeper {
  return createRouteKeeper(
    {
      workplace: host.workplace(journal, control),
      policy: auto,
      tag,
      carrierGraceMs: 5_000,
      now: () => host.moment().epochMs,
      random: () => 0,
      holds: () => holds,
      onReconciled: () => undefined,
      onFailure: ({ message }) => failures.push(message),
    },
    ending.signal,
  );
}

const interfaces = () => host.platform.kernel.interfaces;

test("follow() installs what is wished and shows it", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  expect(kept.views().scoped.map(({ interface: name, state }) => [name, state])).toEqual([
    ["eth0", "installed"],
    ["wlan0", "installed"],
    ["eth0", "installed"],
  ]);
  expect(kept.madeHere("ipv4", "eth0")).toBe(true);
});

test("calls made while a round runs share the next one", async () => {
  const kept = keeper();
  let reads = 0;
  host.control.controls.before = ({ kind }) => {
    if (kind === "read") reads += 1;
  };
  await kept.follow(interfaces());
  reads = 0;
  await Promise.all([1, 2, 3, 4, 5].map(() => kept.follow(interfaces())));
  expect(reads).toBe(1);
});

test("remove() and install() by hand go before the configuration", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  const removed = await kept.remove("eth0");
  expect(removed.views.scoped.map(({ interface: name }) => name)).toEqual(["wlan0"]);
  const installed = await kept.install("eth0");
  expect(installed.views.scoped).toHaveLength(3);
});

test("displace() stands until release(), which gives back what stood", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  const installed = host.snapshot();
  const { displacement, views } = await kept.displace(
    displacing(defaultRoute("ipv4", 9, "10.9.0.1")),
  );
  expect(displacement?.state).toBe("stands");
  expect(views.displaced).toMatchObject([{ family: "ipv4", state: "displaced" }]);
  await kept.release("lease-1");
  expect(kept.views().displaced).toEqual([]);
  expect(host.snapshot()).toEqual(installed);
});

test("displace() of what somebody else has, without leave to displace, is a conflict", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  const installed = host.snapshot();
  const wish = { ...displacing(defaultRoute("ipv4", 9, "10.9.0.1")), displace: false };
  expect((await kept.displace(wish)).displacement).toMatchObject({ state: "conflict" });
  expect(host.snapshot()).toEqual(installed);
  expect(foldJournal(journal.records, identity).openDebts).toEqual([]);
});

test("what the system refuses after others had to go for it is not tried again: they are back at once", async () => {
  const whole = defaultRoute("ipv6", 2, "fe80::1");
  host.platform.controls.setDefaults("ipv6", [whole]);
  const kept = keeper();
  await kept.follow(interfaces());
  const installed = host.snapshot();
  let tried = 0;
  host.control.controls.before = (request) => {
    if (request.kind !== "add-route" || request.route.interfaceIndex !== 9) return;
    tried += 1;
    throw new PlatformError("rejected", "add the default ::/0");
  };
  const wish = displacing(defaultRoute("ipv6", 9, "fd00::1"));
  const { displacement } = await kept.displace(wish);
  expect(displacement).toMatchObject({
    state: "refused",
    reason: "cannot add the default ::/0: rejected",
  });
  expect(host.snapshot()).toEqual(installed);
  host.clock.ms += 60_000;
  await kept.follow(interfaces());
  expect(tried).toBe(1);
  host.control.controls.before = () => undefined;
  expect((await kept.displace(wish)).displacement?.state).toBe("stands");
  await kept.release(wish.id);
  expect(host.snapshot()).toEqual(installed);
});

test("displace() of what stands exactly so already adopts it, and never deletes it", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  const installed = host.snapshot();
  const wish = displacing(defaultRoute("ipv4", 3, "10.1.0.1", { metric: 600 }));
  expect((await kept.displace(wish)).displacement).toMatchObject({ state: "adopted" });
  await kept.release(wish.id);
  expect(host.snapshot()).toEqual(installed);
});

test("a hold keeps a broken entry from being repaired", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  host.platform.kernel.setRules([]);
  holds = [{ family: "ipv4", interfaceIndex: 2, kind: "fight", reason: "against vpnd" }];
  await kept.follow(interfaces());
  expect(kept.views().scoped[0]).toMatchObject({ state: "fight", reason: "against vpnd" });
  expect(
    host.platform.kernel.rules.some(({ family, oif }) => family === "ipv4" && oif === "eth0"),
  ).toBe(false);
  expect(kept.views().scoped[1]).toMatchObject({ interface: "wlan0", state: "installed" });
});

test("a round that fails is told, and tried again with growing pauses", async () => {
  let broken = 3;
  const control: RouteControl = {
    ...host.control,
    read(signal) {
      broken -= 1;
      if (broken >= 0) throw new PlatformError("timeout", "read the routes");
      return host.control.read(signal);
    },
  };
  const kept = keeper(control);
  await expect(kept.follow(interfaces())).rejects.toThrow("cannot read the routes");
  await vi.advanceTimersByTimeAsync(500);
  expect(failures).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(failures).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(failures).toHaveLength(3);
  expect(kept.views().scoped).toHaveLength(3);
});

test("a carrier that was away beyond the grace ends what was remembered of the gateway", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  const up = link(2, "eth0", ["10.0.0.2/24"]);
  for (const [away, state] of [
    [4_000, "installed"],
    [5_001, undefined],
  ] as const) {
    host.platform.controls.setInterface({ ...up, up: false, carrier: false });
    await kept.follow(interfaces());
    host.clock.ms += away;
    host.platform.controls.setInterface(up);
    await kept.follow(interfaces());
    const shown = kept.views().scoped.find((one) => one.interface === "eth0");
    expect(shown?.state).toBe(state);
    host.clock.ms += 1;
  }
});

test("stop('remove') leaves the routing exactly as before", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  await kept.displace(displacing(defaultRoute("ipv4", 9, "10.9.0.1")));
  await kept.stop("remove");
  expect(host.snapshot()).toEqual(before);
  await expect(kept.follow(interfaces())).rejects.toThrow("the loop has ended");
});

test("stop('keep') settles the debts and leaves the scoped defaults", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  const installed = host.snapshot();
  await kept.displace(displacing(defaultRoute("ipv4", 9, "10.9.0.1")));
  await kept.stop("keep");
  expect(host.snapshot()).toEqual(installed);
  expect(foldJournal(journal.records, identity).slots).toHaveLength(3);
});

test("restore() offers the last known good default when it is asked for in the middle of a round", async () => {
  const good = lastKnownGood("10.0.0.1");
  if (good.kind !== "last-known-good") throw new Error("not the sample");
  const eth0 = { index: 2, name: "eth0", mac: "02:00:00:00:00:02", kind: "physical" } as const;
  const route = { ...good.route, interfaceIndex: 2, source: null };
  await journal.append([{ ...good, route, interfaces: [eth0] }]);
  const kept = keeper();
  await kept.follow(interfaces());
  host.platform.controls.setDefaults("ipv4", []);
  let restored: Promise<unknown> | null = null;
  host.control.controls.before = ({ kind }) => {
    if (kind === "read") restored ??= kept.restore();
  };
  await kept.follow(interfaces());
  await restored;
  expect(host.platform.kernel.defaults("ipv4").routes).toMatchObject([{ gateway: "10.0.0.1" }]);
});

test("restore() removes what carries our mark and is in no record, and nothing else does", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  const orphan = defaultRoute("ipv4", 9, "10.9.0.1", { metric: 5, protocol: tag });
  const { routes } = host.platform.kernel.defaults("ipv4");
  host.platform.controls.setDefaults("ipv4", [orphan, ...routes]);
  const standing = (): unknown => host.platform.kernel.defaults("ipv4").routes.length;
  await kept.follow(interfaces());
  expect(standing()).toBe(routes.length + 1);
  expect((await kept.plan(ending.signal, [])).steps).toMatchObject([{ kind: "open-debt" }]);
  await kept.restore();
  expect(standing()).toBe(routes.length);
});

test("a debt is settled by itself when its time comes", async () => {
  const kept = keeper();
  await kept.follow(interfaces());
  await kept.displace(displacing(defaultRoute("ipv4", 9, "10.9.0.1")));
  let broken = 2;
  host.control.controls.before = (request) => {
    if (request.kind !== "add-route" || request.route.table !== 254) return;
    broken -= 1;
    if (broken >= 0) throw new PlatformError("rejected", "add a default");
  };
  await kept.release("lease-1");
  expect(kept.views().displaced).toMatchObject([{ state: "pending" }]);
  for (const ms of [500, 2_500]) {
    host.clock.ms += ms;
    await vi.advanceTimersByTimeAsync(ms);
  }
  expect(kept.views().displaced).toEqual([]);
});
