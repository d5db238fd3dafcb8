import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DefaultRoute } from "../../../src/network/route.ts";
import type { FamilyDefaults } from "../../../src/network/state.ts";
import type { SysctlPort } from "../../../src/platform/darwin/routing-socket-port.ts";
import { NET_RT, RTF } from "../../../src/wire/pfroute/constants.ts";
import { type DarwinHost, openDarwinHost, type RouteWords } from "./darwin-host.ts";
import { newConfiguredHost } from "./host-command.ts";
import { newRoutingSocketDouble } from "./routing-socket-double.ts";

const viaEn0: RouteWords = { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" };
const viaEn1: RouteWords = { prefix: "0.0.0.0/0", interface: "en1", gateway: "198.51.100.1" };
const twin: RouteWords = { ...viaEn0, scoped: true };

/** `0.0.0.0/0 192.0.2.1 en0`, by the number of the interface. */
function text(route: DefaultRoute | null): string {
  return route === null
    ? "none"
    : `${route.prefix} ${route.gateway ?? "-"} ${route.interfaceIndex ?? "-"}`;
}

function textOf({ routes, answers }: FamilyDefaults): unknown {
  return { routes: routes.map(text), answers: answers.map(text) };
}

/** A sysctl port that notes which tables are read, and may have another answer for one of them. */
function watchedSysctl(
  sysctl: SysctlPort,
  instead: (operation: number) => Uint8Array | null = () => null,
): { readonly port: SysctlPort; readonly operations: number[] } {
  const operations: number[] = [];
  const read = (name: readonly number[]): Uint8Array => {
    const operation = name[4] ?? 0;
    operations.push(operation);
    return instead(operation) ?? sysctl.read(name);
  };
  return { port: { read }, operations };
}

describe("the defaults of a Mac", () => {
  test("an unscoped default is the route and both answers", async () => {
    await using host = openDarwinHost();
    host.route("ADD", viaEn0);
    const { routes, answers } = await host.defaults("ipv4");
    expect(routes).toEqual([
      {
        family: "ipv4",
        prefix: "0.0.0.0/0",
        type: "unicast",
        gateway: "192.0.2.1",
        interfaceIndex: 2,
        metric: 0,
        tos: 0,
        table: 254,
        position: 0,
        protocol: "static",
        source: null,
        onlink: false,
        mtu: null,
        pref: null,
        expiresAt: null,
        linkdown: false,
        nexthopId: null,
        nexthops: [],
      },
    ]);
    expect(answers[0]).toBe(routes[0]);
    expect(answers[1]).toBe(routes[0]);
  });

  test("scoped defaults alone are no default of the host", async () => {
    await using host = openDarwinHost();
    host.route("ADD", twin);
    host.route("ADD", { ...viaEn1, scoped: true });
    expect(await host.defaults("ipv4")).toEqual({ routes: [], answers: [null, null] });
  });

  test("scoped defaults beside the unscoped one are no candidates, and the answer is the unscoped one", async () => {
    await using host = openDarwinHost();
    for (const words of [viaEn0, twin, { ...viaEn1, scoped: true }]) host.route("ADD", words);
    const { routes, answers } = await host.defaults("ipv4");
    expect(routes.map(text)).toEqual(["0.0.0.0/0 192.0.2.1 2"]);
    // The kernel answers with the scoped entry of en0, which leads the same way.
    expect(answers).toEqual([routes[0], routes[0]]);
  });

  test("a scoped default of the primary interface that leads elsewhere is what carries packets", async () => {
    await using host = openDarwinHost();
    host.route("ADD", viaEn0);
    host.route("ADD", { ...twin, gateway: "192.0.2.254" });
    expect(textOf(await host.defaults("ipv4"))).toEqual({
      routes: ["0.0.0.0/0 192.0.2.1 2"],
      answers: ["0.0.0.0/0 192.0.2.254 2", "0.0.0.0/0 192.0.2.254 2"],
    });
  });

  test("both halves of a split stand beside the default, though the kernel marks but one of them", async () => {
    await using host = openDarwinHost();
    host.route("ADD", viaEn0);
    for (const prefix of ["0.0.0.0/1", "128.0.0.0/1"])
      host.route("ADD", { prefix, interface: "utun0", gateway: null });
    expect(textOf(await host.defaults("ipv4"))).toEqual({
      routes: ["0.0.0.0/1 - 4", "0.0.0.0/0 192.0.2.1 2", "128.0.0.0/1 - 4"],
      answers: ["0.0.0.0/1 - 4", "128.0.0.0/1 - 4"],
    });
  });

  test("the second half alone is found by the answer that it gives", async () => {
    await using host = openDarwinHost();
    host.route("ADD", { prefix: "128.0.0.0/1", interface: "utun0", gateway: null });
    expect(textOf(await host.defaults("ipv4"))).toEqual({
      routes: ["128.0.0.0/1 - 4"],
      answers: ["none", "128.0.0.0/1 - 4"],
    });
  });

  test("an IPv6 split shows both halves, though no outside address is in the second", async () => {
    await using host = openDarwinHost();
    for (const prefix of ["::/1", "8000::/1"])
      host.route("ADD", { prefix, interface: "utun0", gateway: null });
    expect(textOf(await host.defaults("ipv6"))).toEqual({
      routes: ["::/1 - 4", "8000::/1 - 4"],
      answers: ["::/1 - 4", "::/1 - 4"],
    });
  });

  test("the second half of IPv6 alone is found, though no outside address is in it", async () => {
    await using host = openDarwinHost();
    host.route("ADD", { prefix: "8000::/1", interface: "utun0", gateway: null });
    expect(textOf(await host.defaults("ipv6"))).toEqual({
      routes: ["8000::/1 - 4"],
      answers: ["none", "none"],
    });
  });

  test("routes of length 7 count, of length 8 and to groups do not", async () => {
    await using host = openDarwinHost();
    for (const prefix of ["0.0.0.0/7", "64.0.0.0/2", "128.0.0.0/8", "224.0.0.0/4"])
      host.route("ADD", { ...viaEn0, prefix });
    expect(textOf(await host.defaults("ipv4"))).toEqual({
      routes: ["0.0.0.0/7 192.0.2.1 2", "64.0.0.0/2 192.0.2.1 2"],
      answers: ["0.0.0.0/7 192.0.2.1 2", "128.0.0.0/8 192.0.2.1 2"],
    });
  });

  test("the embedded scope of a link-local gateway is no part of its text", async () => {
    await using host = openDarwinHost();
    host.route("ADD", { prefix: "::/0", interface: "en1", gateway: "fe80::1" });
    expect(textOf(await host.defaults("ipv6"))).toEqual({
      routes: ["::/0 fe80::1 3"],
      answers: ["::/0 fe80::1 3", "::/0 fe80::1 3"],
    });
  });

  test.each([
    [["STATIC"], "static"],
    [[], "ra"],
    [["STATIC", "PROTO1"], "proto1"],
    [["STATIC", "PROTO2"], "proto2"],
  ] as const)("flags %j say that it is of %s", async (flags, protocol) => {
    await using host = openDarwinHost();
    host.route("ADD", { prefix: "::/0", interface: "en0", gateway: "2001:db8::1", flags });
    expect((await host.defaults("ipv6")).routes[0]?.protocol).toBe(protocol);
  });

  test.each([
    ["REJECT", "unreachable"],
    ["BLACKHOLE", "blackhole"],
  ] as const)("RTF_%s makes it %s", async (flag, type) => {
    await using host = openDarwinHost();
    host.route("ADD", { ...viaEn0, flags: ["STATIC", flag] });
    const { routes, answers } = await host.defaults("ipv4");
    expect(routes[0]).toMatchObject({ type, interfaceIndex: null });
    expect(answers).toEqual([routes[0], routes[0]]);
  });
});

describe("readDefaults() reads no more than it needs:", () => {
  const readOf = async (
    routes: readonly RouteWords[],
    instead?: (operation: number) => Uint8Array | null,
  ): Promise<{ readonly operations: readonly number[]; readonly defaults: unknown }> => {
    const kernel = newConfiguredHost();
    const { port, operations } = watchedSysctl(newRoutingSocketDouble(kernel).sysctl, instead);
    await using host = openDarwinHost(kernel, { sysctl: port });
    for (const words of routes) host.route("ADD", words);
    const defaults = textOf(await host.defaults("ipv4"));
    return { operations, defaults };
  };

  test("while nothing but plain defaults stands, the marked entries", async () => {
    for (const routes of [[], [viaEn0], [viaEn0, twin]])
      expect((await readOf(routes)).operations).toEqual([NET_RT.FLAGS]);
  });

  test("once there is a part of a split, the whole table", async () => {
    const half = { prefix: "0.0.0.0/1", interface: "utun0", gateway: null };
    expect((await readOf([half])).operations).toEqual([NET_RT.FLAGS, NET_RT.DUMP2]);
  });

  test("the whole table where the kernel marks nothing", async () => {
    const unmarked = (operation: number): Uint8Array | null =>
      operation === NET_RT.FLAGS ? new Uint8Array() : null;
    expect(await readOf([viaEn0], unmarked)).toEqual({
      operations: [NET_RT.FLAGS, NET_RT.DUMP2],
      defaults: {
        routes: ["0.0.0.0/0 192.0.2.1 2"],
        answers: ["0.0.0.0/0 192.0.2.1 2", "0.0.0.0/0 192.0.2.1 2"],
      },
    });
  });

  test("three times at most when the table never shows what the kernel answers", async () => {
    const empty = (): Uint8Array => new Uint8Array();
    const { operations, defaults } = await readOf([viaEn0], empty);
    expect(operations).toEqual([NET_RT.FLAGS, NET_RT.DUMP2, NET_RT.DUMP2, NET_RT.DUMP2]);
    expect(defaults).toEqual({
      routes: ["0.0.0.0/0 192.0.2.1 2"],
      answers: ["0.0.0.0/0 192.0.2.1 2", "0.0.0.0/0 192.0.2.1 2"],
    });
  });
});

describe("readDefaults() when no answer of the kernel is ever heard", () => {
  let host: DarwinHost;

  beforeEach(() => {
    vi.useFakeTimers();
    const double = newRoutingSocketDouble();
    const open: typeof double.routing.open = (options) => ({
      ...double.routing.open({ ...options, useLoopback: false }),
    });
    host = openDarwinHost(double.kernel, { routing: { pid: double.routing.pid, open } });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await host[Symbol.asyncDispose]();
  });

  test("takes the answers from the table, within 600 ms", async () => {
    host.route("ADD", viaEn0);
    host.route("ADD", { ...twin, gateway: "192.0.2.254" });
    host.route("ADD", { prefix: "128.0.0.0/1", interface: "utun0", gateway: null });
    const reading = host.defaults("ipv4");
    await vi.advanceTimersByTimeAsync(600);
    expect(textOf(await reading)).toEqual({
      routes: ["0.0.0.0/0 192.0.2.1 2", "128.0.0.0/1 - 4"],
      answers: ["0.0.0.0/0 192.0.2.254 2", "128.0.0.0/1 - 4"],
    });
  });

  test("rejects with the signal's reason when it aborts meanwhile", async () => {
    host.route("ADD", viaEn0);
    const aborter = new AbortController();
    const reading = host.platform.read({ kind: "all" }, aborter.signal);
    const reason = new Error("enough");
    const rejection = expect(reading).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(50);
    aborter.abort(reason);
    await rejection;
  });
});

test("the kernel marks what the platform takes it to mark", async () => {
  await using host = openDarwinHost();
  for (const words of [viaEn0, twin]) host.route("ADD", words);
  for (const prefix of ["0.0.0.0/1", "128.0.0.0/1"])
    host.route("ADD", { prefix, interface: "utun0", gateway: null });
  const marked = host.double.kernel.tables[2].entries.filter(
    ({ flags }) => (flags & RTF.GLOBAL) !== 0,
  );
  expect(marked.length).toBe(3);
});
