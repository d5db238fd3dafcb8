import { PlatformError } from "./platform-error.ts";
import type { RouteControl } from "./route-control.ts";

/** Where our scoped defaults stand, and how what is ours is marked. */
export interface RouteControlOptions {
  readonly preferenceBase: number;
  readonly tableBase: number;
  readonly protocol: number;
  /** Marks a route on macOS, which has no protocol numbers. */
  readonly flag: "proto1" | "proto2" | "proto3";
  readonly slots: number;
}

const darwinTags = { proto1: "PROTO1", proto2: "PROTO2", proto3: "PROTO3" } as const;

/** Whether netwatch can change the routes of such a system. */
export function canChangeRoutes(kind: string): boolean {
  return kind === "linux" || kind === "darwin";
}

/**
 * Opens the routing of this machine's kernel for changes, in the network namespace that the process is in.
 *
 * @throws PlatformError: `unsupported` where netwatch can only watch
 */
export async function openRouteControl(
  options: RouteControlOptions,
  kind: string = process.platform,
): Promise<RouteControl> {
  switch (kind) {
    case "linux": {
      const { openLinuxRouteControl } = await import("./linux/linux-route-control.ts");
      return openLinuxRouteControl(options);
    }
    case "darwin": {
      const { openDarwinRouteControl } = await import("./darwin/darwin-route-control.ts");
      const { openHostPorts, readHostBootId } = await import("./darwin/host-ports.ts");
      return openDarwinRouteControl(openHostPorts(), {
        bootId: readHostBootId(),
        tag: darwinTags[options.flag],
      });
    }
    default:
      throw new PlatformError(
        "unsupported",
        "change routes",
        new Error(`netwatch manages routes on Linux and macOS only, and this is ${kind}`),
      );
  }
}
