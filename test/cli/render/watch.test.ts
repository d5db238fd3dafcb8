import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { renderStatus } from "../../../src/cli/render/status.ts";
import { renderWatch } from "../../../src/cli/render/watch.ts";
import { cannedEvents } from "../canned-events.ts";
import { cannedNow, cannedStatus } from "../canned-status.ts";

const status = cannedStatus();
const view = { columns: 100, color: false, now: cannedNow, rows: 40 };
const recent = cannedEvents.slice(1, 5);

beforeEach(() => void vi.stubEnv("TZ", "UTC"));
afterEach(() => void vi.unstubAllEnvs());

test("renderWatch() puts what happened lately below the status, as far as there is room", () => {
  const picture = renderStatus(status, view);
  expect(renderWatch({ status, lostSince: null, recent }, view)).toBe(`${picture}
08:03:22.120 ● eth0 lost its carrier
08:03:22.121 ● ipv4 default: 10.0.0.1 dev eth0 → 192.168.7.1 dev wlan0
08:03:23.500 ● eth0 got 10.0.0.5/24
08:03:24.000 ● eth0 got 2001:db8::5/64 (tentative)
`);
  const rows = picture.split("\n").length - 1 + 3;
  expect(renderWatch({ status, lostSince: null, recent }, { ...view, rows })).toBe(`${picture}
08:03:23.500 ● eth0 got 10.0.0.5/24
08:03:24.000 ● eth0 got 2001:db8::5/64 (tentative)
`);
  expect(renderWatch({ status, lostSince: null, recent }, { ...view, rows: 5 })).toBe(picture);
});

test("renderWatch() says above all that the picture is old", () => {
  const lostSince = cannedNow - 5000;
  expect(renderWatch({ status, lostSince, recent: [] }, view)).toBe(
    `netwatchd went away at 12:29:55 (5 s ago): this is what it last said\n\n${renderStatus(status, view)}`,
  );
});
