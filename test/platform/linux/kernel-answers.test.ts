import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";
import { type LinuxHost, openLinuxHost, uplinkCommands } from "./linux-host.ts";

describe.skipIf(process.platform !== "linux")("what a real kernel answers for the outside", () => {
  let host: LinuxHost;
  let _up0: number;
  let up1: number;

  beforeEach(async () => {
    host = await openLinuxHost();
    host.namespace.ipBatch([
      ...uplinkCommands("up0"),
      ...uplinkCommands("up1"),
      "address add 10.0.0.2/24 dev up0",
      "address add 10.1.0.2/24 dev up1",
      "address add fd00::2/64 dev up0 nodad",
      "address add fd01::2/64 dev up1 nodad",
    ]);
    _up0 = host.indexOf("up0");
    up1 = host.indexOf("up1");
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const routes = async (family: IpFamily = "ipv4"): Promise<readonly DefaultRoute[]> =>
    (await host.defaults(family)).routes;
  const only = async (family: IpFamily = "ipv4"): Promise<DefaultRoute> => {
    const [route, ...more] = await routes(family);
    expect(more).toEqual([]);
    if (route === undefined) throw new Error(`there is no ${family} default`);
    return route;
  };
  const ip = (...lines: string[]): void => host.namespace.ipBatch(lines);

  test("none: no routes, and nothing is the answer", async () => {
    const nothing = { routes: [], answers: [null, null] };
    expect(await host.defaults("ipv4")).toEqual(nothing);
    expect(await host.defaults("ipv6")).toEqual(nothing);
  });

  test("a split: the halves join the routes and are the answers, the default stays beside them", async () => {
    ip(
      "route add default via 10.0.0.1 dev up0",
      "route add 0.0.0.0/1 dev up1",
      "route add 128.0.0.0/1 dev up1",
      "route add default via fd00::1 dev up0",
      "route add ::/1 dev up1",
      "route add 8000::/1 dev up1",
    );
    for (const family of ["ipv4", "ipv6"] as const) {
      const { routes: found, answers } = await host.defaults(family);
      const zero = family === "ipv4" ? "0.0.0.0" : "::";
      // The whole of the internet in use lies in 2000::/3, so in the lower half of IPv6.
      const halves = family === "ipv4" ? ["0.0.0.0/1", "128.0.0.0/1"] : ["::/1", "::/1"];
      expect(answers.map((route) => route?.prefix)).toEqual(halves);
      expect(answers.map((route) => route?.interfaceIndex)).toEqual([up1, up1]);
      expect(found.map((route) => route.prefix)).toContain(`${zero}/0`);
      for (const answer of answers) expect(found).toContain(answer);
    }
  });

  test("an answer longer than /7 is an answer and no candidate", async () => {
    ip("route add default via 10.0.0.1 dev up0", "route add 1.0.0.0/8 via 10.1.0.1 dev up1");
    const { routes: found, answers } = await host.defaults("ipv4");
    expect(found.map((route) => route.prefix)).toEqual(["0.0.0.0/0"]);
    expect(answers.map((route) => route?.prefix)).toEqual(["1.0.0.0/8", "0.0.0.0/0"]);
  });

  test.each(["unreachable", "prohibit", "blackhole"] as const)(
    "an %s default is a candidate of that type, and nothing is the answer",
    async (type) => {
      ip(`route add ${type} default metric 5`, `route add ${type} ::/0 metric 5`);
      for (const family of ["ipv4", "ipv6"] as const) {
        expect(await only(family)).toMatchObject({
          type,
          gateway: null,
          interfaceIndex: null,
          metric: 5,
        });
        expect((await host.defaults(family)).answers).toEqual([null, null]);
      }
    },
  );

  test("a table that a rule selects is a candidate, those of marks, VRFs and bound sockets are not", async () => {
    ip(
      "route add default via 10.0.0.1 dev up0",
      "route add default dev up1 table 51820",
      "rule add pref 100 not fwmark 51820 lookup 51820",
      "route add default dev up1 table 77",
      "rule add pref 90 fwmark 7 lookup 77",
      "route add default dev up1 table 78",
      "rule add pref 91 oif up1 lookup 78",
      "route add default dev up1 table 79",
      "rule add pref 92 lookup 79 proto 199 suppress_prefixlength 0",
      "rule add pref 93 lookup 80",
    );
    const { routes: found, answers } = await host.defaults("ipv4");
    expect(found.map((route) => route.table).sort()).toEqual([254, 51_820]);
    expect(answers.map((route) => route?.table)).toEqual([51_820, 51_820]);
  });

  test("the IPv4 short cut: every default is found in front of 50,000 routes, 0.0.0.0/8 and /1 present", async () => {
    ip(
      "route add default via 10.0.0.1 dev up0 metric 5",
      "route add default via 10.1.0.1 dev up1 metric 9",
      "route add 0.0.0.0/8 via 10.0.0.1 dev up0",
      "route add 0.0.0.0/1 via 10.1.0.1 dev up1",
      "route add 128.0.0.0/1 via 10.1.0.1 dev up1",
      ...Array.from(
        { length: 50_000 },
        (_, at) =>
          `route add ${16 + (at >> 15)}.${(at >> 7) & 255}.${(at & 127) << 1}.0/24 via 10.0.0.1`,
      ),
    );
    const { routes: found, answers } = await host.defaults("ipv4");
    expect(found.map((route) => [route.prefix, route.metric])).toEqual([
      ["0.0.0.0/1", 0],
      ["0.0.0.0/0", 5],
      ["0.0.0.0/0", 9],
      ["128.0.0.0/1", 0],
    ]);
    expect(answers.map((route) => route?.prefix)).toEqual(["0.0.0.0/1", "128.0.0.0/1"]);
  });

  test("::/0 is found among 20,000 routes, and the event loop turns meanwhile", async () => {
    ip(
      ...Array.from(
        { length: 20_000 },
        (_, at) => `route add 2001:db8:${at.toString(16)}::/48 via fd00::1`,
      ),
      "route add default via fd00::1 dev up0",
    );
    let turns = 0;
    const turn = setInterval(() => {
      turns += 1;
    }, 1);
    const route = await only("ipv6");
    clearInterval(turn);
    expect(route).toMatchObject({ prefix: "::/0", gateway: "fd00::1" });
    expect(turns).toBeGreaterThan(0);
  });

  test("an IPv6 default whose lifetime is over stays in the table and is no answer", async () => {
    ip("route add default via fe80::1 dev up0 metric 10 expires 1");
    const before = await only("ipv6");
    expect(before.expiresAt).toBeGreaterThan(Date.now() - 1_000);
    const deadline = performance.now() + 10_000;
    for (;;) {
      const { routes: found, answers } = await host.defaults("ipv6");
      // At the very hundredth of a second the kernel tells a lifetime of 0, which otherwise means none.
      if (answers[0] === null && found.every((route) => route.expiresAt !== null)) {
        // The kernel's collector may have taken it by now; while it stays, its end is in the past.
        for (const route of found) expect(route.expiresAt).toBeLessThanOrEqual(Date.now() + 20);
        break;
      }
      expect(performance.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  test("a default for some sources only is no candidate", async () => {
    ip("route add default from fd00::/64 via fd00::1 dev up0");
    expect(await routes("ipv6")).toEqual([]);
  });
});
