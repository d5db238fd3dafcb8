import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import type { Status } from "../../src/admin-api/status-schema.ts";
import { netwatch, runCommand } from "../e2e/daemon-process.ts";
import { openTwoUplinks } from "../e2e/uplinks.ts";
import { until } from "../namespace/namespace.ts";
import { report } from "./bench-table.ts";
import { processorMs } from "./process-cost.ts";
import { openRouteWriter, type WrittenRoute } from "./route-writer.ts";

const unfilteredDaemon = fileURLToPath(new URL("unfiltered-daemon.mjs", import.meta.url));
const messages = 100_000;
const batch = 200;
const reconcileMs = 15_000;

describe("100,000 route messages in a burst, no filter in the kernel", () => {
  test.each([
    ["8 MiB", 8 << 20],
    ["64 KiB", 64 << 10],
  ])("with a receive buffer of %s", async (size, receiveBufferBytes) => {
    using uplinks = await openTwoUplinks();
    const oif = (uplinks.host.ipJson("link show up0") as { ifindex: number }[])[0]?.ifindex ?? 0;
    const directory = mkdtempSync(join(tmpdir(), "netwatch-bench-"));
    const socketPath = join(directory, "s");
    const daemon = uplinks.host.spawn(
      process.execPath,
      [unfilteredDaemon, socketPath, String(receiveBufferBytes), String(reconcileMs)],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const status = async (): Promise<Status | null> => {
      const { stdout } = await runCommand(process.execPath, [
        netwatch,
        "--socket",
        socketPath,
        "status",
        "--json",
      ]);
      return stdout === "" ? null : (JSON.parse(stdout) as Status);
    };
    await until("the daemon", async () => (await status()) !== null);
    await delay(2_000);
    const before = await status();
    enterNetworkNamespace(uplinks.host.path);
    using writer = openRouteWriter();
    const spent = processorMs(daemon.pid ?? 0);
    for (let sent = 0; sent < messages; sent += batch) {
      const routes = Array.from(
        { length: batch },
        (_, at): WrittenRoute => ({
          prefix: `100.${(sent / batch) % 250}.${at}.0/24`,
          gateway: "10.0.0.1",
          oif,
        }),
      );
      if (Math.floor(sent / batch / 250) % 2 === 0) writer.replace(routes);
      else writer.remove(routes);
    }
    writer.replace([{ prefix: "0.0.0.0/0", gateway: "10.0.0.77", oif, metric: 100 }]);
    const began = performance.now();
    await until(
      "the right state",
      async () => (await status())?.defaults.ipv4.effective?.gateway === "10.0.0.77",
      reconcileMs + 5_000,
    );
    const rightAfter = performance.now() - began;
    await delay(1_000);
    const cost = processorMs(daemon.pid ?? 0) - spent;
    const after = await status();
    const heard = (after?.counters.messages ?? 0) - (before?.counters.messages ?? 0);
    const overflows = (after?.source.overflows ?? 0) - (before?.source.overflows ?? 0);
    daemon.kill("SIGTERM");
    rmSync(directory, { recursive: true });
    report({
      subject: `burst of 100,000 route messages, no filter, ${size}`,
      target:
        size === "8 MiB"
          ? "no loss, right, under 1 s of CPU"
          : "overflow noticed, right in one reconcile",
      measured: `${heard} heard, ${overflows} overflows, right after ${rightAfter.toFixed(0)} ms, ${(cost / 1000).toFixed(2)} s of CPU`,
    });
    expect(after?.defaults.ipv4.effective?.gateway).toBe("10.0.0.77");
  });
});
