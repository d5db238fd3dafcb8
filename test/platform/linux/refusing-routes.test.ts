import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keepRefusingRoutes } from "../../../src/platform/linux/refusing-routes.ts";
import { emptyRoute } from "../../../src/wire/netlink/route.ts";
import {
  RTN_BLACKHOLE,
  RTN_PROHIBIT,
  RTN_UNREACHABLE,
} from "../../../src/wire/netlink/route-constants.ts";
import { never, openRouteControlHost, type RouteControlHost } from "./route-control-host.ts";

describe("keepRefusingRoutes()", () => {
  let now: number;
  let walks: [number, number][];
  const routes = keepRefusingRoutes(
    async (table, type) => {
      now += 10;
      walks.push([table, type]);
      return [{ ...emptyRoute, table, type }];
    },
    () => now,
  );

  test("reads each type of refusal, and again after twenty times as long as that took", async () => {
    now = 1_000;
    walks = [];
    const read = async (table: number): Promise<number> => {
      walks = [];
      const found = await routes.read(table, never);
      expect(found.map(({ type }) => type)).toEqual([RTN_UNREACHABLE, RTN_BLACKHOLE, RTN_PROHIBIT]);
      expect(found.every((route) => route.table === table)).toBe(true);
      return walks.length;
    };
    expect(await read(254)).toBe(3);
    now += 20 * 30 - 1;
    expect(await read(254)).toBe(0);
    expect(await read(100)).toBe(3);
    now += 1;
    expect(await read(254)).toBe(3);
  });
});

describe.skipIf(process.platform !== "linux")("a main table of thousands of routes", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openRouteControlHost();
    host.ip(
      "link add up0 type veth peer name up0p",
      "link set up0 up",
      "link set up0p up",
      "address add 10.0.0.2/24 dev up0",
      ...Array.from(
        { length: 12_000 },
        (_, at) => `route add 11.${at >> 8}.${at & 255}.0/24 via 10.0.0.1 dev up0`,
      ),
    );
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const killSwitches = async (): Promise<readonly string[]> =>
    (await host.read()).obstacles.flatMap((one) =>
      one.kind === "kill-switch" ? [`${one.type} ${one.prefix}`] : [],
    );

  test("what refuses packets is seen wherever it stands, each once", async () => {
    expect(await killSwitches()).toEqual([]);
    host.ip(
      "route add unreachable 128.0.0.0/1",
      "route add blackhole 240.0.0.0/4",
      "route add prohibit 64.0.0.0/7",
      "route add unreachable default metric 9999",
      // Too long to be anybody's kill switch.
      "route add blackhole 192.0.0.0/8",
    );
    // What was found before holds for a moment yet.
    await expect
      .poll(async () => [...(await killSwitches())].sort(), { timeout: 20_000 })
      .toEqual([
        "blackhole 240.0.0.0/4",
        "prohibit 64.0.0.0/7",
        "unreachable 0.0.0.0/0",
        "unreachable 128.0.0.0/1",
      ]);
    host.ip("route del unreachable 128.0.0.0/1");
    await expect.poll(killSwitches, { timeout: 20_000 }).not.toContain("unreachable 128.0.0.0/1");
  });
});
