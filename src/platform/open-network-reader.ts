import { openPlatform } from "./open-platform.ts";
import type { NetworkReader } from "./platform.ts";

/**
 * Opens the operating system that we run on for who only reads: on Linux without what listens to it, which a command
 * that ends at once has no need to load.
 *
 * @throws PlatformError: `unsupported` for a system that netwatch cannot watch
 */
export async function openNetworkReader(options: {
  /** Protocol number of our own routes and rules (Linux). */
  readonly protocolTag?: number;
}): Promise<NetworkReader> {
  if (process.platform !== "linux") return await openPlatform(options);
  const { openLinuxReader } = await import("./linux/linux-reader.ts");
  return openLinuxReader(options);
}
