import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Monitor, startMonitor } from "../../../src/monitor/monitor.ts";
import type { RoutingSocketPort } from "../../../src/platform/darwin/routing-socket-port.ts";
import { noJitter, told } from "../../monitor/watch.ts";
import { type DarwinHost, openDarwinHost, type RouteWords } from "./darwin-host.ts";
import { newRoutingSocketDouble } from "./routing-socket-double.ts";

const viaEn0: RouteWords = { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" };
const { signal } = new AbortController();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = async (ms: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms));

/** A monitor over the platform with all that it published, in words. */
async function watch(host: DarwinHost): Promise<{ monitor: Monitor; events: string[] }> {
  const monitor = await startMonitor(host.platform, { random: noJitter }, signal);
  const events: string[] = [];
  monitor.onEvents((batch) => void events.push(...told(batch)));
  return { monitor, events };
}

/** Effective gateway of each family, and which interfaces are up. */
function knowledge({ state }: Monitor): unknown {
  return {
    ipv4: state.defaults.ipv4.effective?.route.gateway ?? null,
    ipv6: state.defaults.ipv6.effective?.route.gateway ?? null,
    up: [...state.interfaces.values()].filter(({ up }) => up).map(({ name }) => name),
  };
}

describe("a monitor over a Mac's routing socket", () => {
  test("follows the host by messages alone, silent losses of routes included, without drift", async () => {
    await using host = openDarwinHost();
    const { monitor, events } = await watch(host);
    await using _closing = monitor;
    host.route("ADD", viaEn0);
    await pass(10);
    expect(knowledge(monitor)).toMatchObject({ ipv4: "192.0.2.1" });
    host.double.run("ifdown en0");
    await pass(3_000);
    // The kernel removed the default without an RTM_DELETE.
    expect(knowledge(monitor)).toMatchObject({ ipv4: null, up: ["lo0", "en1", "utun0"] });
    expect(events).toContain("default-changed ipv4");
    expect(monitor.counters().drift).toBe(0);
  });

  test("while messages are lost without a sign: reconcile brings the state back, and drift says so", async () => {
    await using host = openDarwinHost();
    host.route("ADD", viaEn0);
    const { monitor, events } = await watch(host);
    await using _closing = monitor;
    host.double.deafen();
    host.double.run("ifdown en0");
    host.route("ADD", { prefix: "::/0", interface: "en1", gateway: "fe80::1" });
    await pass(5_000);
    expect(knowledge(monitor)).toMatchObject({ ipv4: "192.0.2.1", ipv6: null });
    await pass(12_000);
    expect(knowledge(monitor)).toMatchObject({ ipv4: null, ipv6: "fe80::1" });
    expect(events[0]).toBe("drift");
    expect(monitor.counters().drift).toBeGreaterThan(0);
  });

  test("when they are heard again: what is new comes by message, and nothing more drifts", async () => {
    await using host = openDarwinHost();
    const { monitor, events } = await watch(host);
    await using _closing = monitor;
    host.double.deafen();
    host.route("ADD", viaEn0);
    await pass(16_000);
    host.double.undeafen();
    const { drift } = monitor.counters();
    events.length = 0;
    host.route("DELETE", viaEn0);
    await pass(10);
    expect(events).toEqual(["default-changed ipv4"]);
    await pass(60_000);
    expect(monitor.counters().drift).toBe(drift);
  });

  test("a socket that goes mute for ever is found by the probe, rebuilt and read after", async () => {
    await using host = openDarwinHost();
    const { monitor } = await watch(host);
    await using _closing = monitor;
    expect(monitor.counters().reopened).toBe(0);
    host.double.deafen();
    await pass(70_000);
    expect(monitor.counters().reopened).toBe(1);
    expect(monitor.health().sourceAlive).toBe(true);
    const { drift } = monitor.counters();
    host.route("ADD", viaEn0);
    await pass(10);
    expect(knowledge(monitor)).toMatchObject({ ipv4: "192.0.2.1" });
    await pass(60_000);
    expect(monitor.counters()).toMatchObject({ drift, reopened: 1 });
  });

  test("sockets that are all mute: health says so, and reconciles find everything", async () => {
    const double = newRoutingSocketDouble();
    const open: RoutingSocketPort["open"] = (options) => {
      const socket = double.routing.open(options);
      double.deafen();
      return socket;
    };
    await using host = openDarwinHost(double.kernel, {
      routing: { pid: double.routing.pid, open },
    });
    const { monitor } = await watch(host);
    await using _closing = monitor;
    await pass(80_000);
    expect(monitor.health().sourceAlive).toBe(false);
    host.route("ADD", viaEn0);
    await pass(10_000);
    expect(knowledge(monitor)).toMatchObject({ ipv4: "192.0.2.1" });
    expect(monitor.counters().drift).toBeGreaterThan(0);
  });

  test("a storm of forged messages costs no state and no more reads than a storm of true ones", async () => {
    await using host = openDarwinHost();
    host.route("ADD", viaEn0);
    const { monitor, events } = await watch(host);
    await using _closing = monitor;
    const attacker = host.double
      .asProcess(700, false)
      .open({ receiveBufferBytes: null, useLoopback: false, onReadable: () => undefined });
    // RTM_DELADDR of a whole header whose length is what it says: nothing tells it from the kernel's own.
    const forged = Uint8Array.of(20, 0, 5, 13, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0);
    const { rereads } = monitor.counters();
    for (let count = 0; count < 1_000; count += 1) {
      attacker.send(forged);
      await pass(10);
    }
    expect(events).toEqual([]);
    expect(knowledge(monitor)).toMatchObject({ ipv4: "192.0.2.1" });
    // 10 s of ringing: one read at once, then one each 2 s at most.
    expect(monitor.counters().rereads - rereads).toBeLessThan(10);
  });
});

