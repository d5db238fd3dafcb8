import { accessSync, constants } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import { readInterface } from "../../../src/platform/linux/interface-reading.ts";
import { openRequestTransport, Requester } from "../../../src/platform/linux/requester.ts";
import { readI32, readU16 } from "../../../src/wire/netlink/host-order.ts";
import { forEachMessage } from "../../../src/wire/netlink/message.ts";
import {
  NLM_F_DUMP,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from "../../../src/wire/netlink/message-constants.ts";
import { until } from "../../namespace/namespace.ts";
import { doors, type LinuxHost, openLinuxHost, uplinkCommands } from "./linux-host.ts";

/** What `ip -j -d address show` says of an interface, as far as it is looked at here. */
interface WitnessedInterface {
  readonly ifindex: number;
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly operstate: string;
  readonly link_type: string;
  readonly address?: string;
  readonly addr_info: readonly { readonly local?: string; readonly prefixlen: number }[];
}

const never = new AbortController().signal;

describe.skipIf(process.platform !== "linux")("interfaces of a real kernel", () => {
  let host: LinuxHost;

  beforeEach(async () => {
    host = await openLinuxHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const readAll = async (): Promise<readonly NetworkInterface[]> => {
    const { interfaces } = await host.platform.read({ kind: "all" }, never);
    return [...interfaces.values()].filter((found) => found !== null);
  };
  const addressOf = async (name: string, address: string) =>
    (await host.interfaceNamed(name)).addresses.find((one) => one.address === address);

  test("read() all sees what ip sees, for every kind of link that there is here", async () => {
    host.namespace.ipBatch([
      ...uplinkCommands("up0"),
      "link add br0 type bridge",
      "link add vx0 type vxlan id 5 dstport 4789 dev up0",
      "link add mv0 link up0 type macvlan",
      "link add ifb7 type ifb",
      "link set br0 up",
      "link set ifb7 up mtu 1400",
      "address add 10.0.0.2/24 brd + dev up0",
      "address add 10.0.0.3/24 dev up0",
      "address add 10.9.0.1 peer 10.9.0.2/32 dev ifb7",
      "address add fd00::2/64 dev up0 nodad",
    ]);
    let seen: readonly NetworkInterface[] = [];
    let witnessed: readonly WitnessedInterface[] = [];
    const operState: Record<string, string> = {
      LOWERLAYERDOWN: "lower-layer-down",
      NOTPRESENT: "not-present",
    };
    const bySeen = () =>
      seen.map((one) => ({
        index: one.index,
        name: one.name,
        mtu: one.mtu,
        up: one.up,
        carrier: one.carrier,
        operState: one.operState,
        mac: one.mac,
        addresses: one.addresses.map((a) => `${a.address}/${a.prefixLength}`),
      }));
    const byWitness = () =>
      witnessed.map((one) => ({
        index: one.ifindex,
        name: one.ifname,
        mtu: one.mtu,
        up: one.flags.includes("UP"),
        carrier: one.flags.includes("LOWER_UP"),
        operState: operState[one.operstate] ?? one.operstate.toLowerCase(),
        mac: one.link_type === "ether" ? (one.address ?? null) : null,
        addresses: one.addr_info.map((a) => `${a.local}/${a.prefixlen}`),
      }));
    // Carrier and link-local addresses settle for a moment.
    await until("equal answers", async () => {
      seen = await readAll();
      witnessed = host.namespace.ipJson("address show") as WitnessedInterface[];
      return JSON.stringify(bySeen()) === JSON.stringify(byWitness());
    }).catch(() => {});
    expect(bySeen()).toEqual(byWitness());
    expect(Object.fromEntries(seen.map((one) => [one.name, one.kind]))).toEqual({
      lo: "loopback",
      up0: "container",
      up0p: "container",
      br0: "bridge",
      vx0: "virtual",
      mv0: "virtual",
      ifb7: "virtual",
    });
    for (const { name } of seen)
      await until(`${name} alone to equal ${name} among all`, async () => {
        const among = (await readAll()).find((one) => one.name === name);
        return JSON.stringify(await host.interfaceNamed(name)) === JSON.stringify(among);
      });
  });

  test.skipIf(!mayMakeTunnels())(
    "a tun is a tunnel, a tap that is a bridge's port is none",
    async () => {
      host.namespace.ipBatch([
        "tuntap add tun0 mode tun",
        "tuntap add tap0 mode tap",
        "tuntap add tap1 mode tap",
        "link add br0 type bridge",
        "link set tap1 master br0",
        "address add 10.9.0.1 peer 10.9.0.2/32 dev tun0",
      ]);
      expect(await host.interfaceNamed("tun0")).toMatchObject({ kind: "tunnel", mac: null });
      expect((await host.interfaceNamed("tap0")).kind).toBe("tunnel");
      expect((await host.interfaceNamed("tap1")).kind).toBe("virtual");
    },
  );

  test("read() of an interface asks the kernel for no other", async () => {
    const others = Array.from({ length: 60 }, (_, at) => `link add other${at} type ifb`);
    host.namespace.ipBatch([
      ...others,
      ...uplinkCommands("up0"),
      "address add 10.0.0.2/24 dev up0",
    ]);
    const index = host.indexOf("up0");
    const told = new Set<number>();
    let buffers = 0;
    using requester = new Requester(() => {
      const transport = openRequestTransport();
      return {
        send: (bytes) => transport.send(bytes),
        setReceiveTimeout: (timeoutMs) => transport.setReceiveTimeout(timeoutMs),
        receiveWhole() {
          const datagram = transport.receiveWhole();
          const bytes = datagram?.bytes ?? new Uint8Array();
          buffers += 1;
          forEachMessage(bytes, bytes.length, (type, _flags, _seq, _pid, offset) => {
            if (type === RTM_NEWLINK || type === RTM_NEWADDR) told.add(readI32(bytes, offset + 4));
          });
          return datagram;
        },
        [Symbol.dispose]: () => transport[Symbol.dispose](),
      };
    });
    const read = await readInterface({ requester, isWireless: () => false }, index, never);
    expect(read).toMatchObject({ name: "up0" });
    expect([...told]).toEqual([index]);
    expect(buffers).toBeLessThan(6);
  });

  test("read() of very many interfaces gives each of them, and null for those that are gone", async () => {
    const names = Array.from({ length: 80 }, (_, at) => `many${at}`);
    host.namespace.ipBatch(names.map((name) => `link add ${name} type ifb`));
    const there = (await readAll()).filter((one) => one.name.startsWith("many"));
    const indexes = [...there.map((one) => one.index), 40_000];
    const { interfaces } = await host.platform.read(doors(indexes, []), never);
    expect([...interfaces]).toEqual([...there.map((one) => [one.index, one]), [40_000, null]]);
  });

  test("read() of very many interfaces dumps none: others that come and go would spoil it", async () => {
    const send = vi.spyOn(NetlinkSocket.prototype, "send");
    try {
      const indexes = Array.from({ length: 200 }, (_, at) => at + 1);
      await host.platform.read(doors(indexes, []), never);
      const dumps = send.mock.calls.filter(
        ([bytes]) =>
          readU16(bytes, 4) === RTM_GETLINK && (readU16(bytes, 6) & NLM_F_DUMP) === NLM_F_DUMP,
      );
      expect(send).toHaveBeenCalled();
      expect(dumps).toEqual([]);
    } finally {
      send.mockRestore();
    }
  });

  test("a name that comes back has a new index, the old one is null", async () => {
    host.namespace.ip("link add x0 type ifb");
    const before = host.indexOf("x0");
    host.namespace.ipBatch(["link del x0", "link add x0 type ifb"]);
    const after = host.indexOf("x0");
    expect(after).not.toBe(before);
    const { interfaces } = await host.platform.read(doors([before, after], []), never);
    expect(interfaces.get(before)).toBeNull();
    expect(interfaces.get(after)?.name).toBe("x0");
  });

  test("a rename changes the name and nothing else", async () => {
    host.namespace.ip("link add x0 type ifb");
    const before = await host.interfaceNamed("x0");
    host.namespace.ip("link set x0 name y0");
    expect(await host.interfaceNamed("y0")).toEqual({ ...before, name: "y0" });
  });

  test("an IPv6 address is tentative until duplicate address detection is over", async () => {
    host.namespace.ipBatch([...uplinkCommands("up0"), "address add fd00::2/64 dev up0"]);
    expect((await addressOf("up0", "fd00::2"))?.flags).toEqual(["tentative", "permanent"]);
    await until("the end of detection", async () => {
      const flags = (await addressOf("up0", "fd00::2"))?.flags;
      return flags?.length === 1 && flags[0] === "permanent";
    });
  });

  test("an IPv6 address that a neighbour has is a duplicate", async () => {
    host.namespace.ipBatch([...uplinkCommands("up0"), "address add fd00::2/64 dev up0p nodad"]);
    await until("carrier", async () => (await host.interfaceNamed("up0")).operState === "up");
    host.namespace.ip("address add fd00::2/64 dev up0");
    await until("the neighbour's answer", async () =>
      Boolean((await addressOf("up0", "fd00::2"))?.flags.includes("duplicate")),
    );
  });

  test("lifetimes become points in time, a peer and a scope are told", async () => {
    host.namespace.ipBatch([
      ...uplinkCommands("up0"),
      "address add 10.8.0.1/24 dev up0 valid_lft 3600 preferred_lft 1800",
      "address add fd00::3/64 dev up0 nodad valid_lft 3600 preferred_lft 0",
      "address add 10.9.0.1 peer 10.9.0.2/32 dev up0 scope link",
      "address add fd00::9 peer fd00::10 dev up0 nodad",
    ]);
    const now = Date.now();
    const timed = await addressOf("up0", "10.8.0.1");
    expect(timed?.flags).toEqual([]);
    expect(Math.abs((timed?.validUntil ?? 0) - now - 3_600_000)).toBeLessThan(3_000);
    expect(Math.abs((timed?.preferredUntil ?? 0) - now - 1_800_000)).toBeLessThan(3_000);
    expect((await addressOf("up0", "fd00::3"))?.flags).toEqual(["deprecated"]);
    expect(await addressOf("up0", "10.9.0.1")).toMatchObject({
      peer: "10.9.0.2",
      prefixLength: 32,
      scope: "link",
      validUntil: null,
      preferredUntil: null,
    });
    expect(await addressOf("up0", "fd00::9")).toMatchObject({ peer: "fd00::10" });
  });

  test("the first address of a prefix is the primary one, also when it was not added first", async () => {
    host.namespace.ipBatch([
      ...uplinkCommands("up0"),
      "address add 10.0.0.2/24 dev up0",
      "address add 10.0.0.1/24 dev up0",
      "address add 10.1.0.1/24 dev up0",
    ]);
    const found = (await host.interfaceNamed("up0")).addresses;
    const witnessed = host.namespace.ipJson("-4 address show dev up0") as WitnessedInterface[];
    expect(found.filter((one) => one.family === "ipv4").map((one) => one.address)).toEqual(
      witnessed[0]?.addr_info.map((one) => one.local),
    );
  });
});

/** Whether this user may open the device that makes tunnels; some machines keep it to root. */
function mayMakeTunnels(): boolean {
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
