import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { netwatch, startDaemon } from "../e2e/daemon-process.ts";
import { openTwoUplinks, uplinkConfig } from "../e2e/uplinks.ts";
import { percentile, report } from "./bench-table.ts";

const pairs = 40;

test("netwatch status beside an empty node", async () => {
  using uplinks = await openTwoUplinks();
  await using daemon = await startDaemon(uplinks.host, { config: uplinkConfig });
  const timed = (args: readonly string[]): number => {
    const began = performance.now();
    expect(spawnSync(process.execPath, args, { stdio: "ignore" }).status).toBe(0);
    return performance.now() - began;
  };
  const ratios: number[] = [];
  const status: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const bare = timed(["-e", "0"]);
    const whole = timed([netwatch, "--socket", daemon.socketPath, "status"]);
    status.push(whole);
    ratios.push(whole / bare);
  }
  report({
    subject: "netwatch status, wall time against node -e 0",
    target: "at most 1.5",
    measured: `${percentile(ratios, 0.5).toFixed(2)} (median of ${pairs} pairs; ${percentile(status, 0.5).toFixed(0)} ms)`,
  });
});
