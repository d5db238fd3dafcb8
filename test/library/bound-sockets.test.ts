import { once } from "node:events";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBound } from "../../src/library/connect.ts";
import { createBoundSocket } from "../../src/library/create-socket.ts";
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
});