describe("whatever happens to the host", () => {
  const names = ["en0", "en1", "utun0"] as const;
  const gateways = {
    en0: ["192.0.2.1", "192.0.2.254", "2001:db8::1", "fe80::1"],
    en1: ["198.51.100.1", "2001:db8:1::1", "fe80::9"],
    utun0: [null],
  } as const;
  const aRoute = fc.constantFrom(...names).chain((name) =>
    fc.record({
      prefix: fc.constantFrom(0, 0, 0, 1, 7, 8),
      half: fc.boolean(),
      interface: fc.constant(name),
      gateway: fc.constantFrom<string | null>(...gateways[name]),
      inet6: fc.boolean(),
      scoped: fc.boolean(),
    }),
  );
  const commands = names.flatMap((name) => [`ifdown ${name}`, `ifup ${name}`, `mtu ${name} 1400`]);
  const addresses = [
    "addr en0 192.0.2.10/24",
    "deladdr en0 192.0.2.10",
    "addr en1 2001:db8:1::10/64",
    "deladdr en1 2001:db8:1::10",
    "attach en5 ethernet 02:aa:bb:cc:dd:05",
    "detach utun0",
  ];
  const step = fc.oneof(
    { weight: 3, arbitrary: aRoute.map((words) => ({ kind: "route" as const, words })) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(...commands, ...addresses)
        .map((command) => ({ kind: "command" as const, command })),
    },
  );
  const action = fc.constantFrom<"ADD" | "CHANGE" | "DELETE">(
    "ADD",
    "ADD",
    "ADD",
    "CHANGE",
    "DELETE",
  );

  test("the state is the kernel's after the debounce, by messages alone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, action, fc.constantFrom(0, 1, 60, 900)), { maxLength: 25 }),
        async (steps) => {
          await using host = openDarwinHost();
          const { monitor, events } = await watch(host);
          await using _closing = monitor;
          for (const [what, verb, pauseMs] of steps) {
            try {
              if (what.kind === "command") {
                host.double.run(what.command);
                // No routing message tells of these, or not while the interface is down; configd does.
                if (/^(attach|detach|deladdr)/.test(what.command)) host.ringDoorbell();
              } else {
                const { inet6, half, prefix, ...words } = what.words;
                const v6 = words.gateway === null ? inet6 : words.gateway.includes(":");
                const first =
                  half && prefix === 1 ? (v6 ? "8000::" : "128.0.0.0") : v6 ? "::" : "0.0.0.0";
                host.route(verb, { ...words, prefix: `${first}/${prefix}` });
              }
            } catch {
              // Refused by the kernel, or the interface is gone: the story goes on without.
            }
            await pass(pauseMs);
          }
          await pass(5_000);
          expect(monitor.counters().drift).toBe(0);
          events.length = 0;
          await monitor.refresh("request");
          expect(events).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});
