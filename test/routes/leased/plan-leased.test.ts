import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PlatformError } from "../../../src/platform/platform-error.ts";
import { defaultRoute, link } from "../memory-host.ts";
import { type LeasedHost, leased, leasedHost } from "./leased-host.ts";

let own: LeasedHost;
let before: unknown;

beforeEach(async () => {
  own = await leasedHost();
  before = own.host.snapshot();
});
afterEach(async () => {
  await own[Symbol.asyncDispose]();
});

const tunDown = (): Promise<void> => {
  own.host.platform.controls.setInterface(link(9, "tun0", [], { kind: "tunnel", up: false }));
  return own.follow();
};
const tunUp = (index = 9): Promise<void> => {
  own.host.platform.controls.removeInterface(9);
  own.host.platform.controls.setInterface(
    link(index, "tun0", ["10.9.0.2/24", "fd00::2/64"], { kind: "tunnel" }),
  );
  return own.follow();
};

const eth0 = "0.0.0.0/0 eth0 100 theirs";
const wlan0 = "0.0.0.0/0 wlan0 600 theirs";

describe("a lease by metric", () => {
  test("stands one below the lowest, and leaves nothing behind", async () => {
    await own.lease(leased(), leased({ family: "ipv6" }));
    expect(own.routes("ipv4")).toEqual(["0.0.0.0/0 tun0 99 ours", eth0, wlan0]);
    expect(own.routes("ipv6")).toEqual(["::/0 tun0 1023 ours", "::/0 eth0 1024 theirs"]);
    expect(own.states()).toEqual(["a ipv4 stands", "a ipv6 stands"]);
    await own.lease();
    expect(own.host.snapshot()).toEqual(before);
  });

  test("shares an IPv4 metric of 0, and is the first of it", async () => {
    own.host.platform.controls.setDefaults("ipv4", [
      defaultRoute("ipv4", 2, "10.0.0.1", { metric: 0 }),
    ]);
    await own.follow();
    await own.lease(leased());
    expect(own.routes("ipv4")).toEqual(["0.0.0.0/0 tun0 0 ours", "0.0.0.0/0 eth0 0 theirs"]);
    await own.lease();
    expect(own.routes("ipv4")).toEqual(["0.0.0.0/0 eth0 0 theirs"]);
  });

  test("is refused for IPv6 where the lowest metric is taken, and a split is named", async () => {
    own.host.platform.controls.setDefaults("ipv6", [
      defaultRoute("ipv6", 2, "fe80::1", { metric: 1 }),
    ]);
    await own.follow();
    await own.lease(leased({ family: "ipv6" }));
    expect(own.keeper.views().leased).toMatchObject([
      { state: "refused", reason: expect.stringContaining("split") },
    ]);
    expect(own.routes("ipv6")).toEqual(["::/0 eth0 1 theirs"]);
  });

  test("is placed once more when somebody undercuts it, and then says so", async () => {
    await own.lease(leased());
    const undercut = (metric: number): Promise<void> => {
      const { routes } = own.host.platform.kernel.defaults("ipv4");
      const theirs = routes.filter(({ metric: one }) => one >= 100);
      const ours = routes.filter(({ protocol }) => protocol === "199");
      own.host.platform.controls.setDefaults("ipv4", [
        defaultRoute("ipv4", 3, "10.1.0.1", { metric }),
        ...ours,
        ...theirs,
      ]);
      return own.follow();
    };
    await undercut(50);
    expect(own.routes("ipv4").slice(0, 2)).toEqual([
      "0.0.0.0/0 tun0 49 ours",
      "0.0.0.0/0 wlan0 50 theirs",
    ]);
    expect(own.states()).toEqual(["a ipv4 stands"]);
    await undercut(20);
    expect(own.states()).toEqual(["a ipv4 outranked"]);
    await own.lease();
    expect(own.routes("ipv4").filter((route) => route.endsWith("ours"))).toEqual([]);
  });
});

