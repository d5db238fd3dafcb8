import type { HostState } from "../../monitor/host-state.ts";
import { ipFamilies } from "../../network/address.ts";
import { interfacesOfRoute } from "../../network/route.ts";

/**
 * One line for `systemctl status`: what is wrong, or what is watched.
 *
 * @param reasons what is wrong, worst first
 */
export function serviceStatus(state: HostState, reasons: readonly string[]): string {
  const [worst] = reasons;
  if (worst !== undefined) return `Degraded: ${worst}`;
  const { size } = state.interfaces;
  const defaults = ipFamilies.map((family) => `${family} by ${wayOut(state, family)}`);
  return `Watching ${size} interface${size === 1 ? "" : "s"}; ${defaults.join(", ")}`;
}

function wayOut(state: HostState, family: (typeof ipFamilies)[number]): string {
  const route = state.defaults[family].effective?.route;
  if (route === undefined) return "nothing";
  const names = interfacesOfRoute(route).map(
    (index) => state.interfaces.get(index)?.name ?? `#${index}`,
  );
  return names.join(" and ") || "nothing";
}
