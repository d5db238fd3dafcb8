import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import type { EventLine } from "../../src/admin-api/event-schema.ts";
import { type WatchOptions, watchEvents } from "../../src/library/watch.ts";
import { serveCanned, temporaryFolder } from "../cli/canned-daemon.ts";
import { cannedEvent } from "../cli/canned-events.ts";
import { cannedStatus } from "../cli/canned-status.ts";
import { openNamespace, type TestNamespace, until } from "../namespace/namespace.ts";
import { testSurroundings } from "./bound-host.ts";

const wake = (id: number): EventLine =>
  cannedEvent(id, `2026-03-02T12:00:0${id}.000Z`, { kind: "wake", severity: "health", sleptMs: 1 });

/** Watches until `ending`, which gives what was seen. */
function begin(options: WatchOptions): { seen: EventLine[]; end(): Promise<void> } {
  const ending = new AbortController();
  const seen: EventLine[] = [];
  const done = (async () => {
    for await (const event of watchEvents(
      { ...options, signal: ending.signal },
      testSurroundings(),
    ))
      seen.push(event);
  })();
  return {
    seen,
    end() {
      ending.abort();
      return done;
    },
  };
}

test("watchEvents() goes on with the next event where the connection broke", async () => {
  await using folder = await temporaryFolder();
  const socket = join(folder.path, "s");
  await using daemon = await serveCanned(socket, cannedStatus(), []);
  const { seen, end } = begin({ socket });
  await until("the follower", () => daemon.followers === 1);
  daemon.emit(wake(1));
  await until("the first", () => seen.length === 1);
  daemon.dropConnections();
  daemon.emit(wake(2));
  await until("the second", () => seen.length === 2);
  await end();
  expect(seen.map((event) => "id" in event && event.id)).toEqual([1, 2]);
});

test("watchEvents() says where a daemon began anew", async () => {
  await using folder = await temporaryFolder();
  const socket = join(folder.path, "s");
  await using daemon = await serveCanned(socket, cannedStatus(), []);
  const { seen, end } = begin({ socket });
  await until("the follower", () => daemon.followers === 1);
  daemon.status = { ...daemon.status, daemon: { ...daemon.status.daemon, pid: 4_711 } };
  daemon.dropConnections();
  await until("the word of it", () => seen.length === 1);
  expect(seen).toMatchObject([{ kind: "lagged", severity: "health", missed: 0 }]);
  await end();
});

test("watchEvents() without a daemon, but with what only a daemon can do", async () => {
  const refused = (options: WatchOptions): Promise<unknown> =>
    watchEvents(options, testSurroundings())
      .next()
      .then(
        () => null,
        (error: unknown) => error,
      );
  expect(await refused({ source: "daemon" })).toMatchObject({ code: "no-daemon" });
  expect(await refused({ since: "12" })).toMatchObject({ code: "no-daemon" });
  expect(await refused({ since: "12", source: "in-process" })).toMatchObject({
    code: "bad-option",
  });
});

test("watchEvents() ends at once with a signal that aborted before", async () => {
  await begin({ source: "in-process" }).end();
});

describe.skipIf(process.platform !== "linux")("watchEvents() without a daemon", () => {
  let host: TestNamespace;
  beforeAll(async () => {
    host = await openNamespace();
    enterNetworkNamespace(host.path);
  });
  afterAll(() => host[Symbol.dispose]());

  test("looks itself, and counts as a daemon does", async () => {
    const { seen, end } = begin({});
    const kinds = (): readonly string[] => seen.map(({ kind }) => kind);
    let made = 0;
    // The first look is what later ones are compared with: nothing tells when it is over.
    await until("an event", () => {
      if (seen.length === 0) host.ip(`link add up${made++} type veth peer name peer${made}`);
      return kinds().includes("interface-added");
    });
    host.ip("link del up0");
    await until("the loss", () => kinds().includes("interface-removed"));
    await end();
    expect(seen.map((event) => "id" in event && event.id)).toEqual(seen.map((_, at) => at + 1));
    expect(seen[0]).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      cause: "message",
      generation: 1,
    });
  });

  test("leaves out what was not asked for", async () => {
    const { seen, end } = begin({ severity: "effective" });
    const all = begin({});
    let made = 0;
    await until("an event", () => {
      if (all.seen.length === 0) host.ip(`link add veth${made++} type veth peer name vpeer${made}`);
      return all.seen.length > 0;
    });
    await Promise.all([end(), all.end()]);
    expect(all.seen).toMatchObject(all.seen.map(() => ({ severity: "churn" })));
    expect(seen).toEqual([]);
  });
});
