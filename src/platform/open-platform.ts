import type { Platform } from "./platform.ts";
import { PlatformError } from "./platform-error.ts";

type PlatformKind = "linux" | "darwin" | "memory";

export interface PlatformOptions {
  /** Which kernel; without it, that of the machine. A real kernel only on a machine of its own. */
  readonly kind?: PlatformKind;
  /** Asked of the kernel for each event socket. */
  readonly receiveBufferBytes?: number;
  /** Lets the kernel drop events about routes that concern nobody (Linux). */
  readonly filter?: boolean;
  /** Protocol number of our own routes and rules (Linux). */
  readonly protocolTag?: number;
  /** A network namespace, by name or path, for the whole process (Linux). */
  readonly netns?: string | null;
}

/**
 * Opens the operating system that we run on. Only the code of that one is loaded.
 *
 * @throws PlatformError: `unsupported` for a system that netwatch cannot watch
 */
export async function openPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const kind = options.kind ?? process.platform;
  switch (kind) {
    case "memory": {
      const { openMemoryPlatform } = await import("./memory/memory-platform.ts");
      return openMemoryPlatform();
    }
    case "linux": {
      const { openLinuxPlatform } = await import("./linux/linux-platform.ts");
      return openLinuxPlatform(options);
    }
    case "darwin": {
      const { openDarwinPlatform } = await import("./darwin/darwin-platform.ts");
      const { openHostPorts } = await import("./darwin/host-ports.ts");
      return openDarwinPlatform({ ...openHostPorts(), ...options });
    }
    default:
      throw new PlatformError(
        "unsupported",
        "watch the network",
        new Error(`netwatch does not know the routing socket of ${kind}`),
      );
  }
}
