import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { addTunnel } from "../namespace/tunnel.ts";
import { netwatch, runCommand, startDaemon } from "./daemon-process.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";
import { openTwoUplinks, type TwoUplinks, uplinkConfig } from "./uplinks.ts";

describe.skipIf(process.platform !== "linux")("a default that somebody took away", () => {
  let uplinks: TwoUplinks;
  let managed: ManagedHost;

  beforeEach(async () => {
    uplinks = await openTwoUplinks();
    managed = manageHost(uplinks.host);
    uplinks.host.ip("route add default via 10.0.0.1 dev up0 proto static mtu 1400");
    await until("no tentative address", () => uplinks.host.ip("-6 addr show tentative") === "");
  });
  afterEach(() => {
    managed?.[Symbol.dispose]();
    uplinks?.[Symbol.dispose]();
  });

  const ipv4 = (): string => uplinks.host.ip("-4 route show");

  /** A program that adds 0.0.0.0/0, gets EEXIST, deletes the default, adds its own over a tunnel and dies. */
  const badProgram = (): void => {
    const { host } = uplinks;
    host.ip(addTunnel);
    host.ip("address add 10.8.0.2/24 dev tun0");
    host.ip("link set tun0 up");
    expect(() => host.ip("route add default dev tun0")).toThrow(/File exists/);
    host.ip("route del default");
    host.ip("route add default dev tun0");
    host.ip("link del tun0");
  };

  test("add, EEXIST, delete, add its own, die: guard restore brings the default back", async () => {
    const before = ipv4();
    await using daemon = await managed.start('guard = "restore"\nguard_grace_ms = 500');
    using events = daemon.follow();
    badProgram();
    expect(ipv4()).not.toContain("default");
    await until("the default", () => ipv4() === before);
    await until("the word of it", () =>
      ["displaced", "default-lost", "default-restored"].every((kind) =>
        events.lines.some((event) => event.kind === kind),
      ),
    );
  });

  test("add, EEXIST, delete, add its own, die: under warn one command mends it", async () => {
    const before = ipv4();
    await using daemon = await managed.start('guard = "warn"\nguard_grace_ms = 500');
    using events = daemon.follow();
    await until(
      "the last known good",
      async () => (await daemon.netwatch("routes", "list")).stdout.includes("LAST KNOWN GOOD"),
      20_000,
    );
    badProgram();
    await until("the loss", () => events.lines.some(({ kind }) => kind === "default-lost"));
    const lost = events.lines.find(({ kind }) => kind === "default-lost");
    expect(lost).toMatchObject({ because: "displaced", remedy: "netwatch routes restore" });
    expect(ipv4()).not.toContain("default");
    expect(await daemon.netwatch("routes", "restore")).toMatchObject({ code: 0, stderr: "" });
    expect(ipv4()).toBe(before);
  });

  test("a default that is lost while another one stands: one command mends it, too", async () => {
    uplinks.host.ip("route add default via 10.1.0.1 dev up1 proto static metric 200");
    const before = ipv4();
    await using daemon = await managed.start('guard = "warn"\nguard_grace_ms = 500');
    using events = daemon.follow();
    badProgram();
    await until("the loss", () => events.lines.some(({ kind }) => kind === "default-lost"));
    expect(ipv4()).not.toContain("10.0.0.1");
    const foretold = await daemon.netwatch("routes", "restore", "--dry-run");
    expect(foretold.stdout).toContain("10.0.0.1");
    expect(ipv4()).not.toContain("10.0.0.1");
    expect(await daemon.netwatch("routes", "restore")).toMatchObject({ code: 0, stderr: "" });
    expect(ipv4()).toBe(before);
  });

  test("a second daemon of the same namespace is refused, whatever its state directory", async () => {
    await using first = await managed.start();
    expect((await first.status()).daemon.mode).toBe("manage");
    await expect(startDaemon(uplinks.host, { manage: true, config: uplinkConfig })).rejects.toThrow(
      new RegExp(`ended with 3: [^]*process ${first.child.pid} `),
    );
  });

  test("a restore without root says what to do", async () => {
    const words = [netwatch, "--socket", "/nonexistent", "routes", "restore"];
    // In a user namespace without any mapping nobody is root, whoever makes it.
    const result = await runCommand("unshare", ["--user", process.execPath, ...words]);
    expect(result).toMatchObject({ code: 4, stdout: "" });
    expect(result.stderr).toContain("sudo netwatch routes restore");
  });
});
