import type { Status } from "../../admin-api/status-schema.ts";
import { ipFamilies } from "../../network/address.ts";
import type { Metric } from "./exposition.ts";

/** Interfaces, of those that have a series of their own. */
export function interfaceMetrics(interfaces: Status["interfaces"]): readonly Metric[] {
  const gauge = (
    name: string,
    help: string,
    value: (one: Status["interfaces"][number]) => number,
  ): Metric => ({
    name,
    help,
    type: "gauge",
    samples: interfaces.map((one) => ({ labels: { interface: one.name }, value: value(one) })),
  });
  return [
    gauge("netwatch_interface_up", "Whether the interface is switched on", ({ up }) => Number(up)),
    gauge("netwatch_interface_carrier", "Whether the interface has a link", ({ carrier }) =>
      Number(carrier),
    ),
    gauge(
      "netwatch_interface_addresses",
      "Addresses of the interface, of both families",
      ({ addresses }) => addresses.length,
    ),
    gauge(
      "netwatch_interface_mtu_bytes",
      "Largest packet that the interface takes",
      ({ mtu }) => mtu,
    ),
    {
      name: "netwatch_interface_info",
      help: "What the interface is; the value is always 1",
      type: "gauge",
      samples: interfaces.map(({ name, kind }) => ({
        labels: { interface: name, kind },
        value: 1,
      })),
    },
  ];
}

const scopedStates = ["installed", "degraded", "pending", "stale", "fight"] as const;
const displacedStates = ["displaced", "pending"] as const;

/** Defaults: the effective ones, those that lost, scoped and displaced ones. */
export function defaultMetrics({ defaults, scoped, displaced }: Status): readonly Metric[] {
  return [
    {
      name: "netwatch_default_route",
      help: "Whether the host has a default route that carries packets",
      type: "gauge",
      samples: ipFamilies.map((family) => ({
        labels: { family },
        value: Number(defaults[family].effective !== null),
      })),
    },
    {
      name: "netwatch_default_route_info",
      help: "The default route that carries packets; the value is always 1",
      type: "gauge",
      samples: ipFamilies.flatMap((family) => {
        const route = defaults[family].effective;
        if (route === null) return [];
        const { gateway, interface: name, via, protocol } = route;
        const labels = { family, interface: name ?? "", gateway: gateway ?? "", via, protocol };
        return [{ labels, value: 1 }];
      }),
    },
    {
      name: "netwatch_default_route_candidates",
      help: "Default routes that there are, the effective one and those that lost to it",
      type: "gauge",
      samples: ipFamilies.map((family) => ({
        labels: { family },
        value: defaults[family].candidates.length,
      })),
    },
    {
      name: "netwatch_scoped_default",
      help: "Whether sockets that are bound to the uplink have a default route of their own",
      type: "gauge",
      samples: scoped.map(({ interface: name, family, state }) => ({
        labels: { interface: name, family },
        value: Number(state === "installed" || state === "degraded"),
      })),
    },
    {
      name: "netwatch_scoped_defaults",
      help: "Scoped default routes by their state",
      type: "gauge",
      samples: scopedStates.map((state) => ({
        labels: { state },
        value: scoped.filter((one) => one.state === state).length,
      })),
    },
    {
      name: "netwatch_displaced_defaults",
      help: "Default routes that were displaced and are owed; pending ones should be back and cannot",
      type: "gauge",
      samples: displacedStates.map((state) => ({
        labels: { state },
        value: displaced.filter((one) => one.state === state).length,
      })),
    },
  ];
}
