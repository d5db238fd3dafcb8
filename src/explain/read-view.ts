import { parseIpAddress } from "../network/address.ts";
import type { Packet } from "../network/packet.ts";
import type {
  CoveringRoute,
  RoutingLink,
  RoutingRule,
  RuleInquiry,
} from "../platform/route-inquiry.ts";
import type { PacketView } from "./decide.ts";
import { type Flow, flowOf } from "./flow.ts";
import { matchRule } from "./rule-match.ts";
import { tableOf } from "./rule-walk.ts";

/**
 * Reads what decides about a packet: the rules, and of the tables that they lead it to the routes that cover it.
 *
 * @throws PlatformError
 */
export async function readView(
  inquiry: RuleInquiry,
  packet: Packet,
  links: ReadonlyMap<number, RoutingLink>,
  signal: AbortSignal,
): Promise<PacketView> {
  const { family, destination, source, arrivesOn } = packet;
  const rules = await inquiry.readRules(family, signal);
  const flow = flowOf(packet, links, "as-asked");
  const read = async (address: string): Promise<ReadonlyMap<number, readonly CoveringRoute[]>> => {
    const tables = new Map<number, readonly CoveringRoute[]>();
    for (const table of tablesFor(rules, flow, links))
      tables.set(table, await inquiry.readCovering(table, address, signal));
    return tables;
  };
  const name = arrivesOn === null ? null : (links.get(arrivesOn)?.name ?? null);
  const isChecked = family === "ipv4" && name !== null && source !== null;
  return {
    rules,
    links,
    tables: await read(destination),
    back: isChecked ? await read(source) : new Map(),
    forwarding: name === null ? null : inquiry.readForwarding(family, name),
    filter: isChecked ? inquiry.readReversePathFilter(name) : null,
    sourceIsLocal: source !== null && isLocal(inquiry, packet, source, links),
  };
}

/**
 * The tables that the packet, or an answer to it that is checked, can be sent to. The address and the interface, in
 * which the two differ, do not leave a rule out; what they have in common does.
 */
function tablesFor(
  rules: readonly RoutingRule[],
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): ReadonlySet<number> {
  const tables = new Set<number>();
  for (const rule of rules) {
    const table = tableOf(rule, flow);
    if (table === null || tables.has(table)) continue;
    const common = { ...rule, source: null, destination: null, mark: null, uids: null };
    const answered = { ...common, arrivesOn: null, boundTo: null };
    const reaches = rule.inverted || matchRule(common, flow, links).matches;
    const answers = rule.boundTo === null && matchRule(answered, flow, links).matches;
    if (reaches || answers) tables.add(table);
  }
  return tables;
}

/** Whether a source is an address of an interface, or one that a route of the type `local` gives to this host. */
export function isLocal(
  inquiry: RuleInquiry,
  packet: Packet,
  source: string,
  links: ReadonlyMap<number, RoutingLink>,
): boolean {
  for (const { addresses } of links.values())
    if (addresses.some(({ address }) => address === source)) return true;
  if (packet.family === "ipv6" || parseIpAddress(source) === null) return false;
  const question: Packet = {
    ...packet,
    destination: source,
    source: null,
    boundTo: null,
    arrivesOn: null,
    mark: 0,
  };
  const answer = inquiry.ask(question);
  return answer.kind === "route" && answer.type === "local";
}
