// netwatchd without the filter in the kernel: every route message reaches it, as on a system that has no filter.
// Arguments: the socket's path, the receive buffer in bytes, the interval of the reconcile in ms.
import { defaultConfig } from "../../dist/src/daemon/config.js";
import { runDaemon } from "../../dist/src/daemon/daemon.js";
import { openReadableLogger } from "../../dist/src/daemon/logger.js";
import { openLinuxPlatform } from "../../dist/src/platform/linux/linux-platform.js";

const [socketPath = "", receiveBufferBytes, reconcileMs] = process.argv.slice(2);
const config = {
  ...defaultConfig,
  monitor: { ...defaultConfig.monitor, reconcileMs: Number(reconcileMs) },
};
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
const platform = openLinuxPlatform({
  filter: false,
  receiveBufferBytes: Number(receiveBufferBytes),
});
await runDaemon(
  platform,
  {
    config,
    configFile: null,
    readConfig: async () => config,
    onReload: () => () => {},
    socket: { path: socketPath, platform: process.platform, uid: 0, ownDirectory: false },
    mode: { mode: "observe", reason: "because this is a measurement" },
    readPeer: () => ({ pid: process.pid, uid: 0, gid: 0 }),
    nextCommand: "netwatch status",
    log: openReadableLogger("error", process.stderr, () => new Date()),
  },
  stop.signal,
);
await platform[Symbol.asyncDispose]();
