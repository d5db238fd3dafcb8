import { expect, test } from "vitest";
import { eventLineSchema } from "../../src/admin-api/event-schema.ts";
import { statusSchema } from "../../src/admin-api/status-schema.ts";
import { cannedEvents } from "./canned-events.ts";
import { brokenStatus, cannedStatus } from "./canned-status.ts";

test("canned statuses are what the contract says", () => {
  expect(statusSchema.parse(cannedStatus())).toEqual(cannedStatus());
  expect(statusSchema.parse(brokenStatus())).toEqual(brokenStatus());
});

test("canned events are what the contract says, one of each kind", () => {
  for (const event of cannedEvents) expect(eventLineSchema.parse(event)).toEqual(event);
  const kinds = new Set(cannedEvents.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([
    "address-added",
    "address-changed",
    "address-removed",
    "default-changed",
    "drift",
    "interface-added",
    "interface-changed",
    "interface-removed",
    "lagged",
    "overflow",
    "wake",
  ]);
});
