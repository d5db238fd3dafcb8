import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { viewDefaults } from "../../../src/monitor/effective-default.ts";
import type { IpFamily } from "../../../src/network/address.ts";
import { openLinuxRouteControl } from "../../../src/platform/linux/linux-route-control.ts";
import type { RouteControl } from "../../../src/platform/route-control.ts";
import type { RouteEvidence } from "../../../src/platform/route-evidence.ts";
import { createGuard, type Guard } from "../../../src/routes/guard/guard.ts";
import type { GuardDecision } from "../../../src/routes/guard/guard-event.ts";
import type { GuardPolicy } from "../../../src/routes/guard/guard-options.ts";
import { createLastKnownGood } from "../../../src/routes/guard/last-known-good.ts";
import type { FamilySeen, NetworkSeen } from "../../../src/routes/guard/network-seen.ts";
import type { JournalMoment } from "../../../src/routes/journal/journal-entry.ts";
import { openJournal } from "../../../src/routes/journal/open-journal.ts";
import type { JournalFact } from "../../../src/routes/journal/record.ts";
import { restoreRoutes } from "../../../src/routes/restore.ts";
import { until } from "../../namespace/namespace.ts";
import { addTunnel, withTunnelKind } from "../../namespace/tunnel.ts";
import { listen } from "../../platform/hint-listener.ts";
import { type LinuxHost, openLinuxHost } from "../../platform/linux/linux-host.ts";
import { layout, never, twoUplinks } from "../../platform/linux/route-control-host.ts";
import { memoryDirectory } from "../journal/memory-directory.ts";
import { lossIn, told } from "./host.ts";