describe("a lease by halves", () => {
  test("stands in both, over every metric, and goes with both", async () => {
    await own.lease(leased({ mode: "split" }), leased({ mode: "split", family: "ipv6" }));
    expect(own.routes("ipv4")).toEqual([
      "0.0.0.0/1 tun0 0 ours",
      "128.0.0.0/1 tun0 0 ours",
      eth0,
      wlan0,
    ]);
    expect(own.states()).toEqual(["a ipv4 stands", "a ipv6 stands"]);
    await own.lease();
    expect(own.host.snapshot()).toEqual(before);
  });

  test("is refused beside somebody else's half", async () => {
    const { routes } = own.host.platform.kernel.defaults("ipv4");
    const foreign = defaultRoute("ipv4", 3, "10.1.0.1", { prefix: "128.0.0.0/1", metric: 5 });
    own.host.platform.controls.setDefaults("ipv4", [foreign, ...routes]);
    await own.follow();
    await own.lease(leased({ mode: "split" }));
    expect(own.states()).toEqual(["a ipv4 refused"]);
    expect(own.routes("ipv4").filter((route) => route.endsWith("ours"))).toEqual([]);
  });

  test("never leaves one half when the other is refused", async () => {
    own.host.control.controls.before = (request) => {
      if (request.kind === "add-route" && request.route.prefix === "128.0.0.0/1")
        throw new PlatformError("rejected", "add the route", new Error("no"));
    };
    await own.lease(leased({ mode: "split" }));
    expect(own.states()).toEqual(["a ipv4 refused"]);
    expect(own.host.snapshot()).toEqual(before);
  });
});

describe("a lease in the place of others", () => {
  test("takes what stands away, and gives it back", async () => {
    await own.lease(leased({ mode: "displace" }));
    expect(own.routes("ipv4")).toEqual(["0.0.0.0/0 tun0 100 ours", wlan0]);
    expect(own.keeper.views().displaced).toMatchObject([{ family: "ipv4", state: "displaced" }]);
    await own.lease();
    expect(own.host.snapshot()).toEqual(before);
  });

  test("gives it back while its interface is down, and takes it again", async () => {
    await own.lease(leased({ mode: "displace" }));
    await tunDown();
    expect(own.routes("ipv4")).toEqual([eth0, wlan0]);
    expect(own.states()).toEqual(["a ipv4 lost"]);
    await tunUp(12);
    expect(own.routes("ipv4")).toEqual(["0.0.0.0/0 tun0 100 ours", wlan0]);
    await own.lease();
    expect(own.routes("ipv4")).toEqual([eth0, wlan0]);
  });

  test("in a stack, the base is away until the last that displaces has gone", async () => {
    const first = leased({ mode: "displace" });
    const second = leased({ lease: "b", mode: "displace", interfaceName: "tun1" });
    own.host.platform.controls.setInterface(link(10, "tun1", ["10.8.0.2/24"], { kind: "tunnel" }));
    await own.follow();
    await own.lease(first);
    await own.lease(first, second);
    expect(own.routes("ipv4").filter((route) => !route.includes("wlan0"))).toEqual([
      expect.stringContaining("tun1"),
    ]);
    expect(own.states()).toEqual(["a ipv4 covered", "b ipv4 stands"]);
    await own.lease(second);
    expect(own.routes("ipv4").some((route) => route.includes("eth0"))).toBe(false);
    await own.lease();
    expect(own.routes("ipv4")).toEqual([eth0, wlan0]);
    await own.lease(first, second);
    await own.lease(first);
    expect(own.routes("ipv4").some((route) => route.includes("tun0"))).toBe(true);
    await own.lease();
    expect(own.routes("ipv4")).toEqual([eth0, wlan0]);
  });
});

describe.each(["ipv4", "ipv6"] as const)("a stack in %s", (family) => {
  test.each([
    ["metric", "metric"],
    ["split", "split"],
    ["displace", "displace"],
    ["metric", "displace"],
    ["displace", "metric"],
    ["split", "metric"],
  ] as const)(
    "of %s and %s: only the top stands, however often it comes and goes",
    async (low, high) => {
      own.host.platform.controls.setInterface(
        link(10, "tun1", ["10.8.0.2/24", "fd01::2/64"], { kind: "tunnel" }),
      );
      await own.follow();
      const first = leased({ family, mode: low });
      const second = leased({ lease: "b", family, mode: high, interfaceName: "tun1" });
      const ours = (): readonly string[] =>
        own.routes(family).filter((route) => route.endsWith("ours"));
      await own.lease(first);
      const alone = ours();
      for (let turn = 0; turn < 3; turn += 1) {
        await own.lease(first, second);
        expect(own.states()).toEqual([`a ${family} covered`, `b ${family} stands`]);
        expect(ours().every((route) => route.includes("tun1"))).toBe(true);
        await own.lease(first);
        expect(own.states()).toEqual([`a ${family} stands`]);
        expect(ours()).toEqual(alone);
      }
      await own.lease(first, second);
      await own.lease(second);
      expect(own.states()).toEqual([`b ${family} stands`]);
      await own.lease();
      expect(own.host.platform.kernel.defaults(family).routes).toEqual(
        (before as Record<typeof family, unknown>)[family],
      );
    },
  );
});

