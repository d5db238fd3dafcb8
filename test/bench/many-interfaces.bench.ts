import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startDaemon } from "../e2e/daemon-process.ts";
import { openTwoUplinks, uplinkConfig } from "../e2e/uplinks.ts";
import { report } from "./bench-table.ts";
import { processorMs } from "./process-cost.ts";

const rounds = 30;

test("one interface changing on a host with 1,000 veths", async () => {
  const costs: string[] = [];
  for (const pairs of [1, 500]) {
    using uplinks = await openTwoUplinks();
    const names = Array.from({ length: pairs }, (_, at) => `v${at}`);
    uplinks.host.ipBatch(names.map((name) => `link add ${name} type veth peer name p${name}`));
    await using daemon = await startDaemon(uplinks.host, { config: uplinkConfig });
    await delay(2_000);
    const { counters, interfaces } = await daemon.status();
    const spent = processorMs(daemon.child.pid ?? 0);
    for (let round = 0; round < rounds; round += 1) {
      uplinks.host.ip(`link set up0 mtu ${1400 + round}`);
      await delay(450);
    }
    const cost = (processorMs(daemon.child.pid ?? 0) - spent) / rounds;
    const after = await daemon.status();
    expect(after.counters.reconciles - counters.reconciles).toBeLessThan(3);
    costs.push(`${interfaces.length} interfaces: ${cost.toFixed(2)} ms`);
  }
  report({
    subject: "CPU for one changing interface (reconcile included)",
    target: "the other interfaces are not dumped",
    measured: costs.join(", "),
  });
});
