import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { startDaemon } from "../e2e/daemon-process.ts";
import { openTwoUplinks, uplinkConfig } from "../e2e/uplinks.ts";
import { percentile, report } from "./bench-table.ts";
import { openRouteWriter } from "./route-writer.ts";
import { subscribe } from "./subscriber.ts";

const samples = Number(process.env.NETWATCH_BENCH_SAMPLES ?? 200);

test("from a kernel change to the event at a subscriber", async () => {
  using uplinks = await openTwoUplinks();
  const oif = (uplinks.host.ipJson("link show up0") as { ifindex: number }[])[0]?.ifindex ?? 0;
  await using daemon = await startDaemon(uplinks.host, { config: uplinkConfig });
  enterNetworkNamespace(uplinks.host.path);
  using writer = openRouteWriter();
  using subscriber = await subscribe(daemon.socketPath);
  const latencies: number[] = [];
  for (let at = 0; at < samples; at += 1) {
    // Longer than the debounce: every change meets an idle daemon.
    await delay(450);
    const gateway = `10.0.0.${(at % 200) + 10}`;
    const told = subscriber.next(
      (line) => line.kind === "default-changed" && line.after?.gateway === gateway,
    );
    const began = performance.now();
    writer.replace([{ prefix: "0.0.0.0/0", gateway, oif, metric: 100 }]);
    latencies.push((await told) - began);
  }
  const ms = (share: number): string => `${percentile(latencies, share).toFixed(2)} ms`;
  report({
    subject: "kernel change to event, idle host, p50",
    target: "under 0.5 ms",
    measured: ms(0.5),
  });
  report({
    subject: "kernel change to event, idle host, p99",
    target: "under 3 ms",
    measured: ms(0.99),
  });
  expect(latencies).toHaveLength(samples);
});
