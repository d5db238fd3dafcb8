import type { SocketType } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBound } from "../../src/library/connect.ts";
import { createBoundSocket } from "../../src/library/create-socket.ts";
import { listenBound } from "../../src/library/listen.ts";
import { openLiveBinding } from "../../src/library/open-binding.ts";
import { runCommand } from "../e2e/daemon-process.ts";
import { type BoundHost, openBoundHost, testSurroundings } from "./bound-host.ts";

const surroundings = testSurroundings();
const binding = { interface: "up0" };

async function ask(socket: Socket): Promise<string> {
  socket.write("who am I?\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  return String(answer).trim();
}

describe.skipIf(process.platform !== "linux")("sockets bound to up0", () => {
  let here: BoundHost;
  beforeAll(async () => {
    here = await openBoundHost();
  });
  afterAll(() => here[Symbol.asyncDispose]());

  test.each(["ipv4", "ipv6"] as const)("connectBound() leaves by up0 (%s)", async (family) => {
    const { server } = here;
    const before = here.leaked();
    const socket = await connectBound(
      { host: server[family], port: server.port, binding },
      surroundings,
    );
    expect(await ask(socket)).toBe(family === "ipv4" ? "10.0.0.2" : "fd00::2");
    socket.destroy();
    expect(here.leaked()).toBe(before);
  });

  test.each(["udp4", "udp6"] as const)("createBoundSocket() sends by up0 (%s)", async (type) => {
    const { server } = here;
    const before = here.leaked();
    const socket = await createBoundSocket({ type, binding }, surroundings);
    const host = type === "udp4" ? server.ipv4 : server.ipv6;
    socket.send("who am I?", server.port, host);
    const [answer] = (await once(socket, "message")) as [Buffer];
    const address = type === "udp4" ? "10.0.0.2" : "fd00::2";
    expect(String(answer)).toBe(`${address} ${socket.address().port}`);
    socket.close();
    expect(here.leaked()).toBe(before);
  });

  test.each(["ipv4", "ipv6"] as const)(
    "listenBound() is reached by up0 alone, and answers by it (%s)",
    async (family) => {
      const server = await listenBound({ port: 0, binding }, surroundings);
      server.on("connection", (socket) => socket.end(`hello ${socket.remoteAddress}`));
      const { port } = server.address() as AddressInfo;
      const before = here.leaked();
      const call = (address: string): Promise<string> =>
        runCommand("nsenter", [
          `--net=${here.router.path}`,
          "--",
          process.execPath,
          "-e",
          `require("net").connect(${port}, "${address}").on("error", (e) => console.log(e.code)).pipe(process.stdout)`,
        ]).then(({ stdout }) => stdout.trim());
      const [near, far] = family === "ipv4" ? ["10.0.0.2", "10.1.0.2"] : ["fd00::2", "fd00:1::2"];
      const peer = family === "ipv4" ? "::ffff:10.0.0.1" : "fd00::1";
      expect(await call(near)).toBe(`hello ${peer}`);
      expect(here.leaked()).toBe(before);
      expect(await call(far)).toBe("ECONNREFUSED");
      server.close();
    },
  );

  test("listenBound() takes the families of the binding alone", async () => {
    const only = { ...binding, families: ["ipv6"] as const };
    const server = await listenBound({ port: 0, binding: only }, surroundings);
    const { port } = server.address() as AddressInfo;
    const ipv4 = createServer().listen({ port, host: "0.0.0.0" });
    await once(ipv4, "listening");
    ipv4.close();
    server.close();
    const plain = { ...binding, families: ["ipv4"] as const };
    const other = await listenBound({ port: 0, binding: plain }, surroundings);
    expect(other.address()).toMatchObject({ address: "0.0.0.0" });
    other.close();
  });

  test("a zone in the address overrides the binding", async () => {
    const { port } = here.server;
    const up1 = { interface: "up1" };
    const ownAddress = async (host: string): Promise<string | undefined> => {
      const socket = await connectBound({ host, port, binding: up1 }, surroundings);
      const { localAddress } = socket;
      socket.destroy();
      return localAddress;
    };
    expect(await ownAddress("fe80::1%up0")).toBe("fe80::10%up0");
    const [{ ifindex }] = here.host.ipJson("link show dev up0") as [{ ifindex: number }];
    expect(await ownAddress(`fe80::1%${ifindex}`)).toBe("fe80::10%up0");
    // Without a zone the binding says which link is meant.
    expect(await ownAddress("fe80::2")).toBe("fe80::11%up1");
    await expect(ownAddress("fe80::1%up9")).rejects.toMatchObject({
      name: "StaleBindingError",
      because: "gone",
      interface: "up9",
    });
    await expect(ownAddress("10.0.0.1%up0")).rejects.toThrow();
    const udp = await createBoundSocket(
      { type: "udp6", address: "fe80::10%up0", binding: up1 },
      surroundings,
    );
    expect(udp.address()).toMatchObject({ address: expect.stringContaining("fe80::10") });
    udp.send("who am I?", port, "fe80::1%up0");
    const [answer] = (await once(udp, "message")) as [Buffer];
    expect(String(answer)).toContain("fe80::10");
    udp.close();
  });

  test("connectBound() takes Node's own options along", async () => {
    const { server } = here;
    const socket = await connectBound(
      {
        ...{ host: server.ipv4, port: server.port, binding },
        ...{ localAddress: "10.0.0.2", localPort: 40_404, allowHalfOpen: true },
        ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: 77_000 },
      },
      surroundings,
    );
    expect(socket).toMatchObject({ localPort: 40_404, allowHalfOpen: true });
    expect(here.host.run("ss", "-tno", "sport", "=", "40404")).toMatch(
      /10\.0\.0\.2%up0:40404 .*timer:\(keepalive,1min/,
    );
    socket.destroy();
  });

  test("a name is tried address by address, of the binding's families", async () => {
    const { server } = here;
    const asked: string[] = [];
    const resolve = async (host: string): Promise<readonly string[]> => {
      asked.push(host);
      // Nobody is at the first, and the second does not answer.
      return ["fd00::99", "10.0.0.1", server.ipv6, server.ipv4];
    };
    const options = { host: "far.example", attemptMs: 200, binding };
    const reach = (port: number): Promise<Socket> =>
      connectBound({ ...options, port }, testSurroundings({ resolve }));
    here.router.ip("route add blackhole 10.0.0.2/32");
    const socket = await reach(server.port);
    expect(socket.remoteAddress).toBe(server.ipv6);
    socket.destroy();
    here.router.ip("route del blackhole 10.0.0.2/32");
    expect(asked).toEqual(["far.example"]);
    await expect(reach(1)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(
      connectBound(
        { host: "127.0.0.1", port: 1, binding: { interface: "lo", families: ["ipv6"] } },
        surroundings,
      ),
    ).rejects.toMatchObject({
      code: "no-address",
      message: "cannot connect to 127.0.0.1:1: 127.0.0.1 has no ipv6 address",
    });
  });

  test("disconnect() of a UDP socket takes its peer, and neither its interface nor its port", async () => {
    const { server } = here;
    const socket = await createBoundSocket({ type: "udp4", binding }, surroundings);
    const { port } = socket.address();
    const before = here.leaked();
    socket.connect(server.port, "10.0.0.1");
    await once(socket, "connect");
    socket.disconnect();
    socket.send("who am I?", server.port, server.ipv4);
    const [answer] = (await once(socket, "message")) as [Buffer];
    expect(String(answer)).toBe(`10.0.0.2 ${port}`);
    expect(here.leaked()).toBe(before);
    socket.close();
  });

  test("what was bound cannot be made anew without the binding", async () => {
    const { server } = here;
    const options = { host: server.ipv4, port: server.port, binding };
    const socket = await connectBound(options, surroundings);
    socket.destroy();
    expect(() => socket.connect(server.port, server.ipv4)).toThrow(
      expect.objectContaining({ code: "not-bound" }),
    );
    const listener = await listenBound({ port: 0, binding }, surroundings);
    listener.close();
    expect(() => listener.listen(0)).toThrow(expect.objectContaining({ code: "not-bound" }));
  });

  test("what is no IP socket, or no option, is refused", async () => {
    const refusal = { name: "NetwatchError", code: "bad-option" };
    const connect = (options: object): Promise<Socket> =>
      connectBound({ host: "10.0.0.1", port: 1, binding, ...options }, surroundings);
    await expect(connect({ path: "/tmp/socket" })).rejects.toMatchObject(refusal);
    await expect(connect({ host: undefined })).rejects.toMatchObject(refusal);
    await expect(connect({ port: 65_536 })).rejects.toMatchObject(refusal);
    await expect(connect({ binding: { interface: "" } })).rejects.toMatchObject(refusal);
    await expect(connect({ binding: { interface: "up0", onStale: "?" } })).rejects.toMatchObject(
      refusal,
    );
    await expect(connect({ binding: { interface: "up0", waitMs: -1 } })).rejects.toMatchObject(
      refusal,
    );
    await expect(connect({ binding: { interface: "up0", families: [] } })).rejects.toMatchObject(
      refusal,
    );
    const wrong = { type: "unix_dgram" as SocketType, binding };
    await expect(createBoundSocket(wrong, surroundings)).rejects.toMatchObject(refusal);
    await expect(
      createBoundSocket({ type: "udp4", address: "::1", binding }, surroundings),
    ).rejects.toMatchObject(refusal);
    await expect(
      listenBound({ port: 0, binding: { ...binding, onStale: "fallback" } }, surroundings),
    ).rejects.toMatchObject(refusal);
  });

  test("connectBound() gives up with the signal's reason, and leaves nothing behind", async () => {
    // Nobody answers there.
    const options = { host: "10.0.0.99", port: 9, binding };
    const signal = AbortSignal.timeout(200);
    await expect(connectBound({ ...options, signal }, surroundings)).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });

  test("TLS over a bound socket ends with the same error", async () => {
    const { server } = here;
    const options = { host: server.ipv4, port: server.port, binding };
    await using open = await openLiveBinding(binding, surroundings);
    const socket = await connectBound({ ...options, binding: open }, surroundings);
    const secure = tlsConnect({ socket });
    const closed = once(secure, "close");
    here.host.ip("link set up0 down");
    await expect(closed).rejects.toMatchObject({ name: "StaleBindingError", because: "down" });
    here.configureUp0();
  });
});
