import { describe, expect, test } from "vitest";
import { interfaceKindOf } from "../../../src/platform/darwin/interface-kind.ts";
import {
  readAllInterfaces,
  readInterface,
  readInterfaceIndexes,
} from "../../../src/platform/darwin/interface-reading.ts";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { IFF, NET_RT, RTM } from "../../../src/wire/pfroute/constants.ts";
import { hex, readRandomRecordings } from "../../wire/pfroute/recordings.ts";
import { openDarwinHost } from "./darwin-host.ts";

/** The interfaces in a sysctl answer, and how many addresses of it could not be read. */
function readList(list: Uint8Array): {
  interfaces: ReturnType<typeof readAllInterfaces>;
  skipped: number;
} {
  let skipped = 0;
  const interfaces = readAllInterfaces({
    sysctl: { read: () => list },
    media: { read: () => null },
    skipped: () => {
      skipped += 1;
    },
  });
  return { interfaces, skipped };
}

/** NET_RT_IFLIST2 as XNU answered it at the end of a sequence that let the addresses be. */
function recordedList(): Uint8Array {
  const recording = readRandomRecordings().find(
    ({ steps }) => !steps.some(({ cmd = "" }) => /addr|down/.test(cmd)),
  );
  const dump = recording?.dumps.find(({ mib }) => mib[4] === NET_RT.IFLIST2);
  if (dump === undefined) throw new Error("no recorded NET_RT_IFLIST2");
  return hex(dump.hex);
}

function firstOf(list: Uint8Array, type: number): number {
  for (let at = 0; at < list.length; at += (list[at] ?? 0) | ((list[at + 1] ?? 0) << 8))
    if (list[at + 3] === type) return at;
  throw new Error(`no message of type ${type}`);
}

describe("the interfaces of a Mac", () => {
  test("in XNU's own list: names, kinds, addresses without embedded scopes, peers", () => {
    const { interfaces, skipped } = readList(recordedList());
    expect(skipped).toBe(0);
    const words = [...interfaces.values()].map(({ index, name, kind, mac, addresses }) => [
      index,
      name,
      kind,
      mac,
      ...addresses.map(
        ({ address, prefixLength, scope, peer }) =>
          `${address}/${prefixLength} ${scope}${peer === null ? "" : ` ${peer}`}`,
      ),
    ]);
    expect(words).toEqual([
      [1, "lo0", "loopback", null, "127.0.0.1/8 host", "::1/128 host"],
      [
        2,
        "en0",
        "physical",
        "02:aa:bb:cc:dd:00",
        "fe80::aa:bbff:fecc:dd00/64 link",
        "192.0.2.10/24 global",
        "2001:db8::10/64 global",
      ],
      [
        3,
        "en1",
        "physical",
        "02:aa:bb:cc:dd:01",
        "fe80::aa:bbff:fecc:dd01/64 link",
        "198.51.100.10/24 global",
        "2001:db8:1::10/64 global",
      ],
      [4, "utun0", "tunnel", null, "10.9.0.1/32 global 10.9.0.2", "fd00:9::1/64 global"],
    ]);
  });

  test("a carrier is what the medium says, and what the driver says where there is no medium", async () => {
    await using host = openDarwinHost();
    expect(await host.interfaceNamed("en0")).toMatchObject({ carrier: true, operState: "up" });
    host.media.set("en0", { active: false, wireless: false });
    expect(await host.interfaceNamed("en0")).toMatchObject({
      up: true,
      carrier: false,
      operState: "lower-layer-down",
    });
    host.media.set("en0", { active: null, wireless: true });
    expect(await host.interfaceNamed("en0")).toMatchObject({ carrier: true, kind: "wireless" });
    host.media.set("en0", { active: true, wireless: false });
    host.double.run("ifdown en0");
    expect(await host.interfaceNamed("en0")).toMatchObject({
      up: false,
      carrier: false,
      operState: "down",
    });
  });

  test("one is read by its index, without the others", async () => {
    await using host = openDarwinHost();
    const names: (readonly number[])[] = [];
    const options = {
      sysctl: {
        read: (name: readonly number[]) => {
          names.push(name);
          return host.double.sysctl.read(name);
        },
      },
      media: { read: () => null },
      skipped: () => undefined,
    };
    expect(readInterface(options, 3)?.name).toBe("en1");
    expect(readInterface(options, 77)).toBeNull();
    expect(names.map((name) => name[5])).toEqual([3, 77]);
    expect(readInterfaceIndexes(host.double.sysctl)).toEqual([1, 2, 3, 4]);
  });

  test("an address that cannot be read is left out and counted, the rest stands", () => {
    const list = recordedList();
    const at = firstOf(list, RTM.NEWADDR);
    list[at + 20] = 0xff; // the length of its first sockaddr
    const { interfaces, skipped } = readList(list);
    expect(skipped).toBe(1);
    expect(interfaces.size).toBe(4);
    expect(interfaces.get(2)?.addresses.length).toBe(3);
  });

  test("an interface that cannot be read is no interface that is gone: the reading fails", () => {
    const list = recordedList();
    list[firstOf(list, RTM.IFINFO2) + 160] = 0xff;
    expect(() => readList(list)).toThrow(DecodeError);
  });

  test("a failed reading is a PlatformError", async () => {
    const list = recordedList();
    list[firstOf(list, RTM.IFINFO2) + 160] = 0xff;
    await using host = openDarwinHost(undefined, { sysctl: { read: () => list } });
    const reading = host.platform.read({ kind: "all" }, new AbortController().signal);
    await expect(reading).rejects.toMatchObject({ name: "PlatformError", code: "rejected" });
  });
});

describe("interfaceKindOf()", () => {
  const ether = 6;
  const other = 1;
  test.each([
    ["lo0", 24, IFF.LOOPBACK, "loopback"],
    ["en0", ether, IFF.BROADCAST, "physical"],
    ["en11", ether, IFF.BROADCAST, "physical"],
    ["utun4", other, IFF.POINTOPOINT, "tunnel"],
    ["ipsec0", other, IFF.POINTOPOINT, "tunnel"],
    ["ppp0", 23, IFF.POINTOPOINT, "tunnel"],
    ["gif0", 55, IFF.POINTOPOINT, "tunnel"],
    ["stf0", 57, 0, "tunnel"],
    ["bridge0", 209, IFF.BROADCAST, "bridge"],
    ["bridge100", ether, IFF.BROADCAST, "bridge"],
    ["awdl0", ether, IFF.BROADCAST, "virtual"],
    ["llw0", ether, IFF.BROADCAST, "virtual"],
    ["ap1", ether, IFF.BROADCAST, "virtual"],
    ["anpi0", ether, IFF.BROADCAST, "virtual"],
    ["vmenet0", ether, IFF.BROADCAST, "virtual"],
    ["feth0", ether, IFF.BROADCAST, "virtual"],
    ["vlan1", 135, IFF.BROADCAST, "virtual"],
    ["something0", ether, IFF.BROADCAST, "physical"],
    ["something0", other, IFF.POINTOPOINT, "tunnel"],
    ["something0", other, IFF.BROADCAST, "virtual"],
  ] as const)("%s of type %d with flags %d is %s", (name, interfaceType, flags, kind) => {
    expect(interfaceKindOf({ name, interfaceType, flags, wireless: false })).toBe(kind);
  });

  test("only what would be physical is wireless by its medium", () => {
    const of = (name: string): string =>
      interfaceKindOf({ name, interfaceType: ether, flags: 0, wireless: true });
    expect([of("en0"), of("awdl0"), of("bridge0")]).toEqual(["wireless", "virtual", "bridge"]);
  });
});