describe.skipIf(process.platform !== "linux")("createGuard() over a real kernel", () => {
  let host: LinuxHost;
  let control: RouteControl;
  let aborter: AbortController;
  let guard: Guard;
  let heard: RouteEvidence[];
  let policy: GuardPolicy;
  /** The guard's own clock: no test waits. */
  let now: number;

  beforeEach(async () => {
    host = await openLinuxHost();
    host.namespace.ipBatch(twoUplinks);
    control = openLinuxRouteControl(layout);
    aborter = new AbortController();
    heard = [];
    policy = "restore";
    now = 1_000_000;
    guard = createGuard({
      graceMs: 5_000,
      policy: () => policy,
      isOurRequester: ({ pid }) => pid === process.pid,
      isOurRoute: ({ protocol }) => protocol === String(layout.protocol),
    });
    listen(host.platform, aborter.signal);
    host.platform.onEvidence((evidence) => {
      heard.push(evidence);
      guard.hear(evidence, now);
    });
  });
  afterEach(async () => {
    aborter.abort();
    await control[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });

  const ip = (...lines: string[]): void => {
    for (const line of lines) host.namespace.ip(line);
  };
  const hears = (count: number): Promise<void> =>
    until(`${count} pieces of evidence`, () => heard.length >= count);
  const see = async (): Promise<NetworkSeen> => {
    const reading = await host.platform.read({ kind: "all" }, never);
    const interfaces = new Map(
      [...reading.interfaces].flatMap(([index, found]) =>
        found === null ? [] : [[index, withTunnelKind(found)]],
      ),
    );
    const view = (family: IpFamily): FamilySeen => {
      const defaults = reading.defaults.get(family) ?? { routes: [], answers: [] };
      return viewDefaults(defaults, interfaces, Date.now());
    };
    const { defaults: records } = await control.read(never);
    return { interfaces, defaults: { ipv4: view("ipv4"), ipv6: view("ipv6") }, records };
  };
  const look = async (): Promise<readonly GuardDecision[]> => guard.look(await see(), now);
  const pass = (ms: number): readonly GuardDecision[] => {
    now += ms;
    return guard.advance(now);
  };
  const routing = (): readonly string[] =>
    ["-4 route show", "-6 route show"].map((words) => host.namespace.ip(words));

  /** A program that adds 0.0.0.0/0, gets EEXIST, deletes the default, adds its own over a tunnel and dies. */
  const badProgram = async (looks: boolean): Promise<void> => {
    ip(addTunnel, "address add 10.8.0.2/24 dev tun0", "link set tun0 up");
    expect(() => ip("route add default dev tun0")).toThrow(/File exists/);
    ip("route del default", "route add default dev tun0");
    await hears(3);
    if (looks) expect(await look()).toEqual([]);
    now += 1_000;
    ip("link del tun0");
    expect(await look()).toEqual([]);
  };

  test.each([true, false])(
    "add, EEXIST, delete, add its own, die: `restore` gives the routing of before (seen: %s)",
    async (looks) => {
      ip("route add default via 10.0.0.1 dev up0 proto static src 10.0.0.2 mtu 1400");
      await look();
      const before = routing();
      now += 60_000;
      await badProgram(looks);
      expect(routing()).not.toEqual(before);
      expect(pass(3_900).filter(({ kind }) => kind === "default-lost")).toEqual([]);
      expect(guard.wishes()).toEqual([]);
      const decisions = pass(1_100);
      expect(lossIn(decisions)).toMatchObject({ because: "displaced", restoring: true });
      const [wish] = guard.wishes();
      if (wish === undefined) throw new Error("nothing is wished");
      expect(await control.addDefault(wish.record, "exclusive", never)).toBe("added");
      expect(routing()).toEqual(before);
      expect(told(await look())).toEqual(["default-restored up0"]);
      expect(guard.wishes()).toEqual([]);
    },
  );

  test("add, EEXIST, delete, add its own, die: `warn` names the command that mends it", async () => {
    policy = "warn";
    const directory = memoryDirectory();
    const moment = (): JournalMoment => ({ epochMs: Date.now(), uptimeMs: now });
    const facts: JournalFact[] = [];
    const good = createLastKnownGood({
      standForMs: 10_000,
      known: { ipv4: null, ipv6: null },
      isOurRoute: () => false,
      write: (fact) => facts.push(fact),
    });
    ip("route add default via 10.0.0.1 dev up0 proto static mtu 1400");
    const before = routing();
    await look();
    good.look(await see(), now);
    now += 60_000;
    good.advance(now);
    {
      await using journal = await openJournal(directory, control.identity(), { now: moment });
      await journal.append(facts);
    }
    await badProgram(true);
    const decisions = pass(5_000);
    const loss = lossIn(decisions);
    expect(loss.remedy).toBe("netwatch routes restore");
    expect(loss.meaning).toContain("put a default over tun0 in its place, and that is gone");
    expect(told(decisions)).not.toContainEqual(expect.stringContaining("void"));
    expect(guard.wishes()).toEqual([]);
    const outcome = await restoreRoutes(
      {
        control,
        directory,
        lock: async () => ({ kind: "acquired", [Symbol.asyncDispose]: async () => {} }),
        lockWaitMs: 0,
        readInterfaces: async () => (await see()).interfaces,
        tag: String(layout.protocol),
        places: layout,
        moment,
        newPlanName: () => "mend",
        pause: async () => {},
        dryRun: false,
        verb: "restore",
      },
      never,
    );
    expect(outcome).toMatchObject({ kind: "done", exitCode: 0 });
    expect(routing()).toEqual(before);
    expect(told(await look())).toEqual(["default-restored up0"]);
  });

  test("a link that goes down and up takes the default along silently: back after the grace", async () => {
    ip("route add default via 10.0.0.1 dev up0 proto static");
    await look();
    const before = routing();
    now += 60_000;
    ip("link set up0 down");
    expect(await look()).toEqual([]);
    expect(pass(60_000)).toEqual([]);
    ip("link set up0 up");
    await until("carrier of up0", async () => (await host.interfaceNamed("up0")).carrier);
    await look();
    expect(pass(4_999)).toEqual([]);
    expect(told(pass(1))).toEqual(["default-lost up0 not-returned"]);
    const [wish] = guard.wishes();
    if (wish === undefined) throw new Error("nothing is wished");
    await control.addDefault(wish.record, "exclusive", never);
    expect(routing()[0]).toBe(before[0]);
  });

  test("`ip route del default` by hand is warned of only", async () => {
    ip("route add default via 10.0.0.1 dev up0");
    await look();
    now += 60_000;
    ip("route del default");
    await hears(2);
    await look();
    expect(told(pass(5_000))).toEqual([
      "void-last-known-good deliberate-removal",
      "default-lost up0 removed",
    ]);
    expect(guard.wishes()).toEqual([]);
  });

  test("one program's `replace` by its own other gateway, and another metric, lose nothing", async () => {
    ip("route add default via 10.0.0.1 dev up0 metric 7");
    await look();
    now += 60_000;
    ip("route replace default via 10.0.0.9 dev up0 metric 7");
    await hears(2);
    await look();
    ip("route add default via 10.0.0.9 dev up0 metric 9", "route del default metric 7");
    await hears(4);
    await look();
    expect(pass(60_000)).toEqual([]);
  });

  test("an IPv6 default that a split and a foreign delete displace", async () => {
    ip("-6 route add default via fd00::1 dev up0 metric 1024 proto static");
    await look();
    now += 60_000;
    ip(
      addTunnel,
      "link set tun0 up",
      "-6 route add 2000::/3 dev tun0",
      "-6 route del default via fd00::1 dev up0",
    );
    await hears(3);
    await look();
    expect(told(pass(5_000))).toEqual(["displaced up0"]);
    ip("link del tun0");
    await look();
    expect(told(pass(5_000))).toEqual(["default-lost up0 displaced"]);
    expect(guard.wishes()).toMatchObject([
      { family: "ipv6", record: { route: { gateway: "fd00::1" } } },
    ]);
  });
});
