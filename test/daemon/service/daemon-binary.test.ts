import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../../namespace/namespace.ts";
import { listenForDatagrams } from "../../native-bindings/linux/datagram-listener.ts";
import { openTemporaryDirectory } from "../admin-client.ts";
import { type DaemonProcess, startNetwatchd, startWords, untilStarted } from "../daemon-process.ts";

/** The words by which env(1) starts a program with these variables. */
function withEnvironment(variables: Readonly<Record<string, string>>): readonly string[] {
  return ["env", ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)];
}

describe.skipIf(process.platform !== "linux")("netwatchd as a service", () => {
  test.each(["path", "abstract name"])(
    "tells its whole life to a socket with a %s",
    async (kind) => {
      using directory = openTemporaryDirectory();
      const socket = join(directory.path, "notify");
      const name = kind === "path" ? socket : `@${socket}`;
      using listener = listenForDatagrams(name);
      const told: string[] = [];
      const hears = (what: string): Promise<void> =>
        until(what, () => {
          told.push(...listener.take());
          return told.some((text) => text.includes(what));
        });
      using daemon = startNetwatchd(
        startWords(directory.path),
        withEnvironment({ NOTIFY_SOCKET: name, WATCHDOG_USEC: "200000" }),
      );
      await hears("READY=1\n");
      expect(told[0]).toBe(
        "READY=1\nSTATUS=Watching 0 interfaces; ipv4 by nothing, ipv6 by nothing\n",
      );
      await hears("WATCHDOG=1\n");
      told.length = 0;
      writeFileSync(join(directory.path, "config.toml"), "[log]\nlevel = 3\n");
      daemon.child.kill("SIGHUP");
      await hears("READY=1\n");
      expect(told.some((text) => /^RELOADING=1\nMONOTONIC_USEC=\d+\n$/.test(text))).toBe(true);
      await until("the log", () => daemon.log().includes("stays as it was"));
      told.length = 0;
      daemon.child.kill("SIGTERM");
      await hears("STOPPING=1\n");
      expect(await daemon.exit()).toBe(0);
    },
  );

  const answers = async (daemon: DaemonProcess): Promise<void> => {
    await untilStarted(daemon);
    daemon.child.kill("SIGTERM");
    expect(await daemon.exit()).toBe(0);
  };

  test("runs on where nobody can be told", async () => {
    using directory = openTemporaryDirectory();
    for (const name of [join(directory.path, "none"), "vsock:2:1", "@".repeat(200)]) {
      const words = startWords(directory.path);
      using daemon = startNetwatchd(words, withEnvironment({ NOTIFY_SOCKET: name }));
      await answers(daemon);
      expect(daemon.log().match(/cannot be told how netwatchd fares/g)).toHaveLength(1);
    }
  });

  test("is not fed for another process's watchdog", async () => {
    using directory = openTemporaryDirectory();
    const name = join(directory.path, "notify");
    using listener = listenForDatagrams(name);
    using daemon = startNetwatchd(
      startWords(directory.path),
      withEnvironment({ NOTIFY_SOCKET: name, WATCHDOG_USEC: "2000", WATCHDOG_PID: "1" }),
    );
    await answers(daemon);
    const told = listener.take().join("");
    expect(told).toContain("READY=1");
    expect(told).not.toContain("WATCHDOG");
  });
});
