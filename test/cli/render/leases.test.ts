import { expect, test } from "vitest";
import type { LeaseBinding, LeaseLine } from "../../../src/admin-api/lease-schema.ts";
import { renderLeaseLine } from "../../../src/cli/render/lease.ts";
import { describeLeaseEvent, type LeaseEvent } from "../../../src/cli/render/lease-event-words.ts";
import { renderStatus } from "../../../src/cli/render/status.ts";
import { cannedStatus } from "../canned-status.ts";

const binding: LeaseBinding = {
  family: "ipv4",
  state: "ready",
  reason: null,
  interface: "wlan0",
  index: 3,
  generation: 1,
  gateway: "10.1.0.1",
  source: null,
  table: 5101,
  mark: null,
};
const base = { time: "2026-11-21T12:00:00.000Z", id: "a", bindings: [binding] };

test.each<readonly [LeaseLine, string]>([
  [
    { kind: "granted", ...base, ttlMs: 0, reclaimed: false },
    "ipv4 wlan0 via 10.1.0.1, table 5101: ready\n",
  ],
  [
    {
      kind: "lost",
      ...base,
      bindings: [{ ...binding, state: "blocked", gateway: null, table: 254 }],
      family: "ipv4",
      reason: "interface-gone: there is no wlan0 now",
    },
    "ipv4 wlan0: blocked (interface-gone: there is no wlan0 now)\n",
  ],
  [
    { kind: "released", ...base, because: "stopping", reason: "netwatchd ends" },
    "lease ended: netwatchd ends\n",
  ],
])("renderLeaseLine() of %o", (line, text) => {
  expect(renderLeaseLine(line, false)).toBe(text);
});

test("renderStatus() lists leases, and says first what is wrong with one", () => {
  const lost = { ...binding, state: "lost" as const, reason: "interface-gone: there is no tun0" };
  const leased = cannedStatus({
    leases: [
      {
        id: "a",
        kind: "default",
        owner: { pid: 42, uid: 0, command: "my-vpn" },
        wish: "default via tun0 (ipv4; split)",
        since: "2026-01-31T08:03:00.000Z",
        ttlMs: 30_000,
        connected: false,
        endsAt: "2026-01-31T08:03:40.000Z",
        bindings: [lost],
      },
    ],
  });
  const text = renderStatus(leased, {
    columns: 120,
    color: false,
    now: Date.parse("2026-01-31T08:03:22.000Z"),
  });
  expect(text).toContain("! the ipv4 default leased by my-vpn (pid 42) is lost");
  expect(text).toMatch(
    /my-vpn \(pid 42\) +default via tun0 \(ipv4; split\) +lost, its holder is away, ends in 18 s/,
  );
});

test.each<readonly [Partial<LeaseEvent>, string]>([
  [{ kind: "lease-granted", reclaimed: false }, "vpn (pid 7) leased uplink eth0 (ipv4)"],
  [
    { kind: "lease-granted", reclaimed: true },
    "vpn (pid 7) took its lease up again: uplink eth0 (ipv4)",
  ],
  [
    { kind: "lease-released", because: "ended" },
    "vpn (pid 7) has no lease any more (ended): uplink eth0 (ipv4)",
  ],
  [
    { kind: "binding-stale", family: "ipv4", reason: "interface-gone: there is no eth0 now" },
    "vpn (pid 7): the ipv4 binding is stale: interface-gone: there is no eth0 now",
  ],
])("describeLeaseEvent() of %o", (event, text) => {
  const whole = { by: "vpn", pid: 7, wish: "uplink eth0 (ipv4)", ...event } as LeaseEvent;
  expect(
    describeLeaseEvent(whole)
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
});
