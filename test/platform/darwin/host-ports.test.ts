import { spawnSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import { openDarwinPlatform } from "../../../src/platform/darwin/darwin-platform.ts";
import {
  type HostPorts,
  openHostPorts,
  readHostBootId,
} from "../../../src/platform/darwin/host-ports.ts";
import { NET_RT } from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeBuffer } from "../../../src/wire/pfroute/message-buffer.ts";
import { routeTableName } from "../../../src/wire/pfroute/sysctl-name.ts";

const { signal } = new AbortController();

/** Every interface of a reading of everything. */
async function readInterfaces(ports: HostPorts): Promise<readonly NetworkInterface[]> {
  await using platform = openDarwinPlatform(ports);
  const { interfaces } = await platform.read({ kind: "all" }, signal);
  return [...interfaces.values()].filter((one) => one !== null);
}

/** What another program of the same Mac says, or what it said before it failed: the independent witness. */
function said(command: string, ...args: readonly string[]): string {
  return spawnSync(command, args, { encoding: "utf8" }).stdout;
}

test.skipIf(process.platform === "darwin")("openHostPorts() opens nothing but a Mac", () => {
  expect(openHostPorts).toThrow("cannot open the routing socket of a Mac: this machine runs");
});

test("readHostBootId() gives the boot session, and nothing that is none", () => {
  const uuid = "6F0C7D1E-41B5-4E6C-9A86-2B8D3C9D5E10";
  const names: string[] = [];
  const read = (name: string): string => {
    names.push(name);
    return uuid;
  };
  expect(readHostBootId(read)).toBe(uuid);
  expect(names).toEqual(["kern.bootsessionuuid"]);
  expect(() => readHostBootId(() => "")).toThrow('"" is no UUID');
});

// Reads only, and needs no root.
describe.skipIf(process.platform !== "darwin")("on a Mac", () => {
  let ports: HostPorts;

  beforeAll(() => {
    ports = openHostPorts();
  });

  test("both clocks go forward; the one that stops in sleep is Node's own, and not ahead", () => {
    const before = Number(process.hrtime.bigint()) / 1e6;
    const { awakeMs, totalMs } = ports.clocks.read();
    const after = Number(process.hrtime.bigint()) / 1e6;
    // libuv takes mach_continuous_time where it is there, mach_absolute_time where not.
    const [near] = [awakeMs, totalMs].filter((ms) => ms >= before - 1 && ms <= after + 1);
    expect(near).toBeDefined();
    expect(totalMs).toBeGreaterThanOrEqual(awakeMs);
  });

  test.each([
    ["NET_RT_IFLIST2", NET_RT.IFLIST2, 0],
    ["NET_RT_DUMP2", NET_RT.DUMP2, 0],
    ["NET_RT_FLAGS", NET_RT.FLAGS, 0x4000_0000],
  ])("every message of %s decodes", (_name, operation, argument) => {
    const answer = ports.sysctl.read(routeTableName(0, operation, argument));
    const { messages, errors } = decodeBuffer(answer, darwinFormat);
    expect(errors).toEqual([]);
    expect(messages.filter(({ kind }) => kind === "unknown")).toEqual([]);
    expect(messages.length).toBeGreaterThan(0);
  });

  test("the boot session is what sysctl(8) says", () => {
    expect(readHostBootId()).toBe(said("sysctl", "-n", "kern.bootsessionuuid").trim());
  });

  test("a process has the name that ps(1) knows", () => {
    const known = said("ps", "-p", `${process.ppid}`, "-o", "ucomm=").trim();
    expect(ports.processes.nameOf(process.ppid)?.slice(0, 16)).toBe(known.slice(0, 16));
    expect(ports.processes.nameOf(99_999_999)).toBeNull();
  });

  test("interfaces and their addresses are those that Node knows", async () => {
    const read = (await readInterfaces(ports)).flatMap(({ name, addresses }) =>
      addresses.map(({ address, prefixLength }) => `${name} ${address}/${prefixLength}`),
    );
    const known = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.map(({ cidr }) => `${name} ${cidr}`),
    );
    for (const address of known) expect(read).toContain(address);
  });

  test("carriers and MAC addresses are those of ifconfig", async () => {
    for (const { name, up, carrier, mac } of await readInterfaces(ports)) {
      const text = said("ifconfig", name);
      const status = /status: (\w+)/.exec(text)?.[1];
      if (up && (status === "active" || status === "inactive"))
        expect(`${name} ${carrier}`).toBe(`${name} ${status === "active"}`);
      if (mac !== null) expect(text).toContain(`ether ${mac}`);
    }
  });

  test("the effective IPv4 default is that of route(8)", async () => {
    await using platform = openDarwinPlatform(ports);
    const { defaults, interfaces } = await platform.read({ kind: "all" }, signal);
    const [answer] = defaults.get("ipv4")?.answers ?? [];
    const text = said("route", "-n", "get", "1.0.0.1");
    const name = interfaces.get(answer?.interfaceIndex ?? 0)?.name ?? null;
    expect(name).toBe(/interface: (\S+)/.exec(text)?.[1] ?? null);
    expect(answer?.gateway ?? null).toBe(/gateway: ([\d.]+)/.exec(text)?.[1] ?? null);
  });

  test("the marked entries hold every plain default", async () => {
    const netstat = said("netstat", "-rn", "-f", "inet");
    const lines = netstat.split("\n").filter((line) => /^default\s/.test(line));
    const marked = decodeBuffer(
      ports.sysctl.read(routeTableName(2, NET_RT.FLAGS, 0x4000_0000)),
      darwinFormat,
    ).messages.filter((message) => message.kind === "route" && message.prefixLength === 0);
    expect(marked.length).toBe(lines.length);
  });

  test("a probe is answered, and the receive buffer is what was asked for", async () => {
    await using platform = openDarwinPlatform(ports);
    using source = platform.changes(signal);
    expect(await source.probe(2_000, signal)).toBe(true);
    expect(platform.counters()).toMatchObject({ open: true, receiveBufferBytes: 1 << 20 });
  });

  test("the second doorbell opens and closes", () => {
    const bell = ports.doorbell.listen(() => undefined);
    bell[Symbol.dispose]();
    bell[Symbol.dispose]();
  });
});
