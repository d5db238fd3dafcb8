import type { NetworkInterface } from "../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute, type NextHop } from "../network/route.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import { hasAddress, isOnLink } from "./connected-prefix.ts";
import type { DebtContext } from "./debt-context.ts";
import { recogniseInterface } from "./journal/interface-identity.ts";
import type { RecordOf } from "./journal/record.ts";

/** A recorded default as it could be added today. */
export type OwedDefault =
  | {
      readonly kind: "addable";
      readonly record: RecordedDefault;
      /** How it differs from the record, for a person; null when only an interface's index does. */
      readonly deviation: string | null;
    }
  | { readonly kind: "blocked"; readonly reason: string };

/** The places of the defaults that the debt took away. */
export function takenPlaces({
  taken,
  defaults,
}: Pick<RecordOf<"displaced">, "taken" | "defaults">): readonly number[] {
  return taken ?? defaults.map((_, at) => at);
}

/** A recorded route over the interfaces as they are numbered now; null when none of them is there. */
export function overPresentLinks(
  route: DefaultRoute,
  identities: RecordOf<"displaced">["interfaces"],
  interfaces: ReadonlyMap<number, NetworkInterface>,
): DefaultRoute | null {
  if (interfacesOfRoute(route).length === 0) return route;
  const present = (index: number): number | null => {
    const identity = identities.find((one) => one.index === index);
    if (identity === undefined) return interfaces.has(index) ? index : null;
    const found = recogniseInterface(identity, interfaces);
    return found.kind === "gone" ? null : found.interface.index;
  };
  if (route.interfaceIndex !== null) {
    const interfaceIndex = present(route.interfaceIndex);
    return interfaceIndex === null ? null : { ...route, interfaceIndex };
  }
  const legs = route.nexthops.flatMap((leg): readonly NextHop[] => {
    const interfaceIndex = present(leg.interfaceIndex);
    return interfaceIndex === null ? [] : [{ ...leg, interfaceIndex }];
  });
  const [only] = legs;
  if (only === undefined) return null;
  if (legs.length > 1) return { ...route, nexthops: legs };
  const { gateway, interfaceIndex, onlink } = only;
  return { ...route, gateway, interfaceIndex, onlink, nexthops: [] };
}

/** How a recorded default can be added today, or why not. */
export function addableToday(
  recorded: { readonly raw: string; readonly route: DefaultRoute },
  identities: RecordOf<"displaced">["interfaces"],
  context: DebtContext,
): OwedDefault {
  const { interfaces } = context;
  const present = overPresentLinks(recorded.route, identities, interfaces);
  if (present === null) {
    const names = identities.map(({ name }) => name).join(", ");
    return { kind: "blocked", reason: `interface-gone: ${names}` };
  }
  const deviations: string[] = [];
  if (interfacesOfRoute(present).length < interfacesOfRoute(recorded.route).length)
    deviations.push("without the legs over interfaces that are gone");
  for (const index of interfacesOfRoute(present)) {
    const link = interfaces.get(index);
    if (link?.up !== true)
      return { kind: "blocked", reason: `interface-down: ${link?.name ?? index}` };
  }
  const moved = byTodaysGateway(present, context, deviations);
  if (typeof moved === "string") return { kind: "blocked", reason: moved };
  const route = withoutLostSource(moved, interfaces, deviations);
  return {
    kind: "addable",
    record: {
      route: { ...route, position: 0, linkdown: false },
      raw: Buffer.from(recorded.raw, "base64"),
    },
    deviation: deviations.length === 0 ? null : deviations.join(", "),
  };
}

function byTodaysGateway(
  route: DefaultRoute,
  { interfaces, gatewayToday }: DebtContext,
  deviations: string[],
): DefaultRoute | string {
  const { gateway, interfaceIndex, onlink, family } = route;
  if (gateway === null || interfaceIndex === null || onlink) return route;
  const link = interfaces.get(interfaceIndex);
  if (link === undefined || isOnLink(gateway, link, family)) return route;
  if (!hasAddress(link, family)) return `no-address: ${link.name} has none of ${family}`;
  const today = gatewayToday(link, family);
  // A host route may lead to a gateway outside of every prefix: then the kernel decides.
  if (today === null || today === gateway || !isOnLink(today, link, family)) return route;
  deviations.push(`by today's gateway ${today} instead of ${gateway}`);
  return { ...route, gateway: today, nexthopId: null };
}

function withoutLostSource(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  deviations: string[],
): DefaultRoute {
  const own = [...interfaces.values()].flatMap(({ addresses }) => addresses);
  if (route.source === null || own.some(({ address }) => address === route.source)) return route;
  deviations.push(`without the source ${route.source}, which this host has no more`);
  return { ...route, source: null };
}
