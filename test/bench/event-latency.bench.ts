import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { startDaemon } from "../e2e/daemon-process.ts";
import { openTwoUplinks, uplinkConfig } from "../e2e/uplinks.ts";
import { until } from "../namespace/namespace.ts";
import { percentile, report } from "./bench-table.ts";
import { openRouteWriter } from "./route-writer.ts";
import { subscribe } from "./subscriber.ts";

const samples = Number(process.env.NETWATCH_BENCH_SAMPLES ?? 200);
const relay = fileURLToPath(new URL("relay.mjs", import.meta.url));

test("from a kernel change to the event at a subscriber", async () => {
  using uplinks = await openTwoUplinks();
  const oif = (uplinks.host.ipJson("link show up0") as { ifindex: number }[])[0]?.ifindex ?? 0;
  await using daemon = await startDaemon(uplinks.host, { config: uplinkConfig });
  const directory = mkdtempSync(join(tmpdir(), "netwatch-bench-"));
  const relaySocket = join(directory, "s");
  const relaying = uplinks.host.spawn(process.execPath, [relay, relaySocket], { stdio: "inherit" });
  await until("the relay", () => existsSync(relaySocket));
  enterNetworkNamespace(uplinks.host.path);
  using writer = openRouteWriter();
  using subscriber = await subscribe(daemon.socketPath);
  using relayed = await subscribe(relaySocket);
  const latencies: number[] = [];
  const floors: number[] = [];
  for (let at = 0; at < samples; at += 1) {
    // Longer than the debounce: every change meets an idle daemon.
    await delay(450);
    const gateway = `10.0.0.${(at % 200) + 10}`;
    const told = subscriber.next(
      (line) => line.kind === "default-changed" && line.after?.gateway === gateway,
    );
    const floor = relayed.next(() => true);
    const began = performance.now();
    writer.replace([{ prefix: "0.0.0.0/0", gateway, oif, metric: 100 }]);
    floors.push((await floor) - began);
    latencies.push((await told) - began);
  }
  relaying.kill();
  rmSync(directory, { recursive: true });
  const both = (share: number): string =>
    `${percentile(latencies, share).toFixed(2)} ms (a bare relay on Node: ${percentile(floors, share).toFixed(2)} ms)`;
  const subject = "kernel change to event, idle host";
  report({ subject: `${subject}, p50`, target: "under 0.5 ms", measured: both(0.5) });
  report({ subject: `${subject}, p99`, target: "under 3 ms", measured: both(0.99) });
  expect(latencies).toHaveLength(samples);
});
