import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { netwatch } from "../e2e/daemon-process.ts";
import { manageHost } from "../e2e/managed-host.ts";
import { openTwoUplinks } from "../e2e/uplinks.ts";
import { percentile, report } from "./bench-table.ts";

const idlePairs = 40;
const workingPairs = 15;

test("netwatch routes restore without a daemon, beside an empty node", async () => {
  using uplinks = await openTwoUplinks();
  using managed = manageHost(uplinks.host);
  uplinks.host.ip("route add default via 10.0.0.1 dev up0 metric 100");
  const enter = [`--net=${uplinks.host.path}`, "--", process.execPath];
  const timed = (words: readonly string[]): number => {
    const began = performance.now();
    expect(spawnSync("nsenter", [...enter, ...words], { stdio: "ignore" }).status).toBe(0);
    return performance.now() - began;
  };
  const socket = join(managed.stateDirectory, "none.sock");
  const restore = [netwatch, "--socket", socket, "routes", "restore"];
  const words = [...restore, "--state-dir", managed.stateDirectory];
  const pair = (): readonly [number, number] => [timed(["-e", "0"]), timed(words)];

  const working: (readonly [number, number])[] = [];
  for (let at = 0; at < workingPairs; at += 1) {
    const daemon = await managed.start();
    await daemon.stop("SIGKILL");
    working.push(pair());
  }
  const idle = Array.from({ length: idlePairs }, pair);
  const row = (subject: string, pairs: readonly (readonly [number, number])[]): void => {
    const ratio = percentile(
      pairs.map(([bare, whole]) => whole / bare),
      0.5,
    );
    const wholeMs = percentile(
      pairs.map(([, whole]) => whole),
      0.5,
    );
    report({
      subject: `netwatch routes restore, wall time against node -e 0, ${subject}`,
      target: "under 3",
      measured: `${ratio.toFixed(2)} (median of ${pairs.length} pairs; ${wholeMs.toFixed(0)} ms)`,
    });
  };
  row("after a kill", working);
  row("nothing to do", idle);
});
