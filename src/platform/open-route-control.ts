import { PlatformError } from "./platform-error.ts";
import type { RouteControl } from "./route-control.ts";

/** Where our scoped defaults stand, and how what is ours is marked. */
export interface RouteControlOptions {
  readonly preferenceBase: number;
  readonly tableBase: number;
  readonly protocol: number;
  readonly slots: number;
}

/** Whether netwatch can change the routes of such a system. */
export function canChangeRoutes(kind: string): boolean {
  return kind === "linux";
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
  if (!canChangeRoutes(kind))
    throw new PlatformError(
      "unsupported",
      "change routes",
      new Error(`netwatch manages routes on Linux only, and this is ${kind}`),
    );
  const { openLinuxRouteControl } = await import("./linux/linux-route-control.ts");
  return openLinuxRouteControl(options);
}
