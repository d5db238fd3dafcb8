import { beforeEach, expect, test } from "vitest";
import type { DefaultRoute } from "../../src/network/route.ts";
import { link, type MemoryHost, memoryHost } from "./memory-host.ts";

let host: MemoryHost;
let good: DefaultRoute;

beforeEach(async () => {
  host = memoryHost();
  const [first] = host.platform.kernel.defaults("ipv4").routes;
  if (first === undefined) throw new Error("no default to know");
  good = first;
  host.platform.controls.setDefaults("ipv4", []);
  host.platform.controls.setDefaults("ipv6", []);
});

async function know(changes: Partial<DefaultRoute> = {}): Promise<void> {
  await using journal = await host.openJournal();
  await journal.append([
    {
      kind: "last-known-good",
      family: "ipv4",
      raw: "",
      route: { ...good, nexthops: [...good.nexthops], ...changes },
      interfaces: [{ index: 2, name: "eth0", mac: "02:00:00:00:00:02", kind: "physical" }],
    },
  ]);
}

const standing = () => host.platform.kernel.defaults("ipv4").routes;

test("a restore offers a family without any default its last known good one", async () => {
  await know();
  expect(await host.restore()).toMatchObject({
    kind: "done",
    exitCode: 0,
    sentences: ["Added 0.0.0.0/0 via 10.0.0.1 dev eth0 metric 100: was lost.", helpless("ipv6")],
  });
  expect(standing()).toMatchObject([{ gateway: "10.0.0.1" }]);
});

test("a restore says what keeps the last known good one from being put back", async () => {
  await know();
  host.platform.controls.setInterface(link(2, "eth0", ["10.0.0.2/24"], { up: false }));
  expect(await host.restore()).toMatchObject({
    kind: "partly",
    exitCode: 5,
    sentences: [
      "The last known good ipv4 default, 0.0.0.0/0 via 10.0.0.1 dev eth0 metric 100, cannot be put back now: interface-down: eth0. Run this command again when that has changed.",
    ],
  });
});

const helpless = (family: string): string =>
  `${family} has no default route, and netwatch knows none that was good and could be put back: add one by hand, or have your network manager do it.`;

test("a restore does not say that all is well on a host without any default", async () => {
  expect(await host.restore()).toMatchObject({
    exitCode: 0,
    sentences: [helpless("ipv4"), helpless("ipv6")],
  });
});

test("a restore says it of the one family that has none", async () => {
  host.platform.controls.setDefaults("ipv4", [good]);
  expect(await host.restore()).toMatchObject({ exitCode: 0, sentences: [helpless("ipv6")] });
});

test.each([
  ["has only addresses of its own networks", link(2, "eth0", ["fd00::2/64", "fe80::2/64"])],
  ["has its addresses on a tunnel", link(2, "tun1", ["2001:db8::2/64"], { kind: "tunnel" })],
  ["has its addresses on a link that is down", link(2, "eth0", ["2001:db8::2/64"], { up: false })],
])("a family that %s needs no default", async (_, subject) => {
  host.platform.controls.setDefaults("ipv4", [{ ...good, interfaceIndex: 3 }]);
  host.platform.controls.setInterface(subject);
  expect((await host.restore()).sentences).toEqual([
    "Nothing to restore: everything is as it was.",
  ]);
});

test("a restore does not offer one whose lifetime is over", async () => {
  await know({ expiresAt: host.moment().epochMs - 1 });
  expect((await host.restore()).sentences).toContain(helpless("ipv4"));
  expect(standing()).toEqual([]);
});

test("a host whose only default refuses packets has none", async () => {
  const refusing = { ...good, type: "unreachable", gateway: null, interfaceIndex: null } as const;
  host.platform.controls.setDefaults("ipv4", [refusing]);
  expect((await host.restore()).sentences).toContain(helpless("ipv4"));
});
