import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AdminEvent, EventLine } from "../../../src/admin-api/event-schema.ts";
import { isSameDay, renderDay, renderEvent } from "../../../src/cli/render/events.ts";
import { cannedEvent, cannedEvents } from "../canned-events.ts";
import { cannedDefault, cannedNow } from "../canned-status.ts";

const view = { columns: 120, color: false, now: cannedNow };
const time = "2026-03-03T08:00:00.000Z";

beforeEach(() => void vi.stubEnv("TZ", "UTC"));
afterEach(() => void vi.unstubAllEnvs());

test("renderEvent() says each kind in one line of plain words", () => {
  expect(cannedEvents.map((event) => renderEvent(event, view)).join("")).toBe(`\
23:59:58.001 · veth3 appeared (container, up, no carrier, a new device of an old name)
08:03:22.120 ● eth0 lost its carrier
08:03:22.121 ● ipv4 default: 10.0.0.1 dev eth0 → 192.168.7.1 dev wlan0
08:03:23.500 ● eth0 got 10.0.0.5/24
08:03:24.000 ● eth0 got 2001:db8::5/64 (tentative)
08:03:25.000 ● 2001:db8::5/64 on eth0 is ready
08:10:00.000 ! woke after 8 h 3 min asleep
08:10:00.200 ● eth0 lost 10.0.0.5/24  (found after waking)
08:10:15.000 ! re-read found 2 differences that no message announced: interface eth0, ipv4 defaults
08:10:16.000 ! the kernel dropped messages (1 overflow so far): everything was read again
08:10:17.000 ! missed 120 events (too slow or too late: netwatchd keeps only the latest)
08:10:18.000 ● ipv6 default: fe80::1 dev eth0 → none
08:10:19.000 · veth3 disappeared
`);
});

test("renderEvent() wraps under the words, and nearer to the edge where the terminal is very narrow", () => {
  const drift = cannedEvents.find(({ kind }) => kind === "drift") as EventLine;
  expect(renderEvent(drift, { ...view, columns: 60 })).toBe(`\
08:10:15.000 ! re-read found 2 differences that no message
               announced: interface eth0, ipv4 defaults
`);
  expect(renderEvent(drift, { ...view, columns: 30 })).toBe(`\
08:10:15.000 ! re-read found 2
  differences that no message
  announced: interface eth0,
  ipv4 defaults
`);
});

test("renderEvent() says the time in the user's own zone", () => {
  vi.stubEnv("TZ", "Asia/Kolkata");
  const [first] = cannedEvents;
  expect(renderEvent(first as EventLine, view)).toMatch(/^05:29:58\.001 /);
  expect(renderDay("2026-03-02T23:59:58.001Z", view)).toBe("── Tue 2026-03-03 ──\n");
  expect(isSameDay("2026-03-02T18:29:00.000Z", "2026-03-02T18:31:00.000Z")).toBe(false);
});

const words = (body: Parameters<typeof cannedEvent>[2]): string =>
  renderEvent(cannedEvent(1, time, body), { ...view, columns: 200 }).slice(
    "08:00:00.000 ● ".length,
    -1,
  );

const onEth0 = {
  severity: "effective",
  kind: "interface-changed",
  interface: "eth0",
  index: 2,
  generation: 1,
} as const;
const change = (
  field: string,
  before: boolean | string | number,
  after: boolean | string | number,
) => ({
  field,
  before,
  after,
});

test.each([
  [[change("up", true, false), change("carrier", true, false)], "eth0 was taken down"],
  [[change("up", false, true), change("carrier", false, true)], "eth0 came up"],
  [
    [change("up", false, true), change("operState", "down", "lower-layer-down")],
    "eth0 was brought up",
  ],
  [[change("carrier", false, true), change("operState", "down", "up")], "eth0 has a carrier"],
  [[change("mtu", 1500, 1400)], "eth0 mtu 1500 → 1400"],
  [[change("operState", "up", "dormant")], "eth0 state up → dormant"],
  [
    [change("carrier", true, false), change("mtu", 1500, 9000)],
    "eth0 lost its carrier, mtu 1500 → 9000",
  ],
  [[change("name", "wan", "eth0")], "eth0 was renamed: wan → eth0"],
])("renderEvent() tells changes of an interface: %j", (changes, text) => {
  expect(words({ ...onEth0, changes })).toBe(text);
});

