import { afterEach, describe, expect, test } from "vitest";
import { openLinuxPlatform } from "../../../src/platform/linux/linux-platform.ts";
import { type LinuxHost, openLinuxHost } from "./linux-host.ts";

const never = new AbortController().signal;

describe.skipIf(process.platform !== "linux")("openLinuxPlatform()", () => {
  let host: LinuxHost | null = null;
  afterEach(async () => {
    await host?.[Symbol.asyncDispose]();
    host = null;
  });

  test("enters the namespace that it is told to, and reads there", async () => {
    host = await openLinuxHost();
    host.namespace.ip("link add only-here type ifb");
    const path = host.namespace.path;
    await using elsewhere = await openLinuxHost();
    elsewhere.namespace.ip("link add only-there type ifb");
    await using platform = openLinuxPlatform({ netns: path });
    const { interfaces } = await platform.read({ kind: "all" }, never);
    const names = [...interfaces.values()].map((found) => found?.name);
    expect(names).toContain("only-here");
    expect(names).not.toContain("only-there");
  });

  test("throws a PlatformError for a namespace that is not there, and for what is none", () => {
    expect(() => openLinuxPlatform({ netns: "no-such-namespace" })).toThrow(
      "cannot enter the network namespace no-such-namespace: there is no such namespace; `ip netns",
    );
    expect(() => openLinuxPlatform({ netns: "/dev/null" })).toThrow(
      expect.objectContaining({
        name: "PlatformError",
        code: "rejected",
        message: "cannot enter the network namespace /dev/null: that is not a network namespace",
      }),
    );
  });

  test("changes() gives the granted receive buffer while a source is open", async () => {
    host = await openLinuxHost({ receiveBufferBytes: 50_000 });
    const { platform } = host;
    expect(platform.counters()).toMatchObject({ open: false, receiveBufferBytes: null });
    const source = platform.changes(never);
    expect(platform.counters()).toMatchObject({ open: true, receiveBufferBytes: 50_000 });
    source[Symbol.dispose]();
    expect(platform.counters()).toMatchObject({ open: false, receiveBufferBytes: null });
  });

  test("changes() of an aborted signal opens nothing that stays", async () => {
    host = await openLinuxHost();
    const source = host.platform.changes(AbortSignal.abort());
    expect(host.platform.counters().open).toBe(false);
    for await (const _batch of source) throw new Error("nothing was to come");
  });

  test("a closed platform refuses with a PlatformError", async () => {
    host = await openLinuxHost();
    const { platform } = host;
    await platform[Symbol.asyncDispose]();
    expect(() => platform.changes(never)).toThrow(
      "cannot listen to the kernel's network events: the platform is closed",
    );
    await expect(platform.read({ kind: "all" }, never)).rejects.toMatchObject({
      name: "PlatformError",
      code: "socket-lost",
    });
  });

  test("uptime() says how long the host has been up, sleep included", async () => {
    host = await openLinuxHost();
    const { awakeMs, totalMs } = host.platform.uptime();
    expect(awakeMs).toBeGreaterThan(0);
    expect(totalMs).toBeGreaterThanOrEqual(awakeMs);
  });
});
