import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";
import { openTwoUplinks, type TwoUplinks } from "./uplinks.ts";

describe.skipIf(process.platform !== "linux")("netwatchd that looks after routes", () => {
  let uplinks: TwoUplinks;
  let managed: ManagedHost;

  beforeEach(async () => {
    uplinks = await openTwoUplinks();
    managed = manageHost(uplinks.host);
    uplinks.host.ipBatch([
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route add default via 10.1.0.1 dev up1 metric 600",
      "route add ::/0 via fe80::1 dev up0 metric 100",
    ]);
    await until("no tentative address", () => uplinks.host.ip("-6 addr show tentative") === "");
  });
  afterEach(() => {
    managed?.[Symbol.dispose]();
    uplinks?.[Symbol.dispose]();
  });

  const tables = (): string => uplinks.host.ip("-4 route show table all proto 199");

  test("installs a scoped default for each uplink and family, and says so", async () => {
    const before = managed.routing();
    await using daemon = await managed.start();
    const { daemon: self, scoped } = await daemon.status();
    expect(self).toMatchObject({ mode: "manage", health: "ok" });
    expect(scoped.map((one) => [one.interface, one.family, one.gateway, one.state])).toEqual([
      ["up0", "ipv4", "10.0.0.1", "installed"],
      ["up1", "ipv4", "10.1.0.1", "installed"],
      ["up0", "ipv6", "fe80::1", "installed"],
    ]);
    expect(uplinks.host.ip("-4 route get 198.51.100.1 oif up1")).toContain("via 10.1.0.1");
    expect(await daemon.stop("SIGTERM")).toBe(0);
    expect(managed.routing()).toEqual(before);
  });

  test("follows a gateway that changes, and adopts what stands after a kill", async () => {
    const before = managed.routing();
    const first = await managed.start();
    uplinks.host.ip("route replace default via 10.0.0.9 dev up0 metric 100");
    await until("the other gateway", () => /default via 10\.0\.0\.9 dev up0/.test(tables()));
    await first.stop("SIGKILL");
    const standing = managed.routing();
    const second = await managed.start();
    expect((await second.status()).scoped.map(({ adopted }) => adopted)).toEqual([
      true,
      true,
      true,
    ]);
    expect(managed.routing()).toEqual(standing);
    uplinks.host.ip("route replace default via 10.0.0.1 dev up0 metric 100");
    const stoppedAt = performance.now();
    expect(await second.stop("SIGTERM")).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    expect(managed.routing()).toEqual(before);
  });

  test("on_stop keep leaves the scoped defaults, and one restore takes them away", async () => {
    const before = managed.routing();
    const daemon = await managed.start('on_stop = "keep"');
    await daemon.stop("SIGTERM");
    expect(tables()).toContain("default via 10.0.0.1 dev up0");
    const dry = await managed.restore("--dry-run");
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/up0 \(ipv4 via 10\.0\.0\.1\)/),
    });
    expect(tables()).toContain("default via 10.0.0.1 dev up0");
    expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
    expect(managed.routing()).toEqual(before);
    const again = await managed.restore();
    expect(again.stdout).toBe("Nothing to restore: everything is as it was.\n");
  });

  test("a rule flush is put right and told", async () => {
    await using daemon = await managed.start();
    using events = daemon.follow();
    uplinks.host.ip("rule flush proto 199");
    const kinds = (): readonly string[] => events.lines.map(({ kind }) => kind);
    await until(
      "the repair",
      () => kinds().filter((kind) => kind === "scoped-repaired").length >= 2,
    );
    expect(uplinks.host.ip("rule list")).toMatch(/oif up0 lookup 5100/);
  });
});
