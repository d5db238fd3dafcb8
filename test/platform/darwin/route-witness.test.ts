import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RouteEvidence } from "../../../src/platform/route-evidence.ts";
import { type DarwinHost, openDarwinHost, type RouteWords } from "./darwin-host.ts";

const { signal } = new AbortController();
const viaEn0: RouteWords = { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" };

describe("onEvidence() of a Mac", () => {
  let host: DarwinHost;
  let heard: RouteEvidence[];
  let listening: Disposable;

  beforeEach(() => {
    host = openDarwinHost(undefined, {
      processes: { nameOf: (pid) => (pid === 700 ? "openvpn" : null) },
    });
    heard = [];
    host.platform.changes(signal);
    listening = host.platform.onEvidence((evidence) => heard.push(evidence));
  });
  afterEach(async () => host[Symbol.asyncDispose]());

  const told = async (): Promise<readonly unknown[]> => {
    await Promise.resolve();
    return heard.map(({ action, route, requester, scopedTo }) => {
      const where = scopedTo === undefined ? "" : ` for ${scopedTo}`;
      const way = `${route.prefix} by ${route.gateway} over ${route.interfaceIndex}${where}`;
      return `${requester.command} ${action} ${way}`;
    });
  };

  test("names who added and who removed a default, and by which interface", async () => {
    host.route("ADD", viaEn0);
    host.route("DELETE", viaEn0);
    expect(await told()).toEqual([
      "openvpn added 0.0.0.0/0 by 192.0.2.1 over null",
      "openvpn removed 0.0.0.0/0 by 192.0.2.1 over 2",
    ]);
    expect(heard[0]?.requester).toEqual({ portId: 700, pid: 700, command: "openvpn" });
    expect(heard[0]?.at).toBeCloseTo(Date.now(), -4);
  });

  test("what is added names no interface: it is looked up while it stands", async () => {
    host.route("ADD", viaEn0);
    expect(await told()).toEqual(["openvpn added 0.0.0.0/0 by 192.0.2.1 over 2"]);
    host.route("ADD", { prefix: "::/0", interface: "en1", gateway: "fe80::1" });
    host.route("ADD", { prefix: "128.0.0.0/1", interface: "utun0", gateway: null });
    expect((await told()).slice(1)).toEqual([
      "openvpn added ::/0 by fe80::1 over 3",
      // Not among those that the kernel marks.
      "openvpn added 128.0.0.0/1 by null over null",
    ]);
  });

  test("a scoped one is told with its scope, and a change of one as such", async () => {
    host.route("ADD", { ...viaEn0, scoped: true });
    host.route("CHANGE", { ...viaEn0, gateway: "192.0.2.9", scoped: true });
    host.route("DELETE", { ...viaEn0, scoped: true });
    expect(await told()).toEqual([
      "openvpn added 0.0.0.0/0 by 192.0.2.1 over 2 for 2",
      "openvpn replaced 0.0.0.0/0 by 192.0.2.9 over 2 for 2",
      "openvpn removed 0.0.0.0/0 by 192.0.2.9 over 2 for 2",
    ]);
  });

  test("says nothing of refusals, of longer routes, of hosts, and of what is forged", async () => {
    host.route("ADD", viaEn0);
    await told();
    heard.length = 0;
    expect(() => host.route("ADD", viaEn0)).toThrow("errno 17");
    host.route("ADD", { ...viaEn0, prefix: "203.0.113.0/24" });
    host.route("ADD", { ...viaEn0, prefix: "203.0.113.9/32", flags: ["HOST"] });
    const attacker = host.double
      .asProcess(666, false)
      .open({ receiveBufferBytes: null, useLoopback: false, onReadable: () => undefined });
    attacker.send(new Uint8Array(96).fill(1));
    expect(await told()).toEqual([]);
  });

  test("what the kernel does by itself is its own", async () => {
    host.double.run("addr en0 192.0.2.10/1");
    const [first = null] = await told();
    expect(first).toMatch(/^null (added|removed) 128\.0\.0\.0\/1 by null over 2$/);
    expect(heard[0]?.requester).toEqual({ portId: 0, pid: null, command: null });
  });

  test("a process that is gone is known by its number, and nobody is told after the end", async () => {
    const other = host.double
      .asProcess(4242, true)
      .open({ receiveBufferBytes: null, useLoopback: true, onReadable: () => undefined });
    host.route("ADD", viaEn0);
    await told();
    const request = other.receive()?.slice() ?? new Uint8Array();
    request[3] = 2; // RTM_DELETE of what was just shown
    other.send(request);
    await told();
    expect(heard.at(-1)?.requester).toEqual({ portId: 4242, pid: 4242, command: null });
    listening[Symbol.dispose]();
    host.route("ADD", viaEn0);
    const { length } = heard;
    await told();
    expect(heard.length).toBe(length);
  });
});
