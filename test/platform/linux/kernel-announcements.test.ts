import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openNamespace, type TestNamespace, until } from "../../namespace/namespace.ts";
import { openRouteControlHost, type RouteControlHost } from "./route-control-host.ts";

const announce = join(import.meta.dirname, "announce-router.py");

// What the kernel tells of defaults and what it does not, by `ip monitor`: why state is never taken from messages.
describe.skipIf(process.platform !== "linux")("what is announced of defaults", () => {
  let host: RouteControlHost;
  let router: TestNamespace;
  let monitor: ChildProcess;
  let told: string;
  let sentinels = 0;

  beforeEach(async () => {
    host = await openRouteControlHost();
    router = await openNamespace();
    host.ip(`link add up0 type veth peer name lan netns ${router.pid}`);
    for (const setting of ["accept_dad", "router_solicitations"])
      writeFileSync(`/proc/sys/net/ipv6/conf/up0/${setting}`, "0");
    router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/lan/addr_gen_mode");
    router.ipBatch(["link set lan up", "address add fe80::1/64 dev lan nodad"]);
    host.ip(
      "link set up0 up",
      "address add 10.0.0.2/24 dev up0",
      "address add fd00::2/64 dev up0 nodad",
    );
    await host.settle("up0");
    told = "";
    monitor = host.namespace.spawn("ip", ["monitor", "route"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    monitor.stdout?.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    await until("the monitor", caughtUp, 20_000);
  });
  afterEach(async () => {
    monitor?.kill();
    router?.[Symbol.dispose]();
    await host?.[Symbol.asyncDispose]();
  });

  /** Makes another change, and says whether it was told in time: everything before it was, too. */
  const caughtUp = async (): Promise<boolean> => {
    sentinels += 1;
    const sentinel = `203.0.113.${sentinels}`;
    host.ip(`route add blackhole ${sentinel}/32`);
    const deadline = performance.now() + 2_000;
    await until("its word", () => told.includes(sentinel) || performance.now() > deadline);
    return told.includes(sentinel);
  };
  const defaultsTold = async (change: () => void): Promise<readonly string[]> => {
    expect(await caughtUp()).toBe(true);
    told = "";
    change();
    expect(await caughtUp()).toBe(true);
    return told
      .split("\n")
      .map((line) => line.trim().replace(/ +/g, " "))
      .filter((line) => /^(Deleted )?default/.test(line));
  };
  const announceRouter = (preference: string): void => {
    const before = heard();
    router.run("python3", announce, "lan", "1800", preference);
    const deadline = performance.now() + 5_000;
    while (heard() === before && performance.now() < deadline);
  };
  const heard = (): number =>
    Number(
      /Icmp6InRouterAdvertisements\s+(\d+)/.exec(host.namespace.run("cat", "/proc/net/snmp6"))?.[1],
    );

  test("a replaced default is one message, and none says that the old gateway went", async () => {
    host.ip("route add default via 10.0.0.1 dev up0");
    host.ip("route add ::/0 via fd00::1 dev up0 metric 1024");
    expect(await defaultsTold(() => host.ip("route replace default via 10.0.0.9 dev up0"))).toEqual(
      ["default via 10.0.0.9 dev up0"],
    );
    expect(
      await defaultsTold(() => host.ip("route replace ::/0 via fd00::9 dev up0 metric 1024")),
    ).toEqual(["default via fd00::9 dev up0 metric 1024 pref medium"]);
  });

  test("link down takes the IPv4 default without a word, and tells of the IPv6 one", async () => {
    host.ip("route add default via 10.0.0.1 dev up0");
    host.ip("route add default via 10.0.0.1 dev up0 table 5100");
    host.ip("route add ::/0 via fd00::1 dev up0 metric 1024");
    expect(await defaultsTold(() => host.ip("link set up0 down"))).toEqual([
      expect.stringMatching(/^Deleted default via fd00::1 dev up0/),
    ]);
    expect(host.table("ipv4", "main")).not.toContain("default");
    expect(host.table("ipv4", 5100)).toBe("");
  });

  test("so does deleting the last address, and deleting the link", async () => {
    host.ip("route add default via 10.0.0.1 dev up0");
    const lastAddress = (): void => host.ip("address del 10.0.0.2/24 dev up0");
    expect(await defaultsTold(lastAddress)).toEqual([]);
    expect(host.table("ipv4", "main")).not.toContain("default");
    host.ip("address add 10.0.0.2/24 dev up0", "route add default via 10.0.0.1 dev up0");
    expect(await defaultsTold(() => host.ip("link del up0"))).toEqual([]);
    expect(host.table("ipv4", "main")).not.toContain("default");
  });

  test("a router's refresh is silent, another preference of it is told", async () => {
    await until("the router's default", () => {
      announceRouter("medium");
      return host.table("ipv6", "main").includes("proto ra");
    });
    expect(await defaultsTold(() => announceRouter("medium"))).toEqual([]);
    expect(await defaultsTold(() => announceRouter("high"))).toEqual([
      expect.stringMatching(/^default via fe80::1 dev up0 proto ra .* pref high$/),
    ]);
  });
});
