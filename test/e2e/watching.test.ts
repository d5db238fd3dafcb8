import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Default } from "../../src/admin-api/route-schema.ts";
import type { Status } from "../../src/admin-api/status-schema.ts";
import { until } from "../namespace/namespace.ts";
import { type DaemonProcess, type EventFollower, startDaemon } from "./daemon-process.ts";
import { comparable, replay, replayFrom } from "./event-replay.ts";
import {
  answerByIp,
  answerByNetwatch,
  defaultsByIp,
  defaultsByNetwatch,
  interfacesByIp,
  interfacesByNetwatch,
} from "./kernel-view.ts";
import { openTwoUplinks, type TwoUplinks, uplinkConfig } from "./uplinks.ts";

/** What is done to the network, and the effective defaults that a subscriber must be told of, in order. */
interface Step {
  readonly name: string;
  readonly act: (uplinks: TwoUplinks) => void;
  readonly told?: { readonly ipv4?: readonly string[]; readonly ipv6?: readonly string[] };
  readonly check?: (status: Status) => void;
}

const veths = Array.from({ length: 200 }, (_, at) => `churn${at}`);

const steps: readonly Step[] = [
  {
    name: "a default is added",
    act: ({ host }) => host.ip("route add default via 10.0.0.1 dev up0 metric 100"),
    told: { ipv4: ["10.0.0.1 up0"] },
  },
  {
    name: "a second default of higher metric stands by",
    act: ({ host }) => host.ip("route add default via 10.1.0.1 dev up1 metric 200"),
    check: ({ defaults }) =>
      expect(defaults.ipv4.candidates.map((route) => route.lostBecause)).toEqual([
        null,
        "higher-metric",
      ]),
  },
  {
    name: "the default is replaced",
    act: ({ host }) => host.ip("route replace default via 10.0.0.9 dev up0 metric 100"),
    told: { ipv4: ["10.0.0.9 up0"] },
  },
  {
    name: "link down takes the default without a route message",
    act: ({ host }) => host.ip("link set up0 down"),
    told: { ipv4: ["10.1.0.1 up1"] },
  },
  {
    name: "link up does not bring the default back",
    act: ({ host }) => host.ip("link set up0 up"),
  },
  {
    name: "the default is added again",
    act: ({ host }) => host.ip("route add default via 10.0.0.1 dev up0 metric 100"),
    told: { ipv4: ["10.0.0.1 up0"] },
  },
  {
    name: "carrier loss flags the default linkdown",
    act: ({ router }) => router.ip("link set peer0 down"),
    told: { ipv4: ["10.0.0.1 up0 linkdown"] },
  },
  {
    name: "the carrier returns",
    act: ({ router }) => router.ip("link set peer0 up"),
    told: { ipv4: ["10.0.0.1 up0"] },
  },
  {
    name: "the last address goes and takes the default without a route message",
    act: ({ host }) => host.ip("address del 10.0.0.2/24 dev up0"),
    told: { ipv4: ["10.1.0.1 up1"] },
  },
  {
    name: "an address and a default are added",
    act: ({ host }) =>
      host.ipBatch([
        "address add 10.0.0.2/24 dev up0",
        "route add default via 10.0.0.1 dev up0 metric 100",
      ]),
    told: { ipv4: ["10.0.0.1 up0"] },
  },
  {
    name: "an IPv6 address passes duplicate address detection",
    act: ({ host }) => host.ip("-6 address add 2001:db8::2/64 dev up0"),
    check: ({ interfaces }) =>
      expect(
        interfaces.flatMap((item) => item.addresses).flatMap((item) => item.flags),
      ).not.toContain("tentative"),
  },
  {
    name: "an IPv6 default by a link-local gateway",
    act: ({ host }) => host.ip("-6 route add default via fe80::1 dev up0 metric 1024"),
    told: { ipv6: ["fe80::1 up0"] },
  },
  {
    name: "an IPv6 default of lower metric takes over",
    act: ({ host }) => host.ip("-6 route add default via fe80::2 dev up1 metric 512"),
    told: { ipv6: ["fe80::2 up1"] },
  },
  {
    name: "the IPv6 default is removed",
    act: ({ host }) => host.ip("-6 route del default via fe80::2 dev up1 metric 512"),
    told: { ipv6: ["fe80::1 up0"] },
  },
  {
    name: "the default becomes multipath",
    act: ({ host }) =>
      host.ip(
        "route replace default metric 100 nexthop via 10.0.0.1 dev up0 weight 3 nexthop via 10.1.0.1 dev up1",
      ),
    told: { ipv4: ["10.0.0.1 up0 + 10.1.0.1 up1"] },
  },
  {
    name: "the default is an off-link gateway, onlink",
    act: ({ host }) => host.ip("route replace default via 10.77.0.1 dev up0 metric 100 onlink"),
    told: { ipv4: ["10.77.0.1 up0"] },
  },
  {
    name: "the default is removed",
    act: ({ host }) => host.ip("route del default metric 100"),
    told: { ipv4: ["10.1.0.1 up1"] },
  },
  {
    name: "an interface is deleted",
    act: ({ host }) => host.ip("link del up1"),
    told: { ipv4: ["none"] },
  },
  {
    name: "an interface of the same name is a new generation",
    act: ({ host, router }) =>
      host.ipBatch([
        `link add up1 type veth peer name peer1 netns ${router.pid}`,
        "link set up1 up",
        "address add 10.1.0.2/24 dev up1",
      ]),
    check: ({ interfaces }) =>
      expect(interfaces.find((item) => item.name === "up1")?.generation).toBe(2),
  },
  {
    name: "the carrier of the new interface comes, and a default",
    act: ({ host, router }) => {
      router.ip("link set peer1 up");
      host.ip("route add default via 10.1.0.1 dev up1 metric 200");
    },
    told: { ipv4: ["10.1.0.1 up1"] },
  },
  {
    name: "an interface is renamed while up, and its default with it",
    act: ({ host }) => host.ip("link set up1 name wan1"),
    check: ({ defaults }) => expect(defaults.ipv4.effective?.interface).toBe("wan1"),
  },
  {
    name: "200 veth pairs come",
    act: ({ host }) =>
      host.ipBatch(veths.map((name) => `link add ${name} type veth peer name p${name}`)),
  },
  {
    name: "200 veth pairs go, while a default comes",
    act: ({ host }) => {
      host.ipBatch(veths.map((name) => `link del ${name}`));
      host.ip("route add default via 10.0.0.1 dev up0 metric 100");
    },
    told: { ipv4: ["10.0.0.1 up0"] },
  },
];

