import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { openLinuxPlatform } from "../../src/platform/linux/linux-platform.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import type { Journal } from "../../src/routes/journal/journal.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import { createRouteKeeper, type RouteKeeper } from "../../src/routes/route-keeper.ts";
import {
  openRouteControlHost,
  type RouteControlHost,
  twoUplinks,
} from "../platform/linux/route-control-host.ts";
import { memoryDirectory } from "./journal/memory-directory.ts";
import { auto, defaultRoute, displacing, places, tag } from "./memory-host.ts";

describe.skipIf(process.platform !== "linux")("the keeper over Linux", () => {
  let host: RouteControlHost;
  let platform: Platform;
  let journal: Journal;
  let keeper: RouteKeeper;
  let ending: AbortController;
  const failures: string[] = [];

  beforeEach(async () => {
    host = await openRouteControlHost();
    platform = openLinuxPlatform();
    ending = new AbortController();
    failures.length = 0;
    host.ip(...twoUplinks, "route add default via 10.0.0.1 dev up0 metric 100");
    const moment = () => ({ epochMs: Date.now(), uptimeMs: performance.now() });
    journal = await openJournal(memoryDirectory(), host.control.identity(), { now: moment });
    let plans = 0;
    const newPlanName = (): string => {
      plans += 1;
      return `plan-${plans}`;
    };
    keeper = createRouteKeeper(
      {
        workplace: {
          control: guardRemovals(host.control),
          journal,
          places,
          newPlanName,
          uptimeMs: () => performance.now(),
        },
        policy: auto,
        tag,
        carrierGraceMs: 60_000,
        now: Date.now,
        random: Math.random,
        holds: () => [],
        onReconciled: () => undefined,
        onFailure: ({ message }) => failures.push(message),
      },
      ending.signal,
    );
    await follow();
    expect(installed()).toEqual(["up0 by 10.0.0.1"]);
  });
  afterEach(async () => {
    expect(failures).toEqual([]);
    ending.abort();
    await keeper[Symbol.asyncDispose]();
    await journal[Symbol.asyncDispose]();
    await platform[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });

  const follow = async (): Promise<void> => {
    const { interfaces } = await platform.read({ kind: "all" }, ending.signal);
    const seen = new Map<number, NetworkInterface>();
    for (const [index, link] of interfaces) if (link !== null) seen.set(index, link);
    await keeper.follow(seen);
  };
  const installed = (): readonly string[] =>
    keeper
      .views()
      .scoped.filter(({ state, family }) => state === "installed" && family === "ipv4")
      .map((view) => `${view.interface} by ${view.gateway}`);

  test("a link that went down and up has its scoped default again, by the remembered gateway", async () => {
    host.ip("link set up0 down");
    await follow();
    expect(installed()).toEqual([]);
    host.ip("link set up0 up");
    await follow();
    expect(installed()).toEqual(["up0 by 10.0.0.1"]);
    expect(host.table("ipv4", 5100)).toMatch(/^default via 10\.0\.0\.1 dev up0/);
    expect(host.table("ipv4", "main")).not.toMatch(/default/);
  });

  test("another gateway is followed", async () => {
    host.ip("route replace default via 10.0.0.9 dev up0 metric 100");
    await follow();
    expect(installed()).toEqual(["up0 by 10.0.0.9"]);
    expect(host.table("ipv4", 5100)).toMatch(/^default via 10\.0\.0\.9 dev up0/);
  });

  test("a renamed uplink is found by its new name, and the old rules go", async () => {
    host.ip("link set up0 down", "link set up0 name lan0", "link set lan0 up");
    host.ip("route add default via 10.0.0.1 dev lan0 metric 100");
    await follow();
    expect(installed()).toEqual(["lan0 by 10.0.0.1"]);
    expect(host.rules("ipv4")).not.toMatch(/up0/);
  });

  test("a deleted uplink leaves no rule behind", async () => {
    host.ip("link del up0");
    await follow();
    expect(installed()).toEqual([]);
    expect(host.rules("ipv4")).not.toMatch(/5100|up0/);
  });

  test("the last address goes, and with it what was said of its gateway", async () => {
    host.ip("address del 10.0.0.2/24 dev up0", "address add 10.8.0.2/24 dev up0");
    await follow();
    expect(installed()).toEqual([]);
    expect(host.table("ipv4", 5100)).toBe("");
    host.ip("route add default via 10.8.0.1 dev up0");
    await follow();
    expect(installed()).toEqual(["up0 by 10.8.0.1"]);
  });

  test("a multipath default gives each uplink its leg", async () => {
    host.ip(
      "route del default",
      "route add default metric 100 nexthop via 10.0.0.1 dev up0 nexthop via 10.1.0.1 dev up1",
    );
    await follow();
    expect(installed()).toEqual(["up0 by 10.0.0.1", "up1 by 10.1.0.1"]);
  });

  test("a kill switch in main changes the form, and its end changes it back", async () => {
    host.ip("route add unreachable default metric 4278198272");
    await follow();
    expect(host.table("ipv4", 5100)).toMatch(/throw 10\.0\.0\.0\/24/);
    expect(host.rules("ipv4")).not.toMatch(/suppress_prefixlength/);
    host.ip("route del unreachable default metric 4278198272");
    await follow();
    expect(host.table("ipv4", 5100)).not.toMatch(/throw/);
    expect(host.rules("ipv4")).toMatch(/oif up0 lookup main suppress_prefixlength 0/);
  });

  test("a displaced default of a nexthop object comes back by its object", async () => {
    host.ip(
      "route del default",
      "nexthop add id 7 via 10.0.0.1 dev up0",
      "route add default nhid 7 metric 100",
    );
    await follow();
    const before = host.routing();
    const tun = host.indexOf("up1");
    await keeper.displace(displacing(defaultRoute("ipv4", tun, "10.1.0.1")));
    expect(host.table("ipv4", "main")).toMatch(/^default via 10\.1\.0\.1 dev up1/);
    await keeper.release("lease-1");
    await follow();
    expect(host.table("ipv4", "main")).toMatch(/^default nhid 7/);
    expect(before).toContain('"nhid":7');
  });

  test("the source that went is left out of the table", async () => {
    host.ip(
      "address add 10.0.0.3/24 dev up0",
      "route replace default via 10.0.0.1 dev up0 metric 100 src 10.0.0.3",
    );
    await follow();
    expect(host.table("ipv4", 5100)).toMatch(/src 10\.0\.0\.3/);
    host.ip("address del 10.0.0.3/24 dev up0");
    await follow();
    expect(host.table("ipv4", 5100)).toMatch(/^default via 10\.0\.0\.1 dev up0/);
    expect(host.table("ipv4", 5100)).not.toMatch(/src/);
  });

  test("stop('remove') leaves nothing of ours", async () => {
    await keeper.stop("remove");
    expect(host.rules("ipv4")).not.toMatch(/5100|5101/);
    expect(host.table("ipv4", 5100)).toBe("");
  });
});
