import { join } from "node:path";
import { expect, test } from "vitest";
import { createAdminClient } from "../../src/admin-client/admin-client.ts";
import { type FollowUpdate, followEvents } from "../../src/admin-client/event-follower.ts";
import { serveCanned, temporaryFolder } from "../cli/canned-daemon.ts";
import { cannedEvent } from "../cli/canned-events.ts";
import { cannedStatus } from "../cli/canned-status.ts";
import { until } from "../namespace/namespace.ts";

const wake = (id: number) =>
  cannedEvent(id, "2026-03-03T08:00:00.000Z", { kind: "wake", severity: "health", sleptMs: id });

/** Follows in the background, and keeps what it is told: kinds, and the ids of events. */
function follow(path: string, since?: string) {
  const told: (string | number)[] = [];
  const ending = new AbortController();
  const word = (update: FollowUpdate): string | number => {
    if (update.kind === "event") return "id" in update.event ? update.event.id : "lagged";
    return update.kind === "back" && update.restarted ? "restarted" : update.kind;
  };
  const question = since === undefined ? {} : { since };
  const done = (async () => {
    for await (const update of followEvents(createAdminClient([path]), question, ending.signal)) {
      told.push(word(update));
    }
  })();
  return { told, done, stop: () => ending.abort() };
}

test("followEvents() goes on after the last event when the connection breaks, and repeats none", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  await using daemon = await serveCanned(path, cannedStatus(), [wake(1), wake(2)]);
  const { told, done, stop } = follow(path, "1");
  await until("the first event", () => told.includes(2));
  daemon.dropConnections();
  daemon.emit(wake(3));
  await until("the third event", () => told.includes(3));
  stop();
  await done;
  expect(told).toEqual(["open", 2, "lost", "back", 3]);
  expect(daemon.asked.filter((path) => path.startsWith("/v1/events"))).toEqual([
    "/v1/events?since=1&follow=true",
    "/v1/events?since=2&follow=true",
  ]);
});

test("followEvents() begins at the start of a restarted daemon, whose ids begin again", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  const first = await serveCanned(path, cannedStatus(), []);
  const { told, done, stop } = follow(path);
  await until("a follower", () => first.followers === 1);
  first.emit(wake(7));
  await until("its event", () => told.includes(7));
  await first[Symbol.asyncDispose]();
  await until("the loss", () => told.includes("lost"));
  const status = cannedStatus();
  const daemon = { ...status.daemon, pid: 9000, startedAt: "2026-03-03T07:59:00.000Z" };
  await using second = await serveCanned(path, { ...status, daemon }, [wake(1)]);
  await until("the new daemon's event", () => told.includes(1));
  stop();
  await done;
  expect(told).toEqual(["open", 7, "lost", "restarted", 1]);
  expect(second.asked.at(-1)).toBe("/v1/events?since=2026-03-03T07%3A59%3A00.000Z&follow=true");
});

test("followEvents() fails at once when there is no daemon to begin with", async () => {
  await expect(follow("/nonexistent/s").done).rejects.toMatchObject({ code: "no-daemon" });
});

test("followEvents() does not wait for a daemon that says what nobody understands", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  await using _daemon = await serveCanned(path, cannedStatus(), [], (request, response) => {
    response.writeHead(200);
    response.end(request.url === "/v1/status" ? JSON.stringify(cannedStatus()) : "hello\n");
  });
  await expect(follow(path).done).rejects.toMatchObject({ code: "not-understood" });
});
