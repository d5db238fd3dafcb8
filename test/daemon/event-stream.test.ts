import { expect, test } from "vitest";
import { eventLineSchema, eventSchema, laggedSchema } from "../../src/admin-api/event-schema.ts";
import { until } from "../namespace/namespace.ts";
import { ask, openLines, openRaw } from "./admin-client.ts";
import { type AdminFixture, change, openAdmin } from "./admin-fixture.ts";

function parseLines(text: string): ReturnType<typeof eventLineSchema.parse>[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => eventLineSchema.parse(JSON.parse(line)));
}

async function idsSince(admin: AdminFixture, query: string): Promise<(number | "lagged")[]> {
  const { text, status } = await ask(admin.socket, `/v1/events${query}`);
  expect(status).toBe(200);
  return parseLines(text).map((line) => (line.kind === "lagged" ? "lagged" : line.id));
}

test("streamEvents() gives what is kept, then ends, when nobody follows", async () => {
  await using admin = await openAdmin({ capacity: 3 });
  expect(await idsSince(admin, "")).toEqual([]);
  admin.events.append([change("effective"), change("churn")]);
  expect(await idsSince(admin, "")).toEqual([1, 2]);
  admin.events.append([change("effective"), change("churn")]);
  expect(await idsSince(admin, "")).toEqual([2, 3, 4]);
});

test("streamEvents() goes on after an id", async () => {
  await using admin = await openAdmin();
  admin.events.append([change("effective"), change("churn"), change("health")]);
  expect(await idsSince(admin, "?since=0")).toEqual([1, 2, 3]);
  expect(await idsSince(admin, "?since=2")).toEqual([3]);
  expect(await idsSince(admin, "?since=3")).toEqual([]);
});

test("streamEvents() says how many were missed when the id is not kept any more", async () => {
  await using admin = await openAdmin({ capacity: 2 });
  admin.events.append(Array.from({ length: 10 }, () => change("churn")));
  const [lagged, ...events] = parseLines((await ask(admin.socket, "/v1/events?since=3")).text);
  expect(laggedSchema.parse(lagged).missed).toBe(5);
  expect(events.map((event) => eventSchema.parse(event).id)).toEqual([9, 10]);
});

test("streamEvents() takes an id that was not given yet for one of an earlier run", async () => {
  await using admin = await openAdmin();
  admin.events.append([change("churn")]);
  expect(await idsSince(admin, "?since=500")).toEqual(["lagged", 1]);
});

test("streamEvents() goes on from a time", async () => {
  await using admin = await openAdmin({ capacity: 2 });
  admin.events.append([change("churn")]);
  expect(await idsSince(admin, "?since=2001-01-01T00:00:00Z")).toEqual([1]);
  expect(await idsSince(admin, "?since=2901-01-01T00:00:00Z")).toEqual([]);
  admin.events.append([change("churn"), change("churn")]);
  expect(await idsSince(admin, "?since=2001-01-01T00:00:00Z")).toEqual(["lagged", 2, 3]);
});

test("streamEvents() refuses a since, severity or follow that is none", async () => {
  await using admin = await openAdmin();
  for (const query of ["since=yesterday", "since=2026-13-45T", "severity=loud", "follow=maybe"]) {
    const answer = await ask(admin.socket, `/v1/events?${query}`);
    expect([query, answer.status]).toEqual([query, 400]);
    expect(answer.text).toContain(query.split("=")[0]);
  }
});

test("streamEvents() lets only the asked severity through, health along with effective", async () => {
  await using admin = await openAdmin();
  admin.events.append([change("effective"), change("churn"), change("health")]);
  expect(await idsSince(admin, "?severity=effective")).toEqual([1, 3]);
  expect(await idsSince(admin, "?severity=churn")).toEqual([2]);
  expect(await idsSince(admin, "?severity=health")).toEqual([3]);
});

