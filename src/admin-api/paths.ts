export const statusPath = "/v1/status";
export const interfacesPath = "/v1/interfaces";
export const interfacePath = "/v1/interfaces/{name}";
export const routesPath = "/v1/routes";
export const scopedRoutePath = "/v1/routes/scoped/{interface}";
export const restorePath = "/v1/routes/restore";
export const planPath = "/v1/routes/plan";
export const forgetPath = "/v1/routes/forget";
export const leasesPath = "/v1/leases";
export const eventsPath = "/v1/events";
export const metricsPath = "/v1/metrics";
export const openApiPath = "/v1/openapi.json";

/** Longest path of a Unix socket, in bytes without the closing zero (sun_path: unix(7), xnu sys/un.h). */
export function longestSocketPath(platform: string): number {
  return platform === "darwin" ? 103 : 107;
}

/** Largest body of a request, in bytes. */
export const largestBodyBytes = 65_536;
