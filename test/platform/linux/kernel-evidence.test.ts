import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLinuxRouteControl } from "../../../src/platform/linux/linux-route-control.ts";
import type { RouteEvidence, RuleRemoval } from "../../../src/platform/route-evidence.ts";
import { until } from "../../namespace/namespace.ts";
import { listen } from "../hint-listener.ts";
import { type LinuxHost, openLinuxHost } from "./linux-host.ts";
import { layout, never, pairOver, twoUplinks } from "./route-control-host.ts";

describe.skipIf(process.platform !== "linux")(
  "what a real kernel's messages tell of who asked",
  () => {
    let host: LinuxHost;
    let aborter: AbortController;
    let heard: RouteEvidence[];

    beforeEach(async () => {
      host = await openLinuxHost();
      host.namespace.ipBatch(twoUplinks);
      aborter = new AbortController();
      heard = [];
    });
    afterEach(async () => {
      aborter.abort();
      await host[Symbol.asyncDispose]();
    });

    const hears = (what: string, count: number): Promise<void> =>
      until(`${count} pieces of evidence: ${what}`, () => heard.length >= count);

    test("add, replace and delete are told apart, in both families", async () => {
      using _source = listen(host.platform, aborter.signal);
      using _evidence = host.platform.onEvidence((evidence) => heard.push(evidence));
      host.namespace.ipBatch([
        "route add default via 10.0.0.1 dev up0 metric 7",
        "route replace default via 10.0.0.9 dev up0 metric 7",
        "route del default via 10.0.0.9 dev up0 metric 7",
        "route add ::/0 via fd00::1 dev up0 metric 9",
        "route replace ::/0 via fd00::9 dev up0 metric 9",
        "route del ::/0 via fd00::9 dev up0 metric 9",
      ]);
      await hears("six changes", 6);
      expect(heard.map(({ action, route }) => [action, route.prefix, route.gateway])).toEqual([
        ["added", "0.0.0.0/0", "10.0.0.1"],
        ["replaced", "0.0.0.0/0", "10.0.0.9"],
        ["removed", "0.0.0.0/0", "10.0.0.9"],
        ["added", "::/0", "fd00::1"],
        ["replaced", "::/0", "fd00::9"],
        ["removed", "::/0", "fd00::9"],
      ]);
      const ports = new Set(heard.map(({ requester }) => requester.portId));
      expect(ports.size).toBe(1);
      expect(ports.has(0)).toBe(false);
    });

    test("the requester is a process by its port id, as long as it lives", async () => {
      using _source = listen(host.platform, aborter.signal);
      using _evidence = host.platform.onEvidence((evidence) => heard.push(evidence));
      // A batch on a pipe that stays open: the process is there when its message is heard.
      const living = host.namespace.spawn("ip", ["-batch", "-"]);
      living.stdin?.write("route add default via 10.0.0.1 dev up0\n".padEnd(8192, "#\n"));
      await hears("the route of a living process", 1);
      expect(heard[0]?.requester).toEqual({
        portId: living.pid,
        pid: living.pid,
        command: "ip",
      });
      living.stdin?.end();
      await once(living, "exit");
    });

    test("the kernel's own removals have port id 0", async () => {
      host.namespace.ip("-6 route add default via fd00::1 dev up0 metric 5");
      using _source = listen(host.platform, aborter.signal);
      using _evidence = host.platform.onEvidence((evidence) => heard.push(evidence));
      host.namespace.ip("link set up0 down");
      await hears("the route of a link that went down", 1);
      expect(heard[0]).toMatchObject({
        action: "removed",
        requester: { portId: 0, pid: null, command: null },
      });
    });

    test("what we change ourselves names this process", async () => {
      await using control = openLinuxRouteControl(layout);
      using _source = listen(host.platform, aborter.signal);
      using _evidence = host.platform.onEvidence((evidence) => heard.push(evidence));
      await control.addScoped(pairOver(host.indexOf("up0"), "up0", "10.0.0.1"), never);
      await hears("our own default", 1);
      expect(heard[0]).toMatchObject({
        action: "added",
        route: { table: 5100, protocol: "199" },
        requester: { pid: process.pid },
      });
    });

    test("a rule of our tag that goes names who took it away; ours does not pass for another's", async () => {
      await using control = openLinuxRouteControl(layout);
      const removed: RuleRemoval[] = [];
      using _source = listen(host.platform, aborter.signal);
      using _removals = host.platform.onRuleRemoval((removal) => removed.push(removal));
      const entry = pairOver(host.indexOf("up0"), "up0", "10.0.0.1", { slot: 1 });
      await control.addScoped(entry, never);
      host.namespace.ip("rule add pref 5102 from 10.9.9.9 lookup main");
      host.namespace.ip("rule del pref 5102 from 10.9.9.9 lookup main");
      const living = host.namespace.spawn("ip", ["-batch", "-"]);
      const line = "rule del pref 5103 oif up0 lookup 5101 proto 199\n";
      living.stdin?.write(line.padEnd(8192, "#\n"));
      await until("the rule's end", () => removed.length >= 1);
      expect(removed).toMatchObject([
        {
          family: "ipv4",
          preference: 5103,
          requester: { portId: living.pid, pid: living.pid, command: "ip" },
        },
      ]);
      living.stdin?.end();
      await once(living, "exit");
      await control.removeScoped(entry, never);
      await until("our own removal", () => removed.length >= 2);
      expect(removed.slice(1)).toMatchObject([
        { preference: 5102, requester: { pid: process.pid } },
      ]);
    });

    test("a flush asks by a socket of its own for each rule: nobody can be named, but it is not the kernel", async () => {
      await using control = openLinuxRouteControl(layout);
      const removed: RuleRemoval[] = [];
      using _source = listen(host.platform, aborter.signal);
      using _removals = host.platform.onRuleRemoval((removal) => removed.push(removal));
      await control.addScoped(pairOver(host.indexOf("up0"), "up0", "fd00::1"), never);
      host.namespace.ip("-6 rule flush proto 199");
      await until("both rules' end", () => removed.length >= 2);
      expect(removed.map(({ family, preference }) => [family, preference])).toEqual([
        ["ipv6", 5100],
        ["ipv6", 5101],
      ]);
      for (const { requester } of removed) {
        expect(requester.portId).not.toBe(0);
        expect(requester.pid).not.toBe(process.pid);
      }
    });

    test("a link that goes leaves its rules behind: no removal is told", async () => {
      await using control = openLinuxRouteControl(layout);
      const removed: RuleRemoval[] = [];
      using _source = listen(host.platform, aborter.signal);
      using _removals = host.platform.onRuleRemoval((removal) => removed.push(removal));
      await control.addScoped(pairOver(host.indexOf("up0"), "up0", "10.0.0.1"), never);
      host.namespace.ipBatch(["link del up0", "rule del pref 5101 oif up0 lookup 5100 proto 199"]);
      await until("the rule's end", () => removed.length >= 1);
      expect(removed).toHaveLength(1);
    });

    test("longer prefixes are no evidence, and after the end nothing comes", async () => {
      using source = listen(host.platform, aborter.signal);
      const evidence = host.platform.onEvidence((found) => heard.push(found));
      host.namespace.ipBatch([
        "route add 10.9.0.0/16 via 10.0.0.1 dev up0 proto 199",
        "route add 128.0.0.0/1 via 10.0.0.1 dev up0",
      ]);
      await hears("half of a split", 1);
      expect(heard.map(({ route }) => route.prefix)).toEqual(["128.0.0.0/1"]);
      evidence[Symbol.dispose]();
      host.namespace.ip("route add default via 10.0.0.1 dev up0");
      const before = host.platform.counters().messages;
      host.namespace.ip("route add 0.0.0.0/1 via 10.0.0.1 dev up0");
      await until("the message", () => host.platform.counters().messages > before);
      expect(source.ended()).toBe(false);
      expect(heard).toHaveLength(1);
    });
  },
);
