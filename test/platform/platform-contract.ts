import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../src/network/address.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import type { Platform, Reading, ReadScope } from "../../src/platform/platform.ts";
import { until } from "../namespace/namespace.ts";
import { listen, listenTo } from "./hint-listener.ts";

/** A plain default, in the words that a fixture gives to its kernel. */
export interface ContractDefault {
  readonly family: IpFamily;
  readonly gateway: string;
  readonly interface: string;
  readonly metric: number;
}

/**
 * A host of the test's own: a platform, and hands that change the same kernel by another way. Each hand is
 * done when its promise is: the next read sees it. Hints may come later.
 */
export interface ContractHost extends AsyncDisposable {
  readonly platform: Platform;
  /** Whether defaults have metrics, so that several stand side by side; else there is one in each family. */
  readonly metrics: boolean;
  /** Makes an interface that is up and has carrier; gives its index. */
  createUplink(name: string): Promise<number> | number;
  setUp(name: string, up: boolean): Promise<void> | void;
  /** Adds `10.0.0.2/24` or `fd00::2/64`, usable at once (IPv6 without duplicate address detection). */
  addAddress(name: string, address: string): Promise<void> | void;
  removeAddress(name: string, address: string): Promise<void> | void;
  addDefault(route: ContractDefault): Promise<void> | void;
  removeDefault(route: ContractDefault): Promise<void> | void;
  /** The interface may be taken down for it. Null where interfaces keep their names. */
  readonly rename: ((name: string, newName: string) => Promise<void> | void) | null;
  remove(name: string): Promise<void> | void;
}

const ipv4: ContractDefault = {
  family: "ipv4",
  gateway: "10.77.0.1",
  interface: "up0",
  metric: 100,
};
const ipv6: ContractDefault = {
  family: "ipv6",
  gateway: "fd00:77::1",
  interface: "up0",
  metric: 1024,
};

