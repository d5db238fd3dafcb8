import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";
import { openTwoUplinks, type TwoUplinks } from "./uplinks.ts";

describe.skipIf(process.platform !== "linux")("a journal that cannot be written any more", () => {
  let uplinks: TwoUplinks;
  let managed: ManagedHost;

  beforeEach(async () => {
    uplinks = await openTwoUplinks();
    managed = manageHost(uplinks.host);
    uplinks.host.ip("route add default via 10.0.0.1 dev up0 metric 100");
    await until("no tentative address", () => uplinks.host.ip("-6 addr show tentative") === "");
  });
  afterEach(() => {
    managed?.[Symbol.dispose]();
    uplinks?.[Symbol.dispose]();
  });

  /** No file of that process may grow beyond the journal's present size (setrlimit(2)): the disk is full for it. */
  const fillDisk = ({ child }: DaemonProcess): void => {
    const { size } = statSync(join(managed.stateDirectory, "journal"));
    limitFiles(child.pid, String(size));
  };
  const makeRoom = ({ child }: DaemonProcess): void => limitFiles(child.pid, "unlimited");
  const limitFiles = (pid: number | undefined, limit: string): void => {
    execFileSync("prlimit", [`--pid=${pid}`, `--fsize=${limit}:unlimited`]);
  };
  const becomesDegraded = async (daemon: DaemonProcess): Promise<readonly string[]> => {
    let reasons: readonly string[] = [];
    await until("the trouble", async () => {
      const { daemon: self } = await daemon.status();
      reasons = self.reasons;
      return self.health === "degraded";
    });
    return reasons;
  };

  test("changes nothing that it could not write down, says so, and goes on when there is room", async () => {
    await using daemon = await managed.start();
    fillDisk(daemon);
    const before = managed.routing();
    uplinks.host.ip("route add default via 10.1.0.1 dev up1 metric 600");
    const withDefault = managed.routing();
    expect(await becomesDegraded(daemon)).toEqual([
      expect.stringMatching(
        /^routes are not looked after: cannot write to the journal in .*state: the file-size limit is reached; make room on that disk, netwatchd then goes on by itself$/,
      ),
    ]);
    expect(managed.routing()).toEqual(withDefault);

    const refused = await daemon.netwatch("routes", "install", "up1");
    expect(refused).toMatchObject({ stdout: "", code: 1 });
    expect(refused.stderr).toMatch(
      /^netwatch: cannot install the scoped defaults of up1: cannot write to the journal .*\nMake room on that disk/,
    );
    expect(managed.routing()).toEqual(withDefault);
    expect(before).not.toEqual(withDefault);

    makeRoom(daemon);
    await until("the scoped default", () =>
      /default via 10\.1\.0\.1 dev up1/.test(uplinks.host.ip("-4 route show table all proto 199")),
    );
    expect((await daemon.status()).daemon).toMatchObject({ health: "ok", reasons: [] });
    expect(daemon.log()).toContain("routes are looked after again");
  });

  test("the routing is brought back all the same when the daemon ends", async () => {
    const before = managed.routing();
    const daemon = await managed.start();
    expect(managed.routing()).not.toEqual(before);
    fillDisk(daemon);
    expect(await daemon.stop("SIGTERM")).toBe(0);
    expect(managed.routing()).toEqual(before);
    expect(daemon.log()).toContain("the routes are brought back without it");
    const restored = await managed.restore();
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(managed.routing()).toEqual(before);
  });
});
