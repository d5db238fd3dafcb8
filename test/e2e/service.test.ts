import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderSystemdUnit } from "../../src/daemon/service/systemd-unit.ts";
import { hasProgram } from "../installed-program.ts";
import { until } from "../namespace/namespace.ts";
import {
  type DatagramListener,
  listenForDatagrams,
} from "../native-bindings/linux/datagram-listener.ts";
import { sandboxOf, valuesOf } from "./service-sandbox.ts";
import { openTwoUplinks, type TwoUplinks, uplinkConfig } from "./uplinks.ts";

const built = (file: string): string =>
  fileURLToPath(new URL(`../../dist/bin/${file}`, import.meta.url));

const skip = !hasProgram("systemd-analyze");

describe.skipIf(skip)("netwatchd as its unit starts it", () => {
  let uplinks: TwoUplinks;
  let directory: string;
  let listener: DatagramListener;
  let unit: string;

  beforeEach(async () => {
    uplinks = await openTwoUplinks();
    uplinks.host.ip("route add default via 10.0.0.1 dev up0 metric 100");
    directory = mkdtempSync(join(tmpdir(), "netwatch-service-"));
    writeFileSync(join(directory, "config.toml"), uplinkConfig);
    listener = listenForDatagrams(join(directory, "notify"));
    unit = renderSystemdUnit({
      version: "0.1.0",
      programs: {
        node: process.execPath,
        netwatchd: built("daemon/main.js"),
        netwatch: built("cli/main.js"),
      },
    });
  });
  afterEach(() => {
    listener?.[Symbol.dispose]();
    uplinks?.[Symbol.dispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A command of the unit's, in its sandbox, with files of the test's own instead of the system's. */
  function commandOf(name: "ExecStart" | "ExecStopPost"): readonly string[] {
    const [command = ""] = valuesOf(unit, name);
    const own = ["--socket", join(directory, "s"), "--state-dir", join(directory, "state")];
    const config = ["--config", join(directory, "config.toml")];
    return [...sandboxOf(unit), ...command.split(" "), ...own, ...config];
  }

  function start(): { readonly child: ChildProcess; readonly log: () => string } {
    const [command = "", ...args] = commandOf("ExecStart");
    const child = uplinks.host.spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        NOTIFY_SOCKET: join(directory, "notify"),
        WATCHDOG_USEC: "1000000",
      },
    });
    let log = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    return { child, log: () => log };
  }

  const rules = (): string => uplinks.host.ip("rule show");

  test("it looks after routes, tells how it fares, and what is owed is settled after its end", async () => {
    const told: string[] = [];
    const hears = (what: string, daemon: { readonly log: () => string }): Promise<void> =>
      until(
        `${what}; it said ${daemon.log()}`,
        () => {
          told.push(...listener.take());
          return told.some((text) => text.includes(what));
        },
        30_000,
      );

    const first = start();
    await hears("READY=1", first);
    expect(told.join("")).toContain("STATUS=Watching ");
    expect(told.join("")).toContain("ipv4 by up0");
    expect(rules()).toContain("oif up0 lookup 5100");
    expect(first.log()).not.toMatch(/"level":"(warn|error)"/);
    await hears("WATCHDOG=1", first);
    told.length = 0;
    first.child.kill("SIGHUP");
    await hears("RELOADING=1\nMONOTONIC_USEC=", first);
    await hears("READY=1", first);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");

    const [command = "", ...args] = commandOf("ExecStopPost");
    const { stdout, stderr, status } = spawnSync(
      "nsenter",
      [`--net=${uplinks.host.path}`, "--", command, ...args],
      { encoding: "utf8" },
    );
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toContain("Scoped defaults are left to the next netwatchd.");
    expect(rules()).toContain("oif up0 lookup 5100");

    told.length = 0;
    const second = start();
    await hears("READY=1", second);
    second.child.kill("SIGTERM");
    await hears("STOPPING=1", second);
    if (second.child.exitCode === null) await once(second.child, "exit");
    expect(second.child.exitCode).toBe(0);
    expect(rules()).not.toContain("up0");
  }, 120_000);
});