/** What every platform promises, whatever its kernel. Each test gets a host from `openHost`. */
export function describePlatformContract(
  name: string,
  openHost: () => Promise<ContractHost>,
): void {
  describe(`the platform contract over ${name}`, () => {
    let host: ContractHost;
    let aborter: AbortController;

    beforeEach(async () => {
      host = await openHost();
      aborter = new AbortController();
    });
    afterEach(async () => {
      aborter.abort();
      await host[Symbol.asyncDispose]();
    });

    const read = (scope: ReadScope = { kind: "all" }): Promise<Reading> =>
      host.platform.read(scope, aborter.signal);

    const uplink = async (): Promise<number> => {
      const index = await host.createUplink("up0");
      await host.addAddress("up0", "10.77.0.2/24");
      await host.addAddress("up0", "fd00:77::2/64");
      return index;
    };

    test("read() all sees interfaces and their addresses", async () => {
      const index = await uplink();
      const reading = await read();
      expect(reading.complete).toBe(true);
      const found = reading.interfaces.get(index);
      expect(found).toMatchObject({ index, name: "up0", up: true, carrier: true });
      const addresses = found?.addresses.map((a) => `${a.address}/${a.prefixLength}`);
      expect(addresses).toContain("10.77.0.2/24");
      expect(addresses).toContain("fd00:77::2/64");
      await host.setUp("up0", false);
      expect((await read()).interfaces.get(index)?.up).toBe(false);
    });

    test.each([ipv4, ipv6])(
      "read() all sees a default and the kernel's answer: $family",
      async (route) => {
        const index = await uplink();
        await host.addDefault(route);
        const wanted = {
          family: route.family,
          prefix: route.family === "ipv4" ? "0.0.0.0/0" : "::/0",
          type: "unicast",
          gateway: route.gateway,
          interfaceIndex: index,
          metric: host.metrics ? route.metric : 0,
          position: 0,
          nexthops: [],
        };
        const defaults = (await read()).defaults.get(route.family);
        expect(defaults?.routes).toEqual([expect.objectContaining(wanted)]);
        expect(defaults?.answers).toHaveLength(2);
        for (const answer of defaults?.answers ?? []) expect(answer).toMatchObject(wanted);
        await host.removeDefault(route);
        const after = (await read()).defaults.get(route.family);
        expect(after?.routes).toEqual([]);
        expect(after?.answers).toEqual([null, null]);
      },
    );

    test("read() gives the winner as the answer: by metric, or the one that stands", async () => {
      await uplink();
      await host.addDefault({ ...ipv4, metric: 200 });
      const addSecond = async (): Promise<void> =>
        host.addDefault({ ...ipv4, gateway: "10.77.0.9", metric: 50 });
      if (host.metrics) await addSecond();
      else await expect(addSecond()).rejects.toThrow();
      const defaults = (await read()).defaults.get("ipv4");
      const metrics = defaults?.routes.map((route: DefaultRoute) => route.metric).sort();
      expect(metrics).toEqual(host.metrics ? [200, 50] : [0]);
      const winner = host.metrics ? "10.77.0.9" : ipv4.gateway;
      expect(defaults?.answers.map((answer) => answer?.gateway)).toEqual([winner, winner]);
    });

    test("read() of doors equals the same piece of all, and no more", async () => {
      const index = await uplink();
      await host.addDefault(ipv4);
      const scope: ReadScope = {
        kind: "doors",
        interfaces: new Set([index]),
        defaults: new Set<IpFamily>(["ipv4"]),
      };
      let all = await read();
      let some = await read(scope);
      await until("two equal readings", async () => {
        [all, some] = [await read(), await read(scope)];
        return (
          JSON.stringify(all.interfaces.get(index)) === JSON.stringify(some.interfaces.get(index))
        );
      });
      expect(some.complete).toBe(false);
      expect([...some.interfaces]).toEqual([[index, all.interfaces.get(index)]]);
      expect([...some.defaults]).toEqual([["ipv4", all.defaults.get("ipv4")]]);
    });

    test("read() names null for an interface that is not there", async () => {
      const index = await uplink();
      await host.remove("up0");
      const gone: ReadScope = {
        kind: "doors",
        interfaces: new Set([index]),
        defaults: new Set(),
      };
      const reading = await read(gone);
      expect([...reading.interfaces]).toEqual([[index, null]]);
      expect(reading.defaults.size).toBe(0);
      expect((await read()).interfaces.has(index)).toBe(false);
    });

    test("read() rejects with the signal's reason when it is aborted", async () => {
      const reason = new Error("enough");
      await expect(host.platform.read({ kind: "all" }, AbortSignal.abort(reason))).rejects.toBe(
        reason,
      );
    });

    test("changes() rings the interface for each of its changes", async () => {
      using listener = listen(host.platform, aborter.signal);
      const index = await uplink();
      await listener.hears("its birth", { kind: "interface", index });
      await host.addAddress("up0", "10.77.1.2/24");
      await listener.hears("a new address", { kind: "interface", index });
      await host.removeAddress("up0", "10.77.1.2/24");
      await listener.hears("an address gone", { kind: "interface", index });
      await host.setUp("up0", false);
      await listener.hears("down", { kind: "interface", index });
      await host.setUp("up0", true);
      await listener.hears("up", { kind: "interface", index });
      if (host.rename !== null) {
        await host.rename("up0", "up9");
        await listener.hears("another name", { kind: "interface", index });
      }
      await host.remove(host.rename === null ? "up0" : "up9");
      await listener.hears("its end", { kind: "interface", index });
      expect(listener.repeated()).toEqual([]);
    });

    test.each([ipv4, ipv6])(
      "changes() rings the defaults of the family: $family",
      async (route) => {
        await uplink();
        using listener = listen(host.platform, aborter.signal);
        await host.addDefault(route);
        await listener.hears("a default", { kind: "defaults", family: route.family });
        await host.removeDefault(route);
        await listener.hears("a default gone", { kind: "defaults", family: route.family });
        expect(listener.repeated()).toEqual([]);
      },
    );

    test("changes(), then read(): what changes in between is rung or read", async () => {
      const source = host.platform.changes(aborter.signal);
      // Not iterated yet: what rings now must wait, not vanish.
      const index = await host.createUplink("up0");
      const reading = await read();
      expect(reading.interfaces.get(index)?.name).toBe("up0");
      await host.setUp("up0", false);
      using listener = listenTo(source);
      await listener.hears("what rang before the first turn", { kind: "interface", index });
    });

    test("changes() twice: each source hears everything", async () => {
      using one = listen(host.platform, aborter.signal);
      using other = listen(host.platform, aborter.signal);
      const index = await host.createUplink("up0");
      await one.hears("a change", { kind: "interface", index });
      await other.hears("a change", { kind: "interface", index });
    });

    test("changes() ends when the signal aborts, and others go on", async () => {
      const own = new AbortController();
      using other = listen(host.platform, aborter.signal);
      using ending = listen(host.platform, own.signal);
      own.abort();
      await until("the end of the aborted source", () => ending.ended());
      expect(ending.failure()).toBeNull();
      const index = await host.createUplink("up0");
      await other.hears("a change", { kind: "interface", index });
      expect(other.ended()).toBe(false);
    });

    test("changes() ends when its source is disposed of", async () => {
      const source = host.platform.changes(aborter.signal);
      const listener = listenTo(source);
      source[Symbol.dispose]();
      await until("the end of the disposed source", () => listener.ended());
      expect(listener.failure()).toBeNull();
      source[Symbol.dispose]();
    });

    test("probe() is answered by a source that lives", async () => {
      const source = host.platform.changes(aborter.signal);
      using _listener = listenTo(source);
      expect(await source.probe(5_000, aborter.signal)).toBe(true);
      expect(await source.probe(5_000, aborter.signal)).toBe(true);
    });

    test("counters() count messages and say that a source is open", async () => {
      expect(host.platform.counters().open).toBe(false);
      using listener = listen(host.platform, aborter.signal);
      expect(host.platform.counters().open).toBe(true);
      const before = host.platform.counters().messages;
      const index = await host.createUplink("up0");
      await listener.hears("a change", { kind: "interface", index });
      const after = host.platform.counters();
      expect(after.messages).toBeGreaterThan(before);
      expect(after.lastMessageAt).not.toBeNull();
    });

    test("uptime() gives two clocks that go forward, the suspend-aware one not behind", () => {
      const first = host.platform.uptime();
      const second = host.platform.uptime();
      expect(second.awakeMs).toBeGreaterThanOrEqual(first.awakeMs);
      expect(second.totalMs).toBeGreaterThanOrEqual(first.totalMs);
      expect(second.totalMs).toBeGreaterThan(second.awakeMs - 1);
    });

    test("disposing of the platform ends its sources", async () => {
      const listener = listen(host.platform, aborter.signal);
      await host.platform[Symbol.asyncDispose]();
      await until("the end of the source", () => listener.ended());
      await expect(read()).rejects.toMatchObject({ name: "PlatformError" });
    });
  });
}