describe("onLost: block", () => {
  test.each(["metric", "split", "displace"] as const)(
    "%s: nothing leaves once the tunnel is gone, until the lease is released",
    async (mode) => {
      await own.lease(leased({ mode, onLost: "block" }));
      expect(own.states()).toEqual(["a ipv4 stands"]);
      expect(own.routes("ipv4")[0]).toContain("tun0");
      own.host.platform.controls.removeInterface(9);
      // Before anybody has heard of it.
      expect(own.routes("ipv4")[0]).toContain("unreachable");
      await own.follow();
      expect(own.states()).toEqual(["a ipv4 blocked"]);
      expect(own.routes("ipv4")[0]).toContain("unreachable");
      await tunUp(13);
      expect(own.states()).toEqual(["a ipv4 stands"]);
      expect(own.routes("ipv4")[0]).toContain("tun0");
      await own.lease();
      expect(own.routes("ipv4")).toEqual([eth0, wlan0]);
    },
  );
});

describe("endpoints", () => {
  test("are reached by the uplink as long as the lease is held, and neighbours need no route", async () => {
    await own.lease(leased({ mode: "split", endpoints: ["203.0.113.7", "10.0.0.9"] }));
    expect(own.host.control.hosts()).toMatchObject([
      { destination: "203.0.113.7", gateway: "10.0.0.1", interfaceIndex: 2 },
    ]);
    await own.lease();
    expect(own.host.control.hosts()).toEqual([]);
  });

  test("follow the uplink", async () => {
    await own.lease(leased({ endpoints: ["203.0.113.7"] }));
    own.host.platform.controls.setInterface(link(2, "eth0", ["10.0.0.2/24"], { up: false }));
    await own.follow();
    expect(own.host.control.hosts()).toMatchObject([{ gateway: "10.1.0.1", interfaceIndex: 3 }]);
  });

  test("that somebody else leads by the uplink already need no route, until that one goes", async () => {
    const pinned = { family: "ipv4", destination: "203.0.113.7" } as const;
    own.host.control.controls.pinnedHosts = [{ ...pinned, gateway: "10.0.0.1", interfaceIndex: 2 }];
    await own.lease(leased({ endpoints: ["203.0.113.7"] }));
    expect(own.states()).toEqual(["a ipv4 stands"]);
    expect(own.host.control.hosts()).toEqual([]);
    own.host.control.controls.pinnedHosts = [];
    await own.follow();
    expect(own.host.control.hosts()).toMatchObject([pinned]);
  });

  test("that somebody else leads elsewhere make the lease refused", async () => {
    const foreign = { family: "ipv4", destination: "203.0.113.7", onlink: false } as const;
    const never = new AbortController().signal;
    await own.host.control.addHost?.({ ...foreign, gateway: "10.1.0.1", interfaceIndex: 3 }, never);
    await own.lease(leased({ endpoints: ["203.0.113.7"] }));
    expect(own.states()).toEqual(["a ipv4 refused"]);
    expect(own.routes("ipv4")).toEqual([eth0, wlan0]);
  });
});

test("an interface is no uplink for having been leased once", async () => {
  const { controls } = own.host.platform;
  controls.setInterface(link(14, "wwan0", ["10.4.0.2/24"]));
  // All that tells a gateway: somebody's route to the server of a VPN.
  own.host.control.controls.pinnedHosts = [
    { family: "ipv4", destination: "192.0.2.9", gateway: "10.4.0.1", interfaceIndex: 14 },
  ];
  await own.follow();
  const stood = own.host.snapshot();
  await own.keeper.setLeased({
    uplinks: new Map([["wwan0", new Set(["ipv4" as const])]]),
    bestUplinks: new Set(),
    defaults: [],
  });
  expect(own.keeper.views().scoped).toContainEqual(
    expect.objectContaining({ interface: "wwan0", gateway: "10.4.0.1" }),
  );
  await own.lease();
  expect(own.host.snapshot()).toEqual(stood);
});

test("what leases made is undone by a restore without the daemon", async () => {
  await own.lease(
    leased({ mode: "displace", onLost: "block", endpoints: ["203.0.113.7"] }),
    leased({ family: "ipv6", mode: "split" }),
  );
  await own.crash();
  expect(await own.host.restore()).toMatchObject({ exitCode: 0 });
  expect(own.routes("ipv4")).toEqual([eth0, wlan0]);
  expect(own.routes("ipv6")).toEqual(["::/0 eth0 1024 theirs"]);
  expect(own.host.control.hosts()).toEqual([]);
});
