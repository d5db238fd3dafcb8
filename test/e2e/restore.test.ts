import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { netwatch, runCommand } from "./daemon-process.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";
import { openTwoUplinks, type TwoUplinks } from "./uplinks.ts";

const nothing = "Nothing to restore: everything is as it was.\n";

describe.skipIf(process.platform !== "linux")("netwatch routes restore after a kill -9", () => {
  let uplinks: TwoUplinks;
  let managed: ManagedHost;
  let before: readonly unknown[];

  beforeEach(async () => {
    uplinks = await openTwoUplinks();
    managed = manageHost(uplinks.host);
    uplinks.host.ipBatch([
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route add ::/0 via fe80::2 dev up1 metric 100",
      // Somebody else's rule at the very preference of ours.
      "rule add from 10.77.0.0/16 lookup 77 pref 5100",
    ]);
    await until("no tentative address", () => uplinks.host.ip("-6 addr show tentative") === "");
    before = managed.routing();
    const daemon = await managed.start();
    await daemon.stop("SIGKILL");
    expect(managed.routing()).not.toEqual(before);
  });
  afterEach(() => {
    managed?.[Symbol.dispose]();
    uplinks?.[Symbol.dispose]();
  });

  test("two at once: one does it, the other waits and finds nothing to do", async () => {
    const both = await Promise.all([managed.restore(), managed.restore()]);
    expect(both).toMatchObject([
      { code: 0, stderr: "" },
      { code: 0, stderr: "" },
    ]);
    expect(both.filter(({ stdout }) => stdout === nothing)).toHaveLength(1);
    expect(managed.routing()).toEqual(before);
  });

  test("the journal is lost: what carries the mark goes, and nothing else", async () => {
    rmSync(managed.stateDirectory, { recursive: true });
    expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
    expect(managed.routing()).toEqual(before);
    expect((await managed.restore()).stdout).toBe(nothing);
  });

  test("the journal is lost: another daemon adopts what stands", async () => {
    const standing = managed.routing();
    rmSync(managed.stateDirectory, { recursive: true });
    await using daemon = await managed.start();
    const { scoped } = await daemon.status();
    expect(scoped.map((one) => [one.interface, one.state, one.adopted])).toEqual([
      ["up0", "installed", true],
      ["up1", "installed", true],
    ]);
    expect(managed.routing()).toEqual(standing);
    expect(await daemon.stop("SIGTERM")).toBe(0);
    expect(managed.routing()).toEqual(before);
  });

  test("the state directory is read-only: all is brought back, and said that it is not recorded", async () => {
    const { host } = uplinks;
    const state = managed.stateDirectory;
    const readOnly = `mount --bind ${state} ${state} && mount -o remount,bind,ro ${state} && exec "$@"`;
    const result = await runCommand("nsenter", [
      `--net=${host.path}`,
      "--",
      ...["unshare", "--mount", "sh", "-c", readOnly, "sh", process.execPath, netwatch],
      ...["--socket", join(state, "none.sock"), "routes", "restore", "--state-dir", state],
    ]);
    expect(result).toMatchObject({ code: 5 });
    expect(result.stdout + result.stderr).toMatch(/read-only/);
    expect(managed.routing()).toEqual(before);
    expect((await managed.restore()).code).toBe(0);
    expect(managed.routing()).toEqual(before);
  });

  test("a journal of another namespace says nothing about this one", async () => {
    using other = await openTwoUplinks();
    const { host } = other;
    host.ip("route add default via 10.1.0.1 dev up1 metric 7");
    const standing = host.ip("route show table all");
    const result = await runCommand("nsenter", [
      ...[`--net=${host.path}`, "--", process.execPath, netwatch, "--socket", "/nonexistent"],
      ...["routes", "restore", "--state-dir", managed.stateDirectory],
    ]);
    expect(result).toEqual({ code: 0, stderr: "", stdout: nothing });
    expect(host.ip("route show table all")).toBe(standing);
    expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
    expect(managed.routing()).toEqual(before);
  });
});
