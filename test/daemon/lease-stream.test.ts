import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leaseLineSchema } from "../../src/admin-api/lease-schema.ts";
import { streamLease } from "../../src/daemon/lease-stream.ts";
import type { Binding } from "../../src/leases/binding.ts";
import type { HeldLease, HolderNews } from "../../src/leases/lease-holding.ts";
import { until } from "../namespace/namespace.ts";

const binding: Binding = {
  family: "ipv4",
  state: "ready",
  reason: null,
  interface: "tun0",
  index: 9,
  generation: 1,
  gateway: null,
  source: null,
  table: 254,
};
const changed: HolderNews = {
  kind: "changed",
  change: { kind: "lost", binding, reason: "interface-gone: there is no tun0 now" },
  bindings: [{ ...binding, state: "lost" }],
};

let directory: string;
let server: Server;
let stop: AbortController;
let tell: (news: HolderNews) => void;
let left: (string | undefined)[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "netwatch-lease-"));
  stop = new AbortController();
  left = [];
  const held: HeldLease = {
    lease: {
      id: "a",
      group: "a",
      wish: { kind: "uplink", via: null, families: ["ipv4"] },
      owner: { pid: 7, uid: 0, command: "vpn" },
      since: 0,
      ttlMs: 0,
    },
    reclaimed: false,
    bindings: () => [binding],
    follow(listener) {
      tell = listener;
    },
    leave: (cause) => void left.push(cause),
  };
  server = createServer((_request, response) => streamLease(held, response, stop.signal));
  server.listen(join(directory, "socket"));
  await once(server, "listening");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

async function hold(): Promise<IncomingMessage> {
  const asked = request({ socketPath: join(directory, "socket"), agent: false });
  asked.on("error", () => undefined).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return response.on("error", () => undefined);
}

async function readAll(response: IncomingMessage): Promise<unknown[]> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

test("streamLease() tells of the grant, of what comes, and of the daemon's end", async () => {
  const response = await hold();
  tell(changed);
  stop.abort();
  const lines = await readAll(response);
  expect(lines).toMatchObject([
    { kind: "granted", id: "a", bindings: [{ state: "ready", mark: null }] },
    { kind: "lost", family: "ipv4", bindings: [{ state: "lost" }] },
    { kind: "released", because: "stopping" },
  ]);
  for (const line of lines) expect(leaseLineSchema.parse(line)).toEqual(line);
  await until("the end", () => left.length === 1);
});

test("streamLease() ends the lease of a holder that leaves all unread", async () => {
  const response = await hold();
  response.pause();
  let told = 0;
  await until("the end", async () => {
    for (let at = 0; at < 100 && left.length === 0; at += 1, told += 1) tell(changed);
    return left.length > 0;
  });
  expect(left[0]).toBe("unread");
  // What the sockets' own buffers take, and what is kept: far below a megabyte.
  expect(told * JSON.stringify(changed).length).toBeLessThan(1 << 20);
});

test("streamLease() lets go at once when its holder is gone", async () => {
  const response = await hold();
  response.destroy();
  await until("the end", () => left.length === 1, 1_000);
  expect(left).toEqual([undefined]);
});
