import { expect, test } from "vitest";
import type { MonitorEvent } from "../../src/monitor/event.ts";
import { createEventHub } from "../../src/monitor/event-hub.ts";

const woke: MonitorEvent = { kind: "wake", severity: "health", cause: "wake", sleptMs: 1 };

test("listen() hears from the next batch on, until it ends, and ends only itself", () => {
  const hub = createEventHub();
  const heard: string[] = [];
  const late = (): number => heard.push("late");
  const early = (): void => {
    heard.push("early");
    if (heard.length === 1) hub.listen(late);
  };
  const end = hub.listen(early);
  const same = hub.listen(early);
  same();
  hub.publish([woke]);
  expect(heard).toEqual(["early"]);
  hub.publish([woke]);
  expect(heard).toEqual(["early", "early", "late"]);
  end();
  hub.publish([woke, woke]);
  expect(heard).toEqual(["early", "early", "late", "late"]);
  expect(hub.published()).toBe(4);
});

test("publish() of nothing calls nobody", () => {
  const hub = createEventHub();
  hub.listen(() => {
    throw new Error("called");
  });
  hub.publish([]);
  expect(hub.published()).toBe(0);
});