describe.skipIf(process.platform !== "linux")("netwatch on a host with two uplinks", () => {
  let uplinks: TwoUplinks;
  let daemon: DaemonProcess;
  let events: EventFollower;
  let baseline: Status;

  beforeAll(async () => {
    uplinks = await openTwoUplinks();
    daemon = await startDaemon(uplinks.host, { config: uplinkConfig });
    baseline = await daemon.status();
    events = daemon.follow();
  });

  afterAll(async () => {
    events?.[Symbol.dispose]();
    await daemon?.[Symbol.asyncDispose]();
    uplinks?.[Symbol.dispose]();
  });

  test.each(steps.map((step) => [step.name, step] as const))(
    "%s: status equals ip, effective changes are told once",
    async (_, step) => {
      const from = events.lines.length;
      step.act(uplinks);
      const status = await settled(step.name);
      step.check?.(status);
      const told = () => ({ ipv4: toldSince(from, "ipv4"), ipv6: toldSince(from, "ipv6") });
      const expected = { ipv4: step.told?.ipv4 ?? [], ipv6: step.told?.ipv6 ?? [] };
      await until("what is told", () => isDeepStrictEqual(told(), expected)).catch(() => undefined);
      expect(told()).toEqual(expected);
    },
  );

  test("replaying the events over the first status gives the last one, each change once", async () => {
    const last = await daemon.status();
    const state = replayFrom(baseline);
    await until("the last event", () =>
      events.lines.some((line) => "id" in line && line.id === last.counters.events),
    );
    // The follower began with the daemon's first event: what came before the first status is in it.
    const later = events.lines.filter(
      (line) => !("id" in line && line.id <= baseline.counters.events),
    );
    for (const line of later) replay(state, line);
    expect(comparable(state)).toEqual(comparable(replayFrom(last)));
  });

  test("nothing was drift: every change was announced", async () => {
    const { counters, source } = await daemon.status();
    expect(counters.drift).toBe(0);
    expect(source.undecodable).toBe(0);
    expect(source.overflows).toBe(0);
  });

  /** The status once it equals what ip says, with duplicate address detection over. */
  async function settled(name: string): Promise<Status> {
    let status = await daemon.status();
    let difference = "";
    try {
      await until(name, async () => {
        status = await daemon.status();
        difference = differenceFromIp(status);
        return difference === "";
      });
    } catch (error) {
      expect.fail(`${name}: ${String(error)}; netwatch and ip differ: ${difference}`);
    }
    return status;
  }

  function differenceFromIp(status: Status): string {
    const { host } = uplinks;
    const pairs: [unknown, unknown][] = [
      [interfacesByNetwatch(status.interfaces), interfacesByIp(host)],
      [defaultsByNetwatch(status.defaults.ipv4), defaultsByIp(host, "ipv4")],
      [defaultsByNetwatch(status.defaults.ipv6), defaultsByIp(host, "ipv6")],
      [answerByNetwatch(status.defaults.ipv4), answerByIp(host, "ipv4")],
      [answerByNetwatch(status.defaults.ipv6), answerByIp(host, "ipv6")],
    ];
    const differing = pairs.find(([ours, theirs]) => !isDeepStrictEqual(ours, theirs));
    if (differing !== undefined)
      return differing.map((side) => JSON.stringify(side)).join(" against ");
    return /"tentative"/.test(JSON.stringify(status)) ? "an address is tentative" : "";
  }

  function toldSince(from: number, family: "ipv4" | "ipv6"): string[] {
    return events.lines.slice(from).flatMap((line) => {
      if (line.kind !== "default-changed" || line.family !== family) return [];
      return isDeepStrictEqual(line.before, line.after) ? [] : [words(line.after)];
    });
  }
});

function words(route: Default | null): string {
  if (route === null) return "none";
  const legs = route.nexthops.map((leg) => `${leg.gateway} ${leg.interface}`);
  if (legs.length > 0) return legs.join(" + ");
  return `${route.gateway} ${route.interface}${route.linkdown ? " linkdown" : ""}`;
}
