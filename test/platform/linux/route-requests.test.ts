import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import type { RecordedDefault, ScopedDefault } from "../../../src/platform/route-control.ts";
import {
  NLM_F_APPEND,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { decodeRoute } from "../../../src/wire/netlink/route.ts";
import { decodeRule } from "../../../src/wire/netlink/rule.ts";
import { type LossyTransport, lossyTransport } from "./lossy-transport.ts";
import { never, openTwoUplinkHost, pairOver, type RouteControlHost } from "./route-control-host.ts";

const families = ["ipv4", "ipv6"] as const;

describe.skipIf(process.platform !== "linux")("requests to a real kernel", () => {
  let host: RouteControlHost;
  let transport: LossyTransport;

  beforeEach(async () => {
    transport = lossyTransport();
    host = await openTwoUplinkHost({ openTransport: transport.open });
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const pair = (family: IpFamily, more: Partial<ScopedDefault> = {}): ScopedDefault =>
    pairOver(host.indexOf("up0"), "up0", family === "ipv4" ? "10.0.0.1" : "fd00::1", more);
  const forms = (family: IpFamily): readonly ScopedDefault[] => [
    pair(family),
    pair(family, { form: "throw", connected: [family === "ipv4" ? "10.0.0.0/24" : "fd00::/64"] }),
  ];
  const addForeign = async (family: IpFamily): Promise<RecordedDefault> => {
    host.ip(
      family === "ipv4"
        ? "route add default via 10.0.0.1 dev up0 metric 7"
        : "route add ::/0 via fd00::1 dev up0 metric 7",
    );
    const found = (await host.read()).defaults.find(({ route }) => route.family === family);
    if (found === undefined) throw new Error("the default was not read");
    return found;
  };

  test.each(families)(
    "a lost answer is looked for and nothing is sent again: %s",
    async (family) => {
      const before = host.routing();
      for (const entry of forms(family)) {
        transport.fate = () => "answered";
        transport.changes.length = 0;
        await host.control.addScoped(entry, never);
        const parts = transport.changes.length;
        const after = host.routing();
        await host.control.removeScoped(entry, never);
        for (let lost = 0; lost < parts; lost += 1) {
          transport.changes.length = 0;
          transport.fate = (change) => (change === lost ? "reply-lost" : "answered");
          expect(await host.control.addScoped(entry, never)).toBe("added");
          expect(transport.changes).toHaveLength(parts);
          expect(host.routing()).toBe(after);
          transport.changes.length = 0;
          await host.control.removeScoped(entry, never);
          expect(transport.changes).toHaveLength(parts);
          expect(host.routing()).toBe(before);
        }
      }
    },
  );

  test.each(families)("a lost request is told, and the next try finishes: %s", async (family) => {
    const before = host.routing();
    transport.fate = (change) => (change === 1 ? "request-lost" : "answered");
    await expect(host.control.addScoped(pair(family), never)).rejects.toMatchObject({
      code: "timeout",
    });
    expect(transport.changes).toHaveLength(2);
    expect((await host.read()).scoped.map(({ complete }) => complete)).toEqual([false]);
    expect(await host.control.addScoped(pair(family), never)).toBe("added");
    transport.changes.length = 0;
    await expect(host.control.removeScoped(pair(family), never)).rejects.toMatchObject({
      code: "timeout",
    });
    await host.control.removeScoped(pair(family), never);
    expect(host.routing()).toBe(before);
  });

  test.each(families)("lost answers about an unscoped default: %s", async (family) => {
    const record = await addForeign(family);
    const before = host.routing();
    transport.fate = () => "request-lost";
    await expect(host.control.removeDefault(record, never)).rejects.toMatchObject({
      code: "timeout",
    });
    expect(host.routing()).toBe(before);
    transport.fate = () => "reply-lost";
    expect(await host.control.removeDefault(record, never)).toBe("removed");
    expect(host.routing()).not.toBe(before);
    transport.fate = () => "request-lost";
    await expect(host.control.addDefault(record, "exclusive", never)).rejects.toMatchObject({
      code: "timeout",
    });
    transport.fate = () => "reply-lost";
    expect(await host.control.addDefault(record, "exclusive", never)).toBe("added");
    expect(host.routing()).toBe(before);
    expect(transport.changes).toHaveLength(4);
  });

  test.each(families)(
    "a gateway is followed without a moment without a default: %s",
    async (family) => {
      await host.control.addScoped(pair(family), never);
      const seen: string[] = [];
      transport.made = () => seen.push(host.table(family, 5100));
      const gateways = family === "ipv4" ? ["10.0.0.9", "10.0.0.1"] : ["fd00::9", "fd00::1"];
      for (const gateway of gateways)
        for (const mtu of [1400, null]) {
          const entry = pair(family, { gateway, mtu });
          expect(await host.control.addScoped(entry, never)).toBe("added");
          expect((await host.read()).scoped).toEqual([{ entry, complete: true }]);
        }
      expect(seen.length).toBeGreaterThanOrEqual(4);
      for (const table of seen) expect(table).toContain("default");
    },
  );

  test.each(families)(
    "each part stands before the next: table, suppressing rule, table's rule: %s",
    async (family) => {
      const seen: string[] = [];
      transport.made = () =>
        seen.push(
          [
            host.table(family, 5100).includes("default") ? "T" : "-",
            host.rules(family).includes("suppress_prefixlength 0") ? "S" : "-",
            host.rules(family).includes("lookup 5100") ? "R" : "-",
          ].join(""),
        );
      await host.control.addScoped(pair(family), never);
      await host.control.removeScoped(pair(family), never);
      expect(seen).toEqual(["T--", "TS-", "TSR", "TS-", "T--", "---"]);
    },
  );

  test("no delete but removeDefault()'s names a table that is not ours, and each names everything", async () => {
    for (const family of families) {
      await addForeign(family);
      for (const entry of forms(family)) {
        await host.control.addScoped(entry, never);
        await host.control.addScoped({ ...entry, mtu: 1400 }, never);
        await host.control.removeScoped(entry, never);
      }
    }
    const deletes = transport.changes.filter(({ type }) => type === RTM_DELROUTE);
    expect(deletes.length).toBeGreaterThan(0);
    for (const { body } of deletes)
      expect(decodeRoute(body)).toMatchObject({ table: 5100, protocol: 199 });
    for (const { body } of transport.changes.filter(({ type }) => type === RTM_DELRULE)) {
      const rule = decodeRule(body);
      expect(rule).toMatchObject({ protocol: 199, oifname: "up0" });
      expect([5100, 5101]).toContain(rule.priority);
    }
    transport.changes.length = 0;
    for (const record of (await host.read()).defaults)
      expect(await host.control.removeDefault(record, never)).toBe("removed");
    expect(transport.changes.map(({ type, body }) => [type, decodeRoute(body)])).toEqual([
      [
        RTM_DELROUTE,
        expect.objectContaining({
          table: 254,
          protocol: 3,
          priority: 7,
          oif: host.indexOf("up0"),
          gateway: Uint8Array.of(10, 0, 0, 1),
        }),
      ],
      [
        RTM_DELROUTE,
        expect.objectContaining({
          table: 254,
          protocol: 3,
          priority: 7,
          oif: host.indexOf("up0"),
          gateway: expect.anything(),
        }),
      ],
    ]);
  });

  test("nothing in main is ever replaced, and only what was asked to stand beside others lacks EXCL", async () => {
    const record = await addForeign("ipv4");
    await addForeign("ipv6");
    for (const placement of ["exclusive", "append", "prepend"] as const) {
      await host.control.removeDefault(record, never);
      await host.control.addDefault(record, placement, never);
    }
    const inMain = transport.changes.filter(
      ({ type, body }) => type === RTM_NEWROUTE && decodeRoute(body).table === 254,
    );
    expect(inMain).toHaveLength(3);
    // With nothing of the key there, all three can refuse any other.
    for (const { flags } of inMain)
      expect(flags & (NLM_F_EXCL | NLM_F_REPLACE | NLM_F_APPEND)).toBe(NLM_F_EXCL);
  });
});
