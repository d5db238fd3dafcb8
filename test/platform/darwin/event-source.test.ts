import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import type { RoutingSocketPort } from "../../../src/platform/darwin/routing-socket-port.ts";
import type { ChangeHint, ChangeSource } from "../../../src/platform/platform.ts";
import { recordedRequests } from "../../wire/pfroute/recordings.ts";
import { type DarwinHost, openDarwinHost } from "./darwin-host.ts";

const { signal } = new AbortController();

/** What rings next, in words: `2 ipv4`. */
async function next(source: ChangeSource): Promise<string> {
  const { value } = await source[Symbol.asyncIterator]().next();
  return ((value ?? []) as readonly ChangeHint[])
    .map((hint) => {
      if (hint.kind === "interface") return hint.index;
      return hint.kind === "defaults" ? hint.family : hint.reason;
    })
    .join(" ");
}

function openForeign(host: DarwinHost, privileged: boolean): ReturnType<RoutingSocketPort["open"]> {
  const options = { receiveBufferBytes: null, useLoopback: false, onReadable: () => undefined };
  return host.double.asProcess(700, privileged).open(options);
}

describe("changes() of a Mac", () => {
  let host: DarwinHost;
  let source: ChangeSource;

  beforeEach(() => {
    host = openDarwinHost();
    source = host.platform.changes(signal);
  });
  afterEach(async () => host[Symbol.asyncDispose]());

  test.each([
    ["mtu en1 1400", "3 ipv4 ipv6"],
    ["addr en1 198.51.100.11/32", "3 ipv4"],
    ["deladdr en0 2001:db8::10", "2 ipv6"],
    ["ifdown en0", "2 ipv4 ipv6"],
    ["detach utun0", "4 ipv4 ipv6"],
  ])("%s rings %s, in one batch", async (command, doors) => {
    host.double.run(command);
    expect(await next(source)).toBe(doors);
  });

  test("scoped and unscoped defaults and halves ring, longer routes and groups do not", async () => {
    const en0 = { interface: "en0", gateway: "192.0.2.1" };
    const ringing = [
      { ...en0, prefix: "0.0.0.0/0" },
      { ...en0, prefix: "0.0.0.0/0", scoped: true },
      { prefix: "128.0.0.0/1", interface: "utun0", gateway: null },
    ];
    for (const words of ringing) {
      host.route("ADD", words);
      expect(await next(source)).toBe("ipv4");
    }
    const { filtered, messages } = host.platform.counters();
    for (const prefix of ["10.0.0.0/8", "224.0.0.0/4", "203.0.113.0/24"])
      host.route("ADD", { ...en0, prefix });
    host.double.run("mtu en0 1400");
    expect(await next(source)).toBe("2 ipv4 ipv6");
    const after = host.platform.counters();
    expect([after.filtered - filtered, after.messages - messages]).toEqual([3, 4]);
  });

  test("a refused request rings nothing", async () => {
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    await next(source);
    expect(() =>
      host.route("ADD", { prefix: "0.0.0.0/0", interface: "en1", gateway: "198.51.100.1" }),
    ).toThrow("errno 17");
    host.double.run("mtu en0 1400");
    expect(await next(source)).toBe("2 ipv4 ipv6");
  });

  test("what a process without privilege forges is counted, and the state stays true", async () => {
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    await next(source);
    const before = await host.platform.read({ kind: "all" }, signal);
    const attacker = openForeign(host, false);
    const { foreign } = host.platform.counters();
    const forged = recordedRequests().filter(({ where }) => where.startsWith("spoof"));
    for (const { bytes } of forged) attacker.send(bytes);
    host.double.run("mtu en0 1400");
    host.double.run("mtu en0 1500");
    expect(await next(source)).toBe("2 ipv4 ipv6");
    expect(host.platform.counters().foreign).toBeGreaterThan(foreign);
    expect(host.platform.counters().undecodable).toBe(0);
    expect(await host.platform.read({ kind: "all" }, signal)).toEqual(before);
  });

  test("a message of a version that nobody knows rings everything", async () => {
    const broken = new Uint8Array(112);
    broken.set([112, 0, 6, 14]);
    openForeign(host, false).send(broken);
    expect(await next(source)).toBe("undecodable");
    expect(host.platform.counters().undecodable).toBe(1);
  });

  test("the doorbell rings every interface, those that went without a message too, and both families", async () => {
    await host.platform.read({ kind: "all" }, signal);
    host.double.kernel.interfaces[3] = null;
    host.ringDoorbell();
    expect(await next(source)).toBe("1 2 3 4 ipv4 ipv6");
  });

  test("a carrier that is lost is heard by the doorbell and read from the medium", async () => {
    host.media.set("en0", { active: false, wireless: false });
    host.double.run("link en0 0");
    host.ringDoorbell();
    expect((await next(source)).split(" ")).toContain("2");
    expect(await host.interfaceNamed("en0")).toMatchObject({ up: true, carrier: false });
  });

  test("the doorbell is silent once the source is closed", () => {
    source[Symbol.dispose]();
    expect(() => host.ringDoorbell()).not.toThrow();
    expect(host.platform.counters().open).toBe(false);
  });

  test("probe() is not answered by a socket that hears nothing, and by one opened anew", async () => {
    vi.useFakeTimers();
    try {
      host.double.deafen();
      const answered = source.probe(2_000, signal);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await answered).toBe(false);
      using fresh = host.platform.changes(signal);
      expect(await fresh.probe(2_000, signal)).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("probe() is false once the source is closed or the signal has aborted", async () => {
    expect(await source.probe(5_000, AbortSignal.abort())).toBe(false);
    const waiting = source.probe(5_000, signal);
    source[Symbol.dispose]();
    expect(await waiting).toBe(false);
    expect(await source.probe(5_000, signal)).toBe(false);
  });

  test("counters() say what the kernel granted", () => {
    expect(host.platform.counters()).toMatchObject({
      kind: "pfroute",
      open: true,
      receiveBufferBytes: 1 << 20,
      overflows: 0,
    });
  });
});

describe("changes() when a call fails", () => {
  const failing = (open: RoutingSocketPort["open"]): DarwinHost =>
    openDarwinHost(undefined, { routing: { pid: 501, open } });

  test("a socket that cannot be opened is a PlatformError", async () => {
    await using host = failing(() => {
      throw new SyscallError("socket", 1, "open a routing socket");
    });
    expect(() => host.platform.changes(signal)).toThrow(
      "cannot listen to the kernel's network events: cannot open a routing socket: socket:",
    );
  });

  test("a socket that dies ends the iteration with socket-lost, after what rang", async () => {
    let wake = (): void => undefined;
    await using host = failing(({ onReadable }) => {
      wake = onReadable;
      const receive = (): never => {
        throw new SyscallError("recv", 9, "receive from a routing socket");
      };
      return { receiveBufferBytes: 1, send: () => 0, receive, close: () => undefined };
    });
    const source = host.platform.changes(signal);
    const ended = next(source);
    wake();
    await expect(ended).rejects.toMatchObject({ name: "PlatformError", code: "socket-lost" });
    expect(await next(source)).toBe("");
    expect(host.platform.counters().open).toBe(false);
  });

  test("a doorbell that nobody answers for does not keep the socket from being heard", async () => {
    const doorbell = {
      listen: (): never => {
        throw new Error("notifyd is not there");
      },
    };
    await using host = openDarwinHost(undefined, { doorbell });
    const source = host.platform.changes(signal);
    host.double.run("mtu en0 1400");
    expect(await next(source)).toBe("2 ipv4 ipv6");
  });
});
