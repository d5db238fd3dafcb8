import { PlatformError } from "./platform-error.ts";
import type { RouteInquiry } from "./route-inquiry.ts";

/**
 * Opens the routing of this machine for questions, in the network namespace that the process is in.
 *
 * @throws PlatformError: `unsupported` where netwatch cannot explain
 */
export async function openRouteInquiry(kind: string = process.platform): Promise<RouteInquiry> {
  if (kind !== "linux")
    throw new PlatformError(
      "unsupported",
      "explain routes",
      new Error(`netwatch explains routes on Linux only, and this is ${kind}`),
    );
  const { openLinuxRouteInquiry } = await import("./linux/linux-route-inquiry.ts");
  return openLinuxRouteInquiry();
}
