import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { type CommandResult, netwatch, runCommand, startDaemon } from "./daemon-process.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";
import { openTwoUplinks, type TwoUplinks, uplinkConfig } from "./uplinks.ts";

describe.skipIf(process.platform !== "linux")("commands where no netwatchd manages routes", () => {
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

  /** A command of root in the host's namespace, with the state directory of its daemon. */
  const inHost = (socket: string, ...words: readonly string[]): Promise<CommandResult> =>
    runCommand("nsenter", [
      `--net=${uplinks.host.path}`,
      "--",
      process.execPath,
      netwatch,
      "--socket",
      socket,
      "routes",
      ...words,
      "--state-dir",
      managed.stateDirectory,
    ]);

  test("a restore beside a daemon that only watches is done by the command itself", async () => {
    const before = managed.routing();
    const killed = await managed.start();
    await killed.stop("SIGKILL");
    expect(managed.routing()).not.toEqual(before);
    await using watching = await startDaemon(uplinks.host, { config: uplinkConfig });
    const dry = await inHost(watching.socketPath, "restore", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    expect(dry.stdout).toBe(
      "Would remove the scoped default of up0 (ipv4 via 10.0.0.1): nobody asks for it any more.\n",
    );
    expect(managed.routing()).not.toEqual(before);
    const restored = await inHost(watching.socketPath, "restore");
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(restored.stdout).toBe(
      "Removed the scoped default of up0 (ipv4 via 10.0.0.1): nobody asks for it any more.\n",
    );
    expect(managed.routing()).toEqual(before);
  });

  test("what a daemon that only watches refuses says why, and what would help", async () => {
    await using watching = await startDaemon(uplinks.host, { config: uplinkConfig });
    for (const words of [["install", "up0"], ["remove", "up0"], ["plan"]]) {
      const result = await watching.netwatch("routes", ...words);
      expect(result, words.join(" ")).toMatchObject({ code: 5, stdout: "" });
      expect(result.stderr).toMatch(
        /^netwatch: cannot .*: this netwatchd changes no routes, as asked by --observe\nStart netwatchd without --observe\n$/,
      );
    }
  });

  test("the last known good default is forgotten without a daemon, and not beside one by another socket", async () => {
    const noSocket = join(managed.stateDirectory, "none");
    const daemon = await managed.start();
    const list = async (): Promise<string> => (await daemon.netwatch("routes", "list")).stdout;
    await until("the last known good", async () => /LAST KNOWN GOOD/.test(await list()), 30_000);
    const beside = await inHost(noSocket, "forget");
    expect(beside).toMatchObject({ code: 3, stdout: "" });
    expect(beside.stderr).toContain(
      `process ${daemon.child.pid} of user 0 manages the routes of this network namespace`,
    );
    await daemon.stop("SIGTERM");

    const forgotten = await inHost(noSocket, "forget");
    expect(forgotten).toEqual({
      code: 0,
      stdout: "ipv4 default via 10.0.0.1 dev up0: forgotten\n",
      stderr: "",
    });
    expect(await inHost(noSocket, "forget")).toMatchObject({
      code: 0,
      stdout: "nothing to forget: no last known good default is known\n",
    });
    uplinks.host.ip("route del default");
    expect((await inHost(noSocket, "restore")).stdout).toMatch(/^ipv4 has no default route/);
  });

  test("without root, forgetting says what to do", async () => {
    const words = [netwatch, "--socket", "/nonexistent", "routes", "forget"];
    // In a user namespace without any mapping nobody is root, whoever makes it.
    const result = await runCommand("unshare", ["--user", process.execPath, ...words]);
    expect(result).toMatchObject({ code: 4, stdout: "" });
    expect(result.stderr).toContain("sudo netwatch routes forget");
  });
});
