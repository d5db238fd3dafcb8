import { expect, test } from "vitest";
import { HintStream } from "../../src/platform/hint-stream.ts";
import type { ChangeHint } from "../../src/platform/platform.ts";
import { ProbeAnswers } from "../../src/platform/probe-answers.ts";

const ipv4 = { kind: "defaults", family: "ipv4" } as const satisfies ChangeHint;
const link = { kind: "interface", index: 4 } as const satisfies ChangeHint;
const never = new AbortController().signal;

test("HintStream gives each door once, in the order in which it first rang", async () => {
  const stream = new HintStream();
  for (const hint of [link, ipv4, link, { ...ipv4, suspected: true as const }]) stream.ring(hint);
  expect(await stream.next()).toEqual({
    done: false,
    value: [link, ipv4, { ...ipv4, suspected: true }],
  });
});

test("HintStream gives what rings to who waits, all of it at its flush", async () => {
  const stream = new HintStream();
  const next = stream.next();
  stream.flush();
  stream.ring(ipv4);
  stream.ring(link);
  stream.flush();
  expect((await next).value).toEqual([ipv4, link]);
});

test("HintStream ends for who waits, and drops what rang", async () => {
  const stream = new HintStream();
  const next = stream.next();
  stream.end();
  expect(await next).toEqual({ done: true, value: undefined });
  const other = new HintStream();
  other.ring(ipv4);
  other.end();
  other.ring(link);
  expect(await other.next()).toEqual({ done: true, value: undefined });
});

test("HintStream tells a failure once, after what rang before it", async () => {
  const stream = new HintStream();
  stream.ring(ipv4);
  stream.end(new Error("the socket died"));
  expect((await stream.next()).value).toEqual([ipv4]);
  await expect(stream.next()).rejects.toThrow("the socket died");
  expect((await stream.next()).done).toBe(true);
});

test("ProbeAnswers tells answers apart, and gives up on time, on abort and at the end", async () => {
  const probes = new ProbeAnswers();
  const ending = new AbortController();
  const first = probes.wait(1, 60_000, never);
  const second = probes.wait(2, 60_000, ending.signal);
  const third = probes.wait(3, 60_000, never);
  const late = probes.wait(4, 1, never);
  probes.answered(1);
  probes.answered(99);
  ending.abort();
  expect(await first).toBe(true);
  expect(await second).toBe(false);
  expect(await late).toBe(false);
  probes.end();
  expect(await third).toBe(false);
  expect(await probes.wait(5, 60_000, ending.signal)).toBe(false);
});
