import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LeaseBinding, LeaseRequestInput } from "../../src/admin-api/lease-schema.ts";
import { type LeaseEvent, type LeaseOptions, takeLease } from "../../src/library/lease.ts";
import { type CannedDaemon, serveCanned, temporaryFolder } from "../cli/canned-daemon.ts";
import { cannedStatus } from "../cli/canned-status.ts";
import { until } from "../namespace/namespace.ts";
import { testSurroundings } from "./bound-host.ts";

const time = "2026-03-02T12:00:00.000Z";

function leaseBinding(more: Partial<LeaseBinding> = {}): LeaseBinding {
  return {
    family: "ipv4",
    state: "ready",
    reason: null,
    interface: "lo",
    index: 1,
    generation: 1,
    gateway: null,
    source: null,
    table: null,
    mark: null,
    ...more,
  };
}

/** A daemon that grants every lease and notes who asked how. */
interface Grantor extends AsyncDisposable {
  readonly requests: LeaseRequestInput[];
  readonly daemon: CannedDaemon;
  readonly socket: string;
  readonly open: number;
  say(line: object): void;
}

async function openGrantor(
  grant: (request: LeaseRequestInput) => object = (request) => ({
    id: request.claim ?? "one",
    reclaimed: request.claim !== undefined,
  }),
): Promise<Grantor> {
  const folder = await temporaryFolder();
  const socket = join(folder.path, "s");
  const requests: LeaseRequestInput[] = [];
  const holders = new Set<ServerResponse>();
  const say = (response: ServerResponse, line: object): void =>
    void response.write(
      `${JSON.stringify({ time, id: "one", bindings: [leaseBinding()], ...line })}\n`,
    );
  const daemon = await serveCanned(socket, cannedStatus(), [], (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const asked = JSON.parse(body) as LeaseRequestInput;
      requests.push(asked);
      const granted = grant(asked);
      if ("error" in granted) return void response.writeHead(409).end(JSON.stringify(granted));
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      holders.add(response);
      response.on("close", () => holders.delete(response));
      say(response, { kind: "granted", ttlMs: 0, ...granted });
    });
  });
  return {
    requests,
    daemon,
    socket,
    get open() {
      return holders.size;
    },
    say: (line) => {
      for (const holder of holders) say(holder, line);
    },
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const take = (
  { socket }: Grantor,
  request: LeaseRequestInput,
  options: LeaseOptions = {},
): ReturnType<typeof takeLease> => takeLease(request, { socket, ...options }, testSurroundings());

test("takeLease() holds the stream until it is disposed of", async () => {
  await using grantor = await openGrantor();
  const lease = await take(grantor, { kind: "uplink", via: "lo" });
  expect(grantor.requests).toEqual([{ kind: "uplink", via: "lo" }]);
  expect(lease).toMatchObject({ id: "one", bindings: [{ interface: "lo", state: "ready" }] });
  expect(grantor.open).toBe(1);
  await lease[Symbol.asyncDispose]();
  expect(await lease.ended).toMatchObject({ because: "given-up" });
  await until("the end of the stream", () => grantor.open === 0);
});

test("takeLease() tells what happens, and keeps up with it", async () => {
  await using grantor = await openGrantor();
  const events: LeaseEvent[] = [];
  const onEvent = (event: LeaseEvent): void => void events.push(event);
  await using lease = await take(grantor, { kind: "uplink" }, { onEvent });
  const bindings = [leaseBinding({ state: "stale", interface: null, index: null })];
  grantor.say({ kind: "stale", family: "ipv4", reason: "lo went down", bindings });
  await until("the line", () => events.length === 2);
  expect(events).toMatchObject([{ kind: "granted" }, { kind: "stale", reason: "lo went down" }]);
  expect(lease.bindings).toEqual(bindings);
  await expect(lease.openBinding()).rejects.toMatchObject({ code: "no-interface" });
  grantor.say({ kind: "released", because: "stopping", reason: "the daemon ends" });
  expect(await lease.ended).toEqual({ because: "stopping", reason: "the daemon ends" });
});

test("takeLease() passes on a refusal", async () => {
  const error = { code: "conflict", message: "tun1 holds the default", hint: "Say stack." };
  await using grantor = await openGrantor(() => ({ error }));
  await expect(take(grantor, { kind: "default", via: "tun0" })).rejects.toMatchObject({
    name: "AdminClientError",
    code: "conflict",
    message: "cannot take a lease: tun1 holds the default",
  });
});

test("a lease without a time to live ends with its connection", async () => {
  await using grantor = await openGrantor();
  const events: LeaseEvent[] = [];
  await using lease = await take(
    grantor,
    { kind: "uplink" },
    { onEvent: (event) => void events.push(event) },
  );
  grantor.daemon.dropConnections();
  expect(await lease.ended).toMatchObject({ because: "disconnected" });
  expect(events.map(({ kind }) => kind)).toEqual(["granted", "disconnected"]);
  expect(grantor.requests).toHaveLength(1);
});

test("a lease with a time to live is claimed back, whatever comes of it", async () => {
  let count = 0;
  await using grantor = await openGrantor(() => {
    count += 1;
    if (count === 2) return { error: { code: "x", message: "not yet", hint: null } };
    return count === 3 ? { id: "two", reclaimed: false } : {};
  });
  const events: LeaseEvent[] = [];
  const request = { kind: "uplink", via: "lo", ttlMs: 30_000 } as const;
  await using lease = await take(grantor, request, { onEvent: (event) => void events.push(event) });
  grantor.daemon.dropConnections();
  await until("the claim", () => events.length === 3);
  expect(grantor.requests).toEqual([
    request,
    { ...request, claim: "one" },
    { ...request, claim: "one" },
  ]);
  expect(lease.id).toBe("two");
  expect(events).toMatchObject([
    { kind: "granted" },
    { kind: "disconnected" },
    { kind: "granted", reclaimed: false },
  ]);
});

test("a lease that nobody gives back in time ends", async () => {
  const grantor = await openGrantor();
  await using lease = await take(grantor, { kind: "uplink", via: "lo", ttlMs: 300 });
  await grantor[Symbol.asyncDispose]();
  expect(await lease.ended).toMatchObject({ because: "disconnected" });
});

test.skipIf(process.platform !== "linux")(
  "openBinding() binds to the lease's interface",
  async () => {
    await using grantor = await openGrantor();
    await using lease = await take(grantor, { kind: "uplink" });
    // The canned daemon knows no events: the binding looks itself.
    await using binding = await lease.openBinding({ source: "in-process", onStale: "rebind" });
    expect(binding).toMatchObject({
      interface: "lo",
      index: 1,
      families: ["ipv4"],
      standing: "usable",
    });
    const bindings = [leaseBinding({ interface: "up9", index: 9 })];
    grantor.say({ kind: "moved", family: "ipv4", reason: "up9 is better", bindings });
    await until("the move", () => binding.standing === "gone");
    expect(binding.interface).toBe("up9");
  },
);
