import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Binding, BindingEvent, BindingOptions } from "../../src/library/binding.ts";
import { connectBound } from "../../src/library/connect.ts";
import { createBoundSocket } from "../../src/library/create-socket.ts";
import { openLiveBinding } from "../../src/library/open-binding.ts";
import { StaleBindingError } from "../../src/library/stale-binding-error.ts";
import { until } from "../namespace/namespace.ts";
import { type BoundHost, openBoundHost, testSurroundings } from "./bound-host.ts";

const warnings: string[] = [];
const surroundings = testSurroundings({ warn: (message) => void warnings.push(message) });

describe.skipIf(process.platform !== "linux")("when up0 goes", () => {
  let here: BoundHost;
  beforeAll(async () => {
    here = await openBoundHost();
  });
  afterAll(() => here[Symbol.asyncDispose]());
  beforeEach(() => {
    here.configureUp0();
    warnings.length = 0;
  });

  const openBinding = (options: Partial<BindingOptions> = {}) => {
    const events: BindingEvent[] = [];
    const kinds = (): readonly string[] => events.map(({ kind }) => kind);
    return openLiveBinding(
      { interface: "up0", onEvent: (event) => void events.push(event), ...options },
      surroundings,
    ).then((binding) => ({ binding, events, kinds }));
  };
  const connect = (
    binding: Binding | BindingOptions,
    family: "ipv4" | "ipv6" = "ipv4",
  ): Promise<Socket> =>
    connectBound({ host: here.server[family], port: here.server.port, binding }, surroundings);
  const ask = async (socket: Socket): Promise<string> => {
    socket.write("who am I?\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    return String(answer).trim();
  };
  const errorOf = async (socket: Socket): Promise<unknown> => {
    const [error] = (await once(socket, "error")) as [unknown];
    return error;
  };

  test.each(["ipv4", "ipv6"] as const)(
    "fail: TCP ends and nothing leaves by up1 (%s)",
    async (family) => {
      const { binding } = await openBinding();
      await using _binding = binding;
      const socket = await connect(binding, family);
      await ask(socket);
      const before = here.leaked();
      const ended = errorOf(socket);
      here.host.ip("link set up0 down");
      socket.write("still there?\n");
      expect(await ended).toMatchObject({
        name: "StaleBindingError",
        code: "stale-binding",
        because: "down",
        interface: "up0",
      });
      await expect(connect(binding, family)).rejects.toThrow(StaleBindingError);
      await expect(connect({ interface: "up0" }, family)).rejects.toMatchObject({
        message: expect.stringMatching(/^cannot connect to \S+: up0 is down$/),
      });
      expect(here.leaked()).toBe(before);
      // The witness sees what does leave by up1.
      const unbound = createConnection(here.server.port, here.server[family]);
      await once(unbound, "connect");
      unbound.destroy();
      expect(here.leaked()).toBeGreaterThan(before);
    },
  );

  test.each(["udp4", "udp6"] as const)(
    "fail: UDP ends and nothing leaves by up1 (%s)",
    async (type) => {
      const { binding } = await openBinding();
      await using _binding = binding;
      const socket = await createBoundSocket({ type, binding }, surroundings);
      const host = type === "udp4" ? here.server.ipv4 : here.server.ipv6;
      const before = here.leaked();
      const ended = once(socket, "error");
      here.host.ip("link set up0 down");
      const sent = new Promise<unknown>((resolve) => {
        socket.send("still there?", here.server.port, host, resolve);
      });
      expect(await sent).toMatchObject({
        name: "StaleBindingError",
        cause: { code: "ENETUNREACH" },
      });
      expect(await ended).toMatchObject([{ name: "StaleBindingError", because: "down" }]);
      expect(() => socket.address()).toThrow();
      expect(here.leaked()).toBe(before);
    },
  );

  test.each(["ipv4", "ipv6"] as const)(
    "an error keeps its own name while up0 stands (%s)",
    async (family) => {
      const { binding } = await openBinding();
      await using _binding = binding;
      const options = { host: here.server[family], port: 1, binding };
      await expect(connectBound(options, surroundings)).rejects.toMatchObject({
        code: "ECONNREFUSED",
      });
      const foreign = family === "ipv4" ? "203.0.113.9" : "2001:db8:9::9";
      await expect(
        connectBound({ ...options, localAddress: foreign }, surroundings),
      ).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
      const type = family === "ipv4" ? "udp4" : "udp6";
      await expect(
        createBoundSocket({ type, binding, address: foreign }, surroundings),
      ).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
    },
  );

  test("an error keeps its own name where up0 stands and there is no way (ipv6)", async () => {
    const { binding } = await openBinding();
    await using _binding = binding;
    here.host.ip("-6 route del default dev up0");
    const { port } = here.server;
    await expect(
      connectBound({ host: here.server.ipv6, port, binding }, surroundings),
    ).rejects.toMatchObject({ code: "ENETUNREACH" });
    const socket = await createBoundSocket({ type: "udp6", binding }, surroundings);
    const sent = new Promise((resolve) => socket.send("x", port, here.server.ipv6, resolve));
    expect(await sent).toMatchObject({ code: "ENETUNREACH" });
    const told = once(socket, "error");
    socket.send("x", port, here.server.ipv6);
    expect(await told).toMatchObject([{ code: "ENETUNREACH" }]);
    socket.close();
  });

  test("wait: TCP survives a flap of two seconds", async () => {
    const { binding, kinds } = await openBinding({ onStale: "wait", waitMs: 20_000 });
    await using _binding = binding;
    const socket = await connect(binding);
    const udp = await createBoundSocket({ type: "udp4", binding }, surroundings);
    const before = here.leaked();
    here.host.ip("link set up0 down");
    await until("the news", () => binding.standing === "down");
    const later = connect(binding);
    // The flap itself is what is tested.
    await delay(2_000);
    here.configureUp0();
    expect(await ask(socket)).toBe("10.0.0.2");
    expect(await ask(await later)).toBe("10.0.0.2");
    udp.send("who am I?", here.server.port, here.server.ipv4);
    expect(String((await once(udp, "message"))[0])).toContain("10.0.0.2");
    expect(kinds()).toEqual(["binding-stale", "binding-usable"]);
    expect(here.leaked()).toBe(before);
    for (const one of [socket, await later]) one.destroy();
    udp.close();
  });

  test("wait: TCP ends when the time is over, and so does what waits to connect", async () => {
    const { binding } = await openBinding({ onStale: "wait", waitMs: 300 });
    await using _binding = binding;
    const socket = await connect(binding);
    const ended = errorOf(socket);
    here.host.ip("link set up0 down");
    await expect(connect(binding)).rejects.toMatchObject({ because: "down" });
    expect(await ended).toMatchObject({ because: "down" });
  });

  test("no carrier is as good as down", async () => {
    const { binding } = await openBinding();
    await using _binding = binding;
    const ended = errorOf(await connect(binding));
    here.router.ip("link set peer0 down");
    expect(await ended).toMatchObject({ because: "no-carrier" });
    here.router.ip("link set peer0 up");
  });

  test("rebind: sockets follow to another up0", async () => {
    const { binding, events } = await openBinding({ onStale: "rebind", waitMs: 20_000 });
    await using _binding = binding;
    const index = binding.index;
    const tcp = await connect(binding);
    const ended = errorOf(tcp);
    const udp = await createBoundSocket({ type: "udp4", binding }, surroundings);
    const { port } = udp.address();
    const before = here.leaked();
    here.host.ip("link del up0");
    here.createUp0();
    const later = connect(binding);
    here.configureUp0();
    expect(await ended).toMatchObject({ name: "StaleBindingError" });
    expect(await ask(await later)).toBe("10.0.0.2");
    (await later).destroy();
    expect(binding.index).not.toBe(index);
    expect(events.find(({ kind }) => kind === "binding-moved")).toMatchObject({
      from: { index, generation: 1 },
      index: binding.index,
      generation: 2,
    });
    udp.send("who am I?", here.server.port, here.server.ipv4);
    expect(String((await once(udp, "message"))[0])).toBe(`10.0.0.2 ${port}`);
    expect(here.leaked()).toBe(before);
    udp.close();
  });

  test("a UDP socket that is disconnected when up0 has just gone is closed, and nothing leaves", async () => {
    const { binding } = await openBinding({ onStale: "rebind" });
    await using _binding = binding;
    const socket = await createBoundSocket({ type: "udp4", binding }, surroundings);
    socket.connect(here.server.port, "10.0.0.1");
    await once(socket, "connect");
    const before = here.leaked();
    // Before anybody has heard of it.
    here.host.ip("link del up0");
    expect(() => socket.disconnect()).toThrow(expect.objectContaining({ code: "ENODEV" }));
    expect(() => socket.send("who am I?", here.server.port, here.server.ipv4)).toThrow(
      expect.objectContaining({ code: "ERR_SOCKET_DGRAM_NOT_RUNNING" }),
    );
    expect(here.leaked()).toBe(before);
    here.createUp0();
  });

  test("a new up0 under the old index is another one", async () => {
    const { binding } = await openBinding();
    await using _binding = binding;
    const { index } = binding;
    const ended = errorOf(await connect(binding));
    here.host.ip("link del up0");
    await until("the news", () => binding.standing === "gone");
    here.createUp0(index ?? 0);
    here.configureUp0();
    expect(await ended).toMatchObject({ name: "StaleBindingError" });
    expect(here.host.ipJson("link show dev up0")).toMatchObject([{ ifindex: index }]);
    await until("the last word", () => binding.standing === "moved");
    await expect(connect(binding)).rejects.toMatchObject({ because: "moved" });
    // What is asked for by its name alone means the one that stands now.
    const socket = await connect({ interface: "up0" });
    expect(await ask(socket)).toBe("10.0.0.2");
    socket.destroy();
    await expect(connect({ interface: "up0", index: 9_999 })).rejects.toMatchObject({
      because: "moved",
    });
  });

  test("fallback: what can do without leaves by up1, and an event says so each time", async () => {
    const { binding, events } = await openBinding({ onStale: "fallback" });
    await using _binding = binding;
    const tcp = await connect(binding);
    const ended = errorOf(tcp);
    const udp = await createBoundSocket({ type: "udp4", binding }, surroundings);
    const { port } = udp.address();
    const askUdp = async (): Promise<string> => {
      udp.send("who am I?", here.server.port, here.server.ipv4);
      return String((await once(udp, "message"))[0]);
    };
    here.host.ip("link set up0 down");
    expect(await ended).toMatchObject({ because: "down" });
    expect(await askUdp()).toBe(`10.1.0.2 ${port}`);
    const socket = await connect(binding);
    expect(await ask(socket)).toBe("10.1.0.2");
    expect(events.filter(({ kind }) => kind === "binding-fallback")).toMatchObject([
      { what: `use the socket on port ${port}`, count: 1 },
      { what: `connect to ${here.server.ipv4}:${here.server.port}`, count: 2 },
    ]);
    expect(binding.fallbacks).toBe(2);
    expect(warnings).toEqual([]);
    here.configureUp0();
    await until("the return", () => binding.standing === "usable");
    expect(await askUdp()).toBe(`10.0.0.2 ${port}`);
    socket.destroy();
    udp.close();
  });

  test("fallback: without a listener the process is warned", async () => {
    here.host.ip("link set up0 down");
    const socket = await connect({ interface: "up0", onStale: "fallback" });
    expect(await ask(socket)).toBe("10.1.0.2");
    expect(warnings).toEqual([expect.stringContaining("up0 cannot be used")]);
    socket.destroy();
  });
});
