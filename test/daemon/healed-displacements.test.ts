import type { ChildProcess } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { healDisplacements } from "../../src/daemon/healed-displacements.ts";
import type { RouteNews } from "../../src/daemon/route-news.ts";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { openLinuxPlatform } from "../../src/platform/linux/linux-platform.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import { createRouteKeeper, type RouteKeeper } from "../../src/routes/route-keeper.ts";
import { until } from "../namespace/namespace.ts";
import { listen } from "../platform/hint-listener.ts";
import {
  openRouteControlHost,
  type RouteControlHost,
  twoUplinks,
} from "../platform/linux/route-control-host.ts";
import { memoryDirectory } from "../routes/journal/memory-directory.ts";
import { auto, defaultRoute, displacing, places, tag } from "../routes/memory-host.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {} };

describe.skipIf(process.platform !== "linux")("healDisplacements() on a real kernel", () => {
  let host: RouteControlHost;
  let platform: Platform;
  let keeper: RouteKeeper;
  let ending: AbortController;
  let opponent: ChildProcess | null;
  let news: RouteNews[];
  let looks: Promise<unknown>[];
  const stack: (Disposable | AsyncDisposable)[] = [];

  beforeEach(async () => {
    host = await openRouteControlHost();
    platform = openLinuxPlatform();
    ending = new AbortController();
    opponent = null;
    news = [];
    looks = [];
    host.ip(...twoUplinks, "route add default via 10.0.0.1 dev up0 metric 100 proto dhcp");
    const moment = () => ({ epochMs: Date.now(), uptimeMs: performance.now() });
    const journal = await openJournal(memoryDirectory(), host.control.identity(), { now: moment });
    const look = (): void => void looks.push(keeper.look());
    const displacements = healDisplacements({
      tag,
      awakeMs: () => platform.uptime().awakeMs,
      onDue: look,
      tell: (told) => news.push(...told),
      log: silent,
    });
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
        policy: { ...auto, scoped: () => false },
        tag,
        carrierGraceMs: 60_000,
        now: Date.now,
        random: Math.random,
        holds: () => [],
        displacementWatcher: displacements,
        onReconciled: () => undefined,
        onFailure: () => undefined,
      },
      ending.signal,
    );
    const source = listen(platform, ending.signal);
    const evidence = platform.onEvidence((found) => {
      displacements.hear(found);
      look();
    });
    stack.push(host, platform, journal, source, evidence, displacements, keeper);
    const { interfaces } = await platform.read({ kind: "all" }, ending.signal);
    const seen = new Map<number, NetworkInterface>();
    for (const [index, link] of interfaces) if (link !== null) seen.set(index, link);
    await keeper.follow(seen);
    const wish = displacing(defaultRoute("ipv4", host.indexOf("up1"), "10.1.0.1"));
    expect((await keeper.displace(wish)).displacement?.state).toBe("stands");
    expect(main()).toEqual(["default via 10.1.0.1 dev up1 proto 199 metric 100"]);
  });
  afterEach(async () => {
    opponent?.kill("SIGKILL");
    await Promise.allSettled(looks);
    ending.abort();
    for (const one of stack.splice(0).reverse()) {
      if (Symbol.asyncDispose in one) await one[Symbol.asyncDispose]();
      else one[Symbol.dispose]();
    }
  });

  const main = (): readonly string[] =>
    host
      .table("ipv4", "main")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.startsWith("default"));
  const fight = (): RouteNews | undefined => news.find(({ kind }) => kind === "fight");

  /** A program that lives and asks for one thing again and again. */
  const insist = async (line: string, isDone: () => boolean): Promise<number> => {
    opponent = host.namespace.spawn("ip", ["-force", "-batch", "-"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    let asked = 0;
    await until(
      "the fight",
      () => {
        if (fight() !== undefined) return true;
        if (!isDone()) {
          asked += 1;
          // As long as what `ip` reads at once.
          opponent?.stdin?.write(`${line.padEnd(8191)}\n`);
        }
        return false;
      },
      60_000,
    );
    return asked;
  };

  test("an owner that adds its default again and again fights, and has it in the end", {
    timeout: 90_000,
  }, async () => {
    const theirs = "default via 10.0.0.1 dev up0 proto dhcp metric 100";
    const line = "route append default via 10.0.0.1 dev up0 metric 100 proto dhcp";
    const asked = await insist(line, () => main().includes(theirs));
    expect(asked).toBeGreaterThanOrEqual(5);
    expect(fight()).toMatchObject({
      what: "default",
      interface: "up1",
      family: "ipv4",
      meaning: expect.stringMatching(
        new RegExp(
          `^ip \\(pid ${opponent?.pid}\\) took it away, or put another before it, 5 times`,
        ),
      ),
    });
    await until("its default", () => main().includes(theirs));
    await keeper.look();
    expect(main()).toHaveLength(2);
    expect(keeper.views().displaced).toMatchObject([
      { state: "displaced", reason: expect.stringContaining("5 times within a minute") },
    ]);
    const wish = displacing(defaultRoute("ipv4", host.indexOf("up1"), "10.1.0.1"));
    await keeper.displace(wish);
    expect(main()).toEqual(["default via 10.1.0.1 dev up1 proto 199 metric 100"]);
  });

  test("whoever takes our default away again and again fights, and its debt is settled all the same", {
    timeout: 90_000,
  }, async () => {
    await insist("route del default via 10.1.0.1 dev up1 proto 199", () => main().length === 0);
    expect(fight()).toMatchObject({ what: "default", interface: "up1", family: "ipv4" });
    await until("its removal", () => main().length === 0);
    await keeper.look();
    expect(main()).toEqual([]);
    await keeper.release("lease-1");
    expect(main()).toEqual(["default via 10.0.0.1 dev up0 proto dhcp metric 100"]);
  });
});
