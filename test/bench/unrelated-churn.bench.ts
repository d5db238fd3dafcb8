import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { startDaemon } from "../e2e/daemon-process.ts";
import { openTwoUplinks, uplinkConfig } from "../e2e/uplinks.ts";
import { report } from "./bench-table.ts";
import { processorMs } from "./process-cost.ts";
import { openRouteWriter, type WrittenRoute } from "./route-writer.ts";

const seconds = Number(process.env.NETWATCH_BENCH_SECONDS ?? 20);
const batch = 25;
const batchesASecond = 200;

test("5,000 unrelated route changes a second", async () => {
  using uplinks = await openTwoUplinks();
  const oif = (uplinks.host.ipJson("link show up0") as { ifindex: number }[])[0]?.ifindex ?? 0;
  await using daemon = await startDaemon(uplinks.host, { config: uplinkConfig });
  enterNetworkNamespace(uplinks.host.path);
  using writer = openRouteWriter();
  const pid = daemon.child.pid ?? 0;
  const routes = Array.from(
    { length: batch },
    (_, at): WrittenRoute => ({
      prefix: `100.64.${at}.0/24`,
      gateway: "10.0.0.1",
      oif,
    }),
  );
  await delay(3_000);
  const idle = await costOf(pid, async () => delay(seconds * 1000));
  let changes = 0;
  const busy = await costOf(pid, async () => {
    const began = performance.now();
    for (let round = 0; round < seconds * batchesASecond; round += 1) {
      if (round % 2 === 0) writer.replace(routes);
      else writer.remove(routes);
      changes += batch;
      const ahead = began + (round * 1000) / batchesASecond - performance.now();
      if (ahead > 1) await delay(ahead);
    }
  });
  report({
    subject: "cost of 5,000 unrelated route changes a second",
    target: "under 0.1 % of a core",
    measured: `${percent(busy)} (idle ${percent(idle)})`,
  });
  expect(changes).toBe(seconds * 5_000);
});

/** Share of a core that a process took while something was done. */
async function costOf(pid: number, act: () => Promise<void>): Promise<number> {
  const [spent, began] = [processorMs(pid), performance.now()];
  await act();
  return (processorMs(pid) - spent) / (performance.now() - began);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)} %`;
}