test("streamEvents() streams what comes, to all that follow", async () => {
  await using admin = await openAdmin();
  admin.events.append([change("effective")]);
  using fresh = await openLines(admin.socket, "/v1/events?follow=true");
  using resumed = await openLines(admin.socket, "/v1/events?follow=1&since=0&severity=effective");
  admin.events.append([change("churn"), change("effective")]);
  await until("the events", () => fresh.lines.length === 2 && resumed.lines.length === 2);
  const ids = (lines: readonly string[]) =>
    parseLines(lines.join("\n")).map((line) => "id" in line && line.id);
  expect(ids(fresh.lines)).toEqual([2, 3]);
  expect(ids(resumed.lines)).toEqual([1, 3]);
});

test("streamEvents() speaks server-sent events when asked to, and resumes by Last-Event-ID", async () => {
  await using admin = await openAdmin();
  admin.events.append([change("effective"), change("churn")]);
  const accept = "text/event-stream";
  using stream = await openLines(admin.socket, "/v1/events", { accept, "last-event-id": "1" });
  admin.events.append([change("health")]);
  await until("two events", () => stream.lines.length === 6);
  expect(stream.lines.map((line) => line.split(": ")[0])).toEqual([
    "id",
    "data",
    "",
    "id",
    "data",
    "",
  ]);
  expect(stream.lines[0]).toBe("id: 2");
  const data = stream.lines[1]?.slice("data: ".length) ?? "";
  expect(eventSchema.parse(JSON.parse(data)).id).toBe(2);
});

test("streamEvents() goes on after Last-Event-ID when the query says where it began", async () => {
  await using admin = await openAdmin();
  admin.events.append([change("effective"), change("churn"), change("churn")]);
  const headers = { accept: "text/event-stream", "last-event-id": "2" };
  using stream = await openLines(admin.socket, "/v1/events?since=0", headers);
  await until("an event", () => stream.lines.length >= 3);
  expect(stream.lines[0]).toBe("id: 3");
});

test("streamEvents() bounds what it keeps for a subscriber that never reads, which then goes on from the ring", async () => {
  await using admin = await openAdmin({ capacity: 100 });
  using raw = await openRaw(admin.socket);
  raw.socket.write("GET /v1/events?follow=true HTTP/1.1\r\nHost: x\r\n\r\n");
  await until("the head", () => raw.received() !== "");
  raw.socket.pause();
  const before = process.memoryUsage().heapUsed + process.memoryUsage().external;
  const batch = Array.from({ length: 100 }, () => change("churn", "x".repeat(5_000)));
  // 500 MB in all.
  for (let round = 0; round < 1_000; round += 1) {
    admin.events.append(batch);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const after = process.memoryUsage().heapUsed + process.memoryUsage().external;
  expect(after - before).toBeLessThan(100_000_000);

  raw.socket.resume();
  await until("the last event", () => raw.received().includes('"id":100000,'));
  admin.events.append([change("churn")]);
  await until("an event after it", () => raw.received().includes('"id":100001,'));
  const lines = parseLines(
    raw
      .received()
      .match(/^\{.*\}$/gm)
      ?.join("\n") ?? "",
  );
  let expected = 1;
  for (const line of lines) {
    if (line.kind === "lagged") expected += line.missed;
    else expect(line.id).toBe(expected++);
  }
  expect(expected).toBe(100_002);
  expect(lines.filter((line) => line.kind === "lagged")).not.toEqual([]);
});

test("streamEvents() forgets a subscriber that left", async () => {
  await using admin = await openAdmin();
  const left: Disposable[] = [];
  for (let at = 0; at < 20; at += 1)
    left.push(await openLines(admin.socket, "/v1/events?follow=1"));
  for (const stream of left) stream[Symbol.dispose]();
  using stays = await openLines(admin.socket, "/v1/events?follow=1");
  admin.events.append([change("effective")]);
  await until("an event", () => stays.lines.length === 1);
});
