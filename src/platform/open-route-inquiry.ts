import { PlatformError } from "./platform-error.ts";
import type { RouteInquiry } from "./route-inquiry.ts";

/**
 * Opens the routing of this machine for questions, in the network namespace that the process is in.
 *
 * @throws PlatformError: `unsupported` where netwatch cannot explain
 */
export async function openRouteInquiry(kind: string = process.platform): Promise<RouteInquiry> {
  switch (kind) {
    case "linux": {
      const { openLinuxRouteInquiry } = await import("./linux/linux-route-inquiry.ts");
      return openLinuxRouteInquiry();
    }
    case "darwin": {
      const { openDarwinRouteInquiry } = await import("./darwin/darwin-route-inquiry.ts");
      const { openHostPorts } = await import("./darwin/host-ports.ts");
      return openDarwinRouteInquiry(openHostPorts());
    }
    default:
      throw new PlatformError(
        "unsupported",
        "explain routes",
        new Error(`netwatch does not know the routing of ${kind}`),
      );
  }
}
