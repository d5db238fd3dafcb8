import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLockSystem } from "../../src/management/lock-system.ts";
import { type ManagementOptions, openManagement } from "../../src/management/management.ts";
import { openMemoryPlatform } from "../../src/platform/memory/memory-platform.ts";
import { openMemoryRouteControl } from "../../src/platform/memory/memory-route-control.ts";
import { acquireManagementLock } from "../../src/routes/journal/management-lock.ts";

const options: ManagementOptions = {
  stateDirectory: "/nowhere",
  uid: 0,
  preferenceBase: 6_000,
  tableBase: 7_000,
  protocol: 201,
  flag: "proto3",
  readPeer: () => null,
};

describe("openManagement()", () => {
  test.each([
    ["rules", { preferenceBase: 6_000, tableBase: 7_000 }, "201"],
    ["routes", null, "proto3"],
  ] as const)("knows where %s stand and how they are marked", async (scoped, places, tag) => {
    const platform = openMemoryPlatform();
    const memory = openMemoryRouteControl(platform);
    const control = { ...memory, traits: { ...memory.traits, scoped } };
    await using management = await openManagement(platform, options, async () => control);
    expect(management).toMatchObject({ places, tag, control });
    expect(management.moment().uptimeMs).toBeLessThanOrEqual(platform.uptime().totalMs);
  });
});

describe("openLockSystem()", () => {
  test("on macOS is a file that says who has it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "netwatch-manage-"));
    try {
      const path = join(directory, "netwatch", "manage.lock");
      const system = await openLockSystem("darwin", () => null, path);
      const first = await acquireManagementLock(system);
      const by = { pid: process.pid, uid: process.getuid?.() };
      expect(await acquireManagementLock(system)).toEqual({ kind: "held", by });
      if (first.kind === "acquired") await first[Symbol.asyncDispose]();
      const second = await acquireManagementLock(system);
      expect(second.kind).toBe("acquired");
      if (second.kind === "acquired") await second[Symbol.asyncDispose]();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("on macOS is one file for the host, and on Linux a name of the network namespace", async () => {
    expect(await openLockSystem("darwin", () => null)).toMatchObject({
      kind: "file",
      path: "/var/run/netwatch/manage.lock",
    });
    expect(await openLockSystem("linux", () => null)).toMatchObject({
      kind: "abstract-socket",
      name: "netwatch/manage",
    });
  });
});
