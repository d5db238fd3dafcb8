import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startDaemon } from "../e2e/daemon-process.ts";
import { manageHost } from "../e2e/managed-host.ts";
import { openTwoUplinks, uplinkConfig } from "../e2e/uplinks.ts";
import { report } from "./bench-table.ts";
import { residentBytes, sleeps } from "./process-cost.ts";

const idleMs = 60_000;

test("an idle daemon's memory and wake-ups", async () => {
  using uplinks = await openTwoUplinks();
  await using daemon = await startDaemon(uplinks.host, { config: uplinkConfig });
  const bare = spawn(process.execPath, ["-e", "setInterval(()=>{},1e9)"], { stdio: "ignore" });
  const pid = daemon.child.pid ?? 0;
  await daemon.status();
  await delay(2_000);
  const slept = sleeps(pid);
  await delay(idleMs);
  const wakeUps = sleeps(pid) - slept;
  const [ours, bares] = [residentBytes(pid), residentBytes(bare.pid ?? 0)];
  bare.kill();
  report({
    subject: "idle daemon, resident memory against an idle node",
    target: "at most 1.6",
    measured: `${(ours / bares).toFixed(2)} (${mib(ours)} against ${mib(bares)})`,
  });
  report({
    subject: `idle daemon, wake-ups of its main thread in ${idleMs / 1000} s`,
    target: "what the reconcile needs",
    measured: `${wakeUps}`,
  });
  expect(ours).toBeGreaterThan(0);
});

test("the memory of an idle daemon that looks after routes", async () => {
  using uplinks = await openTwoUplinks();
  using managed = manageHost(uplinks.host);
  uplinks.host.ipBatch([
    "route add default via 10.0.0.1 dev up0 metric 100",
    "route add default via 10.1.0.1 dev up1 metric 600",
  ]);
  await using daemon = await managed.start();
  const bare = spawn(process.execPath, ["-e", "setInterval(()=>{},1e9)"], { stdio: "ignore" });
  await daemon.status();
  await delay(idleMs);
  const [ours, bares] = [residentBytes(daemon.child.pid ?? 0), residentBytes(bare.pid ?? 0)];
  bare.kill();
  report({
    subject: "idle daemon that looks after routes, resident memory against an idle node",
    target: "at most 1.6",
    measured: `${(ours / bares).toFixed(2)} (${mib(ours)} against ${mib(bares)})`,
  });
  expect(ours).toBeGreaterThan(0);
});

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
