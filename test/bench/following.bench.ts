import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { NetlinkSocket } from "../../native-bindings/linux/netlink-socket.ts";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { formatIpAddress } from "../../src/network/address.ts";
import { splitMessages } from "../../src/wire/netlink/message.ts";
import { RTM_NEWROUTE } from "../../src/wire/netlink/message-constants.ts";
import { decodeRoute } from "../../src/wire/netlink/route.ts";
import { manageHost } from "../e2e/managed-host.ts";
import { openTwoUplinks } from "../e2e/uplinks.ts";
import { until } from "../namespace/namespace.ts";
import { percentile, report } from "./bench-table.ts";
import { openRouteWriter } from "./route-writer.ts";

const samples = Number(process.env.NETWATCH_BENCH_SAMPLES ?? 100);
const RTNLGRP_IPV4_ROUTE = 7; // linux/rtnetlink.h
const ourTable = 5100;

test("from another gateway of an uplink to its scoped default following", async () => {
  using uplinks = await openTwoUplinks();
  using managed = manageHost(uplinks.host);
  uplinks.host.ip("route add default via 10.0.0.1 dev up0 metric 100");
  const [link] = uplinks.host.ipJson("link show up0") as { ifindex: number }[];
  const oif = link?.ifindex ?? 0;
  await using daemon = await managed.start();
  await until("the scoped default", async () => (await daemon.status()).scoped.length === 1);
  enterNetworkNamespace(uplinks.host.path);
  using writer = openRouteWriter();
  using witness = openWitness();
  const latencies: number[] = [];
  for (let at = 0; at < samples; at += 1) {
    // Longer than the debounce: every change meets an idle daemon, which does not wait.
    await delay(450);
    const gateway = `10.0.0.${(at % 200) + 10}`;
    const followed = witness.next(gateway);
    const began = performance.now();
    writer.replace([{ prefix: "0.0.0.0/0", gateway, oif, metric: 100 }]);
    latencies.push((await followed) - began);
  }
  const measured = (share: number): string => `${percentile(latencies, share).toFixed(2)} ms`;
  const subject = "gateway change to scoped default, idle host";
  report({ subject: `${subject}, p50`, target: "under 20 ms", measured: measured(0.5) });
  report({ subject: `${subject}, p99`, target: "none", measured: measured(0.99) });
  expect(latencies).toHaveLength(samples);
});

interface Witness extends Disposable {
  /** When the default of our table has that gateway, as performance.now() tells time. */
  next(gateway: string): Promise<number>;
}

/** Listens to the kernel itself: what it announces has happened. */
function openWitness(): Witness {
  const socket = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 65_536 });
  socket.join(RTNLGRP_IPV4_ROUTE);
  let waiting: { readonly gateway: string; readonly resolve: (at: number) => void } | null = null;
  socket.watch(() => {
    const at = performance.now();
    for (let datagram = socket.receive(); datagram !== null; datagram = socket.receive()) {
      for (const { type, body } of splitMessages(datagram.bytes.slice())) {
        if (type !== RTM_NEWROUTE) continue;
        const { table, gateway } = decodeRoute(body);
        if (table !== ourTable || gateway === null) continue;
        if (formatIpAddress(gateway) === waiting?.gateway) waiting.resolve(at);
      }
    }
  });
  return {
    next: (gateway) =>
      new Promise((resolve) => {
        waiting = { gateway, resolve };
      }),
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}
