import type { CoveringRoute, RouteWay, RoutingLink } from "../platform/route-inquiry.ts";

type Links = ReadonlyMap<number, RoutingLink>;

// rt_tables(5)
const tableNames: ReadonlyMap<number, string> = new Map([
  [253, "default"],
  [254, "main"],
  [255, "local"],
]);

/** `main`, or the number. */
export function tableName(table: number): string {
  return tableNames.get(table) ?? String(table);
}

/** A route in the words of ip-route(8): `default via 10.0.0.1 dev eth0 metric 100`. */
export function routeText(route: CoveringRoute, links: Links): string {
  const { type, prefix, sourcePrefix, tos, metric, source, pref, nexthopId, scope } = route;
  return [
    ...(type === "unicast" ? [] : [type]),
    prefix.length === 0 ? "default" : shortPrefix(prefix.text, prefix.bytes.length * 8),
    ...(sourcePrefix === null ? [] : [`from ${sourcePrefix.text}`]),
    ...(tos === 0 ? [] : [`tos 0x${tos.toString(16)}`]),
    ...(nexthopId === null ? [] : [`nhid ${nexthopId}`]),
    ...waysText(route, links),
    ...(scope === null ? [] : [`scoped to ${links.get(scope)?.name ?? `if${scope}`}`]),
    ...(metric === 0 ? [] : [`metric ${metric}`]),
    ...(source === null ? [] : [`src ${source}`]),
    ...(pref === null || pref === "medium" ? [] : [`pref ${pref}`]),
  ].join(" ");
}

/** `via 10.0.0.1 dev eth0`. */
export function wayText(way: Pick<RouteWay, "gateway" | "interfaceIndex">, links: Links): string {
  const name = links.get(way.interfaceIndex)?.name ?? `interface ${way.interfaceIndex}`;
  return way.gateway === null ? `by ${name}` : `by ${name} via ${way.gateway}`;
}

function waysText({ type, ways }: CoveringRoute, links: Links): readonly string[] {
  if (type !== "unicast" && type !== "local") return [];
  return ways.flatMap((way) => {
    const name = links.get(way.interfaceIndex)?.name ?? `if${way.interfaceIndex}`;
    return [
      ...(ways.length > 1 ? ["nexthop"] : []),
      ...(way.gateway === null ? [] : [`via ${way.gateway}`]),
      `dev ${name}`,
      ...(ways.length > 1 && way.weight > 1 ? [`weight ${way.weight}`] : []),
      ...(way.onlink ? ["onlink"] : []),
      ...(way.dead ? ["dead"] : []),
      ...(way.linkdown ? ["linkdown"] : []),
    ];
  });
}

/** Host routes without their length, as ip-route(8) prints them. */
function shortPrefix(text: string, bits: number): string {
  return text.endsWith(`/${bits}`) ? text.slice(0, text.indexOf("/")) : text;
}