const defaultChange = (
  fields: Pick<Extract<AdminEvent, { kind: "default-changed" }>, "before" | "after"> &
    Partial<Extract<AdminEvent, { kind: "default-changed" }>>,
): string =>
  words({
    kind: "default-changed",
    severity: "effective",
    family: "ipv4",
    added: [],
    removed: [],
    ...fields,
  });

test("renderEvent() tells what differs when the way stays the same", () => {
  const before = cannedDefault();
  expect(defaultChange({ before, after: { ...before, metric: 50 } })).toBe(
    "ipv4 default: 10.0.0.1 dev eth0, metric 100, DHCP → 10.0.0.1 dev eth0, metric 50, DHCP",
  );
  expect(defaultChange({ before, after: { ...before, linkdown: true } })).toBe(
    "ipv4 default: 10.0.0.1 dev eth0 → 10.0.0.1 dev eth0 (no carrier)",
  );
  expect(defaultChange({ before, after: { ...before, prefix: "0.0.0.0/1", via: "split" } })).toBe(
    "ipv4 default: 10.0.0.1 dev eth0 → 0.0.0.0/1 10.0.0.1 dev eth0",
  );
  expect(defaultChange({ before, after: { ...before, via: "rule", table: 51_820 } })).toBe(
    "ipv4 default: 10.0.0.1 dev eth0 → 10.0.0.1 dev eth0 (by rule, table 51820)",
  );
});

test("renderEvent() tells candidates that came or went while the default stayed, whatever its lifetime", () => {
  const before = cannedDefault({ expiresAt: "2026-03-03T09:00:00.000Z" });
  const after = { ...before, expiresAt: "2026-03-03T09:10:00.000Z" };
  const standBy = cannedDefault({ gateway: "10.9.0.1", interface: "wlan0", metric: 600 });
  expect(defaultChange({ before, after, added: [standBy] })).toBe(
    "ipv4 stand-by default new: 10.9.0.1 dev wlan0, metric 600, DHCP",
  );
  expect(defaultChange({ before: null, after: null, removed: [standBy] })).toBe(
    "ipv4 stand-by default gone: 10.9.0.1 dev wlan0, metric 600, DHCP",
  );
});

test("renderEvent() calls a part of the address space that, and no stand-by", () => {
  const before = cannedDefault({ prefix: "0.0.0.0/1", gateway: null, interface: "wg0", metric: 0 });
  const other = { ...before, prefix: "128.0.0.0/1", protocol: "boot" };
  expect(defaultChange({ before, after: before, removed: [other] })).toBe(
    "ipv4 part of the default gone: 128.0.0.0/1 dev wg0, by hand",
  );
});

test("renderEvent() names the new default that refuses packets", () => {
  const before = cannedDefault();
  const refusing = cannedDefault({
    type: "unreachable",
    gateway: null,
    interface: null,
    metric: 5,
  });
  expect(defaultChange({ before, after: null, added: [refusing] })).toBe(
    "ipv4 default: 10.0.0.1 dev eth0 → none (unreachable, metric 5, DHCP)",
  );
});

test("renderEvent() tells a candidate that changed", () => {
  const before = cannedDefault();
  const old = cannedDefault({ gateway: "10.9.0.1", interface: "wlan0", metric: 600 });
  const added = [{ ...old, metric: 700 }];
  expect(defaultChange({ before, after: before, added, removed: [old] })).toBe(
    "ipv4 stand-by default changed: 10.9.0.1 dev wlan0, metric 600, DHCP → 10.9.0.1 dev wlan0, metric 700, DHCP",
  );
});

test("renderEvent() does not know how many events were missed after a restart", () => {
  const lagged = { kind: "lagged", time, severity: "health", missed: 0 } as const;
  expect(renderEvent(lagged, view)).toContain("missed some events");
});

test("renderEvent() shows a kind of a newer daemon by its name", () => {
  const event = { ...cannedEvents[1], kind: "cable-bitten", changes: [] } as unknown as EventLine;
  expect(renderEvent(event, view)).toBe("08:03:22.120 ● eth0: cable bitten\n");
});
