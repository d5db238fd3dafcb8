import { once } from "node:events";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runDaemon } from "../../src/daemon/daemon.ts";
import { loadConfig } from "../../src/daemon/load-config.ts";
import { openReadableLogger } from "../../src/daemon/logger.ts";
import { openPeerReader } from "../../src/daemon/peer.ts";
import { openPlatform } from "../../src/platform/open-platform.ts";
import { changeWorld, openDoomedManagement } from "./doomed-pieces.ts";
import type { FaultPoints } from "./fault-points.ts";
import type { Order } from "./life.ts";

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
  for (const [at, deed] of order.life.deeds.entries()) {
    if (deed.do === "stop") break;
    if (deed.do === "world") {
      changeWorld(deed);
      changed(at);
    }
    // What a request begins looks at the routing anew.
    if (deed.do === "install") await ask(socket, "POST", `/v1/routes/scoped/${deed.interfaceName}`);
    else if (deed.do === "remove")
      await ask(socket, "DELETE", `/v1/routes/scoped/${deed.interfaceName}`);
    else await ask(socket, "POST", "/v1/routes/restore");
  }
  if (order.life.deeds.some((deed) => deed.do === "stop")) ending.abort();
  else return;
  await running;
}

async function ask(socketPath: string, method: string, path: string): Promise<void> {
  const [answer] = await once(request({ socketPath, method, path }).end(), "response");
  answer.resume();
  await once(answer, "end");
  if (answer.statusCode >= 500) throw new Error(`${method} ${path}: ${answer.statusCode}`);
}
