import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../src/network/address.ts";
import type {
  FoundScoped,
  RecordedDefault,
  RouteControl,
  ScopedDefault,
} from "../../src/platform/route-control.ts";
import type { ContractDefault } from "./platform-contract.ts";

/** A host of the test's own: a control, and hands that change the same kernel by another way. */
export interface RouteContractHost extends AsyncDisposable {
  readonly control: RouteControl;
  /** Makes an interface that is up and has carrier; gives its index. */
  createUplink(name: string): Promise<number> | number;
  /** Adds `10.0.0.2/24` or `fd00::2/64`, usable at once. */
  addAddress(name: string, address: string): Promise<void> | void;
  addDefault(route: ContractDefault): Promise<void> | void;
  removeDefault(route: ContractDefault): Promise<void> | void;
  /** Everything of the kernel's routing in one text: two hosts with the same text route alike. */
  routing(): Promise<string> | string;
}

const prefixes = { ipv4: "10.77.0", ipv6: "fd00:77:" } as const;

/**
 * How a kernel keeps routes. `tables`: scoped defaults have places, sources and more, unscoped ones metrics. `scopes`:
 * there is one scoped default for each interface and one unscoped one for each prefix, with a gateway and no more.
 */
type RoutingKind = "tables" | "scopes";

/** What every control of routes promises, whatever its kernel. Each test gets a host from `openHost`. */
export function describeRouteControlContract(
  name: string,
  openHost: () => Promise<RouteContractHost>,
  kind: RoutingKind = "tables",
): void {
  describe(`the route control contract over ${name}`, () => {
    const { signal } = new AbortController();
    let host: RouteContractHost;
    let index: number;

    beforeEach(async () => {
      host = await openHost();
      index = await host.createUplink("up0");
      await host.addAddress("up0", "10.77.0.2/24");
      await host.addAddress("up0", "fd00:77::2/64");
    });
    afterEach(() => host[Symbol.asyncDispose]());

    const address = (family: IpFamily, last: number): string =>
      family === "ipv4" ? `${prefixes.ipv4}.${last}` : `${prefixes.ipv6}:${last}`;
    const scopedFor = (family: IpFamily, more: Partial<ScopedDefault> = {}): ScopedDefault => ({
      family,
      interfaceIndex: index,
      interfaceName: "up0",
      slot: 3,
      gateway: address(family, 1),
      onlink: false,
      source: null,
      mtu: null,
      nexthops: [],
      form: "pair",
      connected: [],
      replyAddresses: [],
      ...more,
    });
    const throwFor = (family: IpFamily): ScopedDefault =>
      scopedFor(family, {
        form: "throw",
        connected: family === "ipv4" ? ["10.77.0.0/24"] : ["fd00:77::/64", "fe80::/64"],
      });
    const foreign = (family: IpFamily, metric: number, last = 1): ContractDefault => ({
      family,
      gateway: address(family, last),
      interface: "up0",
      metric,
    });
    const scoped = async (): Promise<readonly FoundScoped[]> =>
      (await host.control.read(signal)).scoped;
    const defaults = async (family: IpFamily): Promise<readonly RecordedDefault[]> =>
      (await host.control.read(signal)).defaults.filter(({ route }) => route.family === family);
    const only = async (family: IpFamily): Promise<RecordedDefault> => {
      const [record, ...more] = await defaults(family);
      expect(more).toEqual([]);
      if (record === undefined) throw new Error(`there is no ${family} default`);
      return record;
    };
    const families = ["ipv4", "ipv6"] as const;
    const tables = test.runIf(kind === "tables");
    const placed = (entry: ScopedDefault): ScopedDefault =>
      kind === "tables" ? entry : { ...entry, slot: entry.interfaceIndex };

    test("identity() names this kernel and namespace, always alike", () => {
      const identity = host.control.identity();
      expect(identity.bootId).not.toBe("");
      expect(identity.namespaceCookie).toMatch(/^\d+$/);
      expect(host.control.identity()).toEqual(identity);
    });

    test.each(families)("read() of a fresh %s host finds nothing of ours", async (family) => {
      expect(await scoped()).toEqual([]);
      expect(await defaults(family)).toEqual([]);
    });

    test.each(families)(
      "addScoped() makes a pair that is read back as asked: %s",
      async (family) => {
        const entry = scopedFor(family);
        expect(await host.control.addScoped(entry, signal)).toBe("added");
        expect(await scoped()).toEqual([{ entry: placed(entry), complete: true }]);
      },
    );

    tables.each(families)("addScoped() makes the throw form: %s", async (family) => {
      const entry = throwFor(family);
      expect(await host.control.addScoped(entry, signal)).toBe("added");
      const [found] = await scoped();
      expect(found?.complete).toBe(true);
      expect({ ...found?.entry, connected: [...(found?.entry.connected ?? [])].sort() }).toEqual({
        ...entry,
        connected: [...entry.connected].sort(),
      });
    });

    test.each(families)("addScoped() the second time changes nothing: %s", async (family) => {
      await host.control.addScoped(scopedFor(family), signal);
      const before = await host.routing();
      expect(await host.control.addScoped(scopedFor(family), signal)).toBe("already-there");
      expect(await host.routing()).toBe(before);
    });

    tables.each(families)("addScoped() keeps every attribute: %s", async (family) => {
      const entry = scopedFor(family, {
        slot: 49,
        mtu: 1400,
        source: address(family, 2),
        replyAddresses: [address(family, 2)],
      });
      await host.control.addScoped(entry, signal);
      expect(await scoped()).toEqual([{ entry: placed(entry), complete: true }]);
    });

    tables.each(families)("addScoped() without a gateway: %s", async (family) => {
      const entry = scopedFor(family, { gateway: null });
      await host.control.addScoped(entry, signal);
      expect(await scoped()).toEqual([{ entry: placed(entry), complete: true }]);
    });

    test.each(families)("addScoped() follows its gateway in the same slot: %s", async (family) => {
      await host.control.addScoped(scopedFor(family), signal);
      const mtu = (bytes: number) => (kind === "tables" ? { mtu: bytes } : {});
      const moved = scopedFor(family, { gateway: address(family, 9), ...mtu(1300) });
      expect(await host.control.addScoped(moved, signal)).toBe("added");
      expect(await scoped()).toEqual([{ entry: placed(moved), complete: true }]);
      const again = scopedFor(family, { gateway: address(family, 8), ...mtu(1280) });
      for (const next of [again, scopedFor(family)])
        expect(await host.control.addScoped(next, signal)).toBe("added");
      expect(await scoped()).toEqual([{ entry: placed(scopedFor(family)), complete: true }]);
    });

    tables.each(families)(
      "addScoped() follows its gateway in the throw form: %s",
      async (family) => {
        await host.control.addScoped(throwFor(family), signal);
        const moved = { ...throwFor(family), gateway: address(family, 9) };
        expect(await host.control.addScoped(moved, signal)).toBe("added");
        const found = await scoped();
        expect(found.map(({ entry, complete }) => [entry.gateway, complete])).toEqual([
          [address(family, 9), true],
        ]);
        expect(await host.control.addScoped(moved, signal)).toBe("already-there");
      },
    );

    tables.each(families)(
      "addScoped() goes from one form to the other and back: %s",
      async (family) => {
        await host.control.addScoped(scopedFor(family), signal);
        expect(await host.control.addScoped(throwFor(family), signal)).toBe("added");
        expect((await scoped()).map(({ entry, complete }) => [entry.form, complete])).toEqual([
          ["throw", true],
        ]);
        expect(await host.control.addScoped(scopedFor(family), signal)).toBe("added");
        expect(await scoped()).toEqual([{ entry: placed(scopedFor(family)), complete: true }]);
      },
    );

    test.each(families)(
      "removeScoped() leaves the routing exactly as before: %s",
      async (family) => {
        await host.addDefault(foreign(family, 100));
        const before = await host.routing();
        const more = [
          scopedFor(family, { replyAddresses: [address(family, 2)] }),
          throwFor(family),
        ];
        for (const entry of kind === "tables" ? more : [scopedFor(family)]) {
          await host.control.addScoped(entry, signal);
          expect(await host.routing()).not.toBe(before);
          await host.control.removeScoped(entry, signal);
          expect(await host.routing()).toBe(before);
        }
        await host.control.removeScoped(scopedFor(family), signal);
        expect(await host.routing()).toBe(before);
      },
    );

    tables("the families and the slots do not touch each other", async () => {
      const entries = families.flatMap((family) => [
        scopedFor(family, { slot: 0 }),
        scopedFor(family, { slot: 1 }),
      ]);
      for (const entry of entries) await host.control.addScoped(entry, signal);
      expect((await scoped()).map(({ entry }) => entry)).toEqual(entries);
      const [gone, ...left] = entries;
      if (gone === undefined) throw new Error("no entry");
      await host.control.removeScoped(gone, signal);
      expect(await scoped()).toEqual(left.map((entry) => ({ entry, complete: true })));
    });

    test("addScoped() for an interface that is not there is refused, and leaves nothing", async () => {
      const before = await host.routing();
      const entry = scopedFor("ipv4", { interfaceIndex: 9_999 });
      await expect(host.control.addScoped(entry, signal)).rejects.toMatchObject({
        name: "PlatformError",
        code: "no-such-interface",
      });
      expect(await host.routing()).toBe(before);
    });

    test.each(families)("scoped defaults are not among the unscoped ones: %s", async (family) => {
      await host.addDefault(foreign(family, 100));
      await host.control.addScoped(scopedFor(family), signal);
      expect((await defaults(family)).map(({ route }) => [route.gateway, route.metric])).toEqual([
        [address(family, 1), kind === "tables" ? 100 : 0],
      ]);
    });

    test.each(families)(
      "removeDefault() and addDefault() give back what was: %s",
      async (family) => {
        await host.addDefault(foreign(family, 100));
        if (kind === "tables") await host.addDefault(foreign(family, 200));
        const left = kind === "tables" ? [200] : [];
        const metrics = async (): Promise<readonly number[]> =>
          (await defaults(family)).map(({ route }) => route.metric);
        const before = await host.routing();
        const [record] = await defaults(family);
        if (record === undefined) throw new Error("no default");
        expect(await host.control.removeDefault(record, signal)).toBe("removed");
        expect(await metrics()).toEqual(left);
        expect(await host.control.removeDefault(record, signal)).toBe("already-gone");
        expect(await metrics()).toEqual(left);
        expect(await host.control.addDefault(record, "exclusive", signal)).toBe("added");
        expect(await host.routing()).toBe(before);
        expect(await host.control.addDefault(record, "exclusive", signal)).toBe("already-there");
        expect(await host.routing()).toBe(before);
      },
    );

    test.each(families)(
      "addDefault() exclusive beside another of its key is a conflict: %s",
      async (family) => {
        await host.addDefault(foreign(family, 100));
        const record = await only(family);
        await host.removeDefault(foreign(family, 100));
        await host.addDefault(foreign(family, 100, 9));
        const before = await host.routing();
        expect(await host.control.addDefault(record, "exclusive", signal)).toBe("conflict");
        expect(await host.routing()).toBe(before);
      },
    );

    tables("addDefault() stands before or behind those of its key (IPv4)", async () => {
      await host.addDefault(foreign("ipv4", 100));
      const first = await only("ipv4");
      await host.removeDefault(foreign("ipv4", 100));
      await host.addDefault(foreign("ipv4", 100, 9));
      expect(await host.control.addDefault(first, "append", signal)).toBe("added");
      const gateways = async (): Promise<unknown> =>
        (await defaults("ipv4")).map(({ route }) => [route.gateway, route.position]);
      expect(await gateways()).toEqual([
        ["10.77.0.9", 0],
        ["10.77.0.1", 1],
      ]);
      expect(await host.control.removeDefault(first, signal)).toBe("removed");
      expect(await host.control.addDefault(first, "prepend", signal)).toBe("added");
      expect(await gateways()).toEqual([
        ["10.77.0.1", 0],
        ["10.77.0.9", 1],
      ]);
    });

    test("an aborted signal changes nothing", async () => {
      const before = await host.routing();
      const aborted = AbortSignal.abort(new Error("enough"));
      await expect(host.control.read(aborted)).rejects.toThrow("enough");
      await expect(host.control.addScoped(scopedFor("ipv4"), aborted)).rejects.toThrow("enough");
      expect(await host.routing()).toBe(before);
    });
  });
}
