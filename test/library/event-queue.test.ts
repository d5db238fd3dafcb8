import { expect, test } from "vitest";
import { createEventQueue } from "../../src/library/event-queue.ts";

test("take() gives what came, in order, and waits for more", async () => {
  const queue = createEventQueue<number>(10);
  const { signal } = new AbortController();
  queue.push([1, 2]);
  queue.push([3]);
  expect(await queue.take(signal)).toEqual({ missed: 0, events: [1, 2, 3] });
  const later = queue.take(signal);
  queue.push([4]);
  expect(await later).toEqual({ missed: 0, events: [4] });
});

test("push() drops the oldest beyond the capacity, and counts them once", async () => {
  const queue = createEventQueue<number>(2);
  const { signal } = new AbortController();
  queue.push([1, 2, 3]);
  queue.push([4]);
  expect(await queue.take(signal)).toEqual({ missed: 2, events: [3, 4] });
  queue.push([5]);
  expect(await queue.take(signal)).toEqual({ missed: 0, events: [5] });
});

test("take() resolves with nothing when the signal aborts", async () => {
  const queue = createEventQueue<number>(2);
  const ending = new AbortController();
  const waiting = queue.take(ending.signal);
  ending.abort();
  expect(await waiting).toEqual({ missed: 0, events: [] });
  expect(await queue.take(ending.signal)).toEqual({ missed: 0, events: [] });
});
