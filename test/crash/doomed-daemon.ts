import { once } from "node:events";
import { existsSync } from "node:fs";
import { type ClientRequest, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { leasesPath, restorePath, scopedRoutePath, statusPath } from "../../src/admin-api/paths.ts";
import type { Status } from "../../src/admin-api/status-schema.ts";
import { runDaemon } from "../../src/daemon/daemon.ts";
import { loadConfig } from "../../src/daemon/load-config.ts";
import { openReadableLogger } from "../../src/daemon/logger.ts";
import { openPeerReader } from "../../src/daemon/peer.ts";
import { openPlatform } from "../../src/platform/open-platform.ts";
import { changeWorld, openDoomedManagement } from "./doomed-pieces.ts";
import type { FaultPoints } from "./fault-points.ts";
import type { AskedLease, Order } from "./life.ts";

/** The life of all of netwatchd, asked over its admin socket. */
export async function beDaemon(
  order: Order,
  points: FaultPoints,
  changed: (deed: number) => void,
): Promise<void> {
  const file = join(order.directory, "config.toml");
  const { config } = await loadConfig(file, true);
  const platform = await openPlatform({ netns: order.netns });
  const socket = join(order.directory, "netwatchd.sock");
  const ending = new AbortController();
  const running = runDaemon(
    platform,
    {
      config,
      configFile: file,
      readConfig: async () => config,
      onReload: () => () => undefined,
      socket: {
        path: socket,
        platform: process.platform,
        uid: process.geteuid?.() ?? 0,
        ownDirectory: false,
      },
      mode: { mode: "manage", reason: "" },
      openManagement: () => openDoomedManagement(platform, order, points),
      readPeer: await openPeerReader(process.platform),
      notifier: null,
      nextCommand: "netwatch status",
      log: openReadableLogger("error", process.stderr, () => new Date()),
    },
    ending.signal,
  );
  let ended = false;
  void running.finally(() => {
    ended = true;
  });
  while (!existsSync(socket) && !ended) await delay(2);
  const leases: ClientRequest[] = [];
  for (const [at, deed] of order.life.deeds.entries()) {
    if (deed.do === "stop") break;
    if (deed.do === "world") {
      changeWorld(deed);
      changed(at);
    } else if (deed.do === "lease") leases.push(await lease(socket, deed.lease));
    else if (deed.do === "release") {
      for (const held of leases.splice(0)) held.destroy();
      while ((await ask(socket, "GET", statusPath)).leases.length > 0) await delay(2);
    } else if (deed.do === "install" || deed.do === "remove") {
      const method = deed.do === "install" ? "POST" : "DELETE";
      await ask(socket, method, scopedRoutePath.replace("{interface}", deed.interfaceName));
    }
    // The loop has looked at the routing once more before it answers.
    await ask(socket, "POST", restorePath);
  }
  if (order.life.deeds.some((deed) => deed.do === "stop")) ending.abort();
  else return;
  await running;
}

async function ask(socketPath: string, method: string, path: string): Promise<Status> {
  const [answer] = await once(request({ socketPath, method, path }).end(), "response");
  const body = JSON.parse(await text(answer));
  if (answer.statusCode >= 500) throw new Error(`${method} ${path}: ${JSON.stringify(body)}`);
  return body;
}

/** Holds a lease until the request is destroyed; a refusal is an answer like any other. */
async function lease(socketPath: string, wish: AskedLease): Promise<ClientRequest> {
  const asking = request({ socketPath, method: "POST", path: leasesPath });
  asking.on("error", () => undefined);
  asking.end(JSON.stringify({ kind: "default", via: "tun0", ...wish }));
  const [answer] = await once(asking, "response");
  await once(answer, "data");
  answer.on("error", () => undefined).resume();
  return asking;
}
