import type { Packet } from "../network/packet.ts";
import type { CoveringRoute, ReversePathFilter } from "../platform/route-inquiry.ts";
import type { Decision, LookUp, RefusalCode } from "./decision.ts";
import { type Flow, flowOf, loopbackIndex } from "./flow.ts";
import { type RoutingView, walkRules } from "./rule-walk.ts";

/** What decides about a packet, as read. */
export interface PacketView extends RoutingView {
  /** Of a packet that comes in by an interface: the routes that cover its source, by table. */
  readonly back: ReadonlyMap<number, readonly CoveringRoute[]>;
  /** Of an interface that a packet comes in by; null where it cannot be read. */
  readonly forwarding: boolean | null;
  readonly filter: ReversePathFilter | null;
  /** Whether the packet's source is an address of this host. */
  readonly sourceIsLocal: boolean;
}

/**
 * Where a packet goes, by what was read alone.
 *
 * @param held see flowOf()
 */
export function decide(view: PacketView, packet: Packet, held: "as-socket" | "as-asked"): LookUp {
  const flow = flowOf(packet, view.links, held);
  if (flow.family === "ipv6") return walkRules(view, flow);
  return packet.arrivesOn === null ? decideOutput(view, flow) : decideInput(view, packet, flow);
}

/** ip_route_output_key_hash_rcu() and, at its end, __mkroute_output() (net/ipv4/route.c). */
function decideOutput(view: PacketView, flow: Flow): LookUp {
  const found = findOutput(view, flow);
  const leaves = exitsOf(found.decision).some(
    (index) => view.links.get(index)?.kind !== "loopback",
  );
  if (flow.source[0] !== 127 || !leaves) return found;
  const { rule, route } = found.decision.kind === "route" ? found.decision : nobody;
  const why = "a packet from a loopback address may not leave this host";
  const decision: Decision = { kind: "refused", code: "EINVAL", rule, route, why };
  return { steps: [...found.steps, { kind: "note", why }], decision };
}

const nobody = { rule: null, route: null };

function findOutput(view: PacketView, flow: Flow): LookUp {
  const { outgoing } = flow;
  if (flow.hasSource) {
    if (isMulticast(flow.source) || isBroadcast(flow.source))
      return refuse("EINVAL", "no packet may come from such an address");
    if (!view.sourceIsLocal) return refuse("ENETUNREACH", "the source is no address of this host");
  }
  const isGroup = isMulticast(flow.destination) || isBroadcast(flow.destination);
  if (flow.hasSource && outgoing === 0 && isGroup) {
    const text = flow.source.join(".");
    const owner = [...view.links.values()].find(({ addresses }) =>
      addresses.some(({ address }) => address === text),
    );
    return withoutLookUp(owner?.index ?? loopbackIndex, "the source address chooses the interface");
  }
  if (outgoing !== 0) {
    const link = view.links.get(outgoing);
    if (link !== undefined && !link.up)
      return refuse("ENETUNREACH", `${link.name} is down, and the packet is bound to it`);
    const isLinkLocal = isBroadcast(flow.destination) || isLocalMulticast(flow.destination);
    if (isLinkLocal || flow.protocol === igmp)
      return withoutLookUp(outgoing, "such a packet stays on the link of its interface");
  }
  if (isUnspecified(flow.destination))
    return withoutLookUp(loopbackIndex, "0.0.0.0 stands for this host itself");
  const found = walkRules(view, flow);
  const takesOnLink = outgoing !== 0 && (isMulticast(flow.destination) || flow.vrf === null);
  if (found.decision.kind !== "refused" || !takesOnLink) return found;
  const why = "a bound packet goes out all the same: its destination is taken to be on the link";
  return {
    steps: [...found.steps, { kind: "note", why }],
    decision: { kind: "on-link", interfaceIndex: outgoing, because: found.decision.why },
  };
}

const igmp = 2;

/** Indexes of the interfaces by which a packet may go out. */
function exitsOf(decision: Decision): readonly number[] {
  if (decision.kind === "on-link" || decision.kind === "no-look-up")
    return [decision.interfaceIndex];
  if (decision.kind === "refused" || decision.route.type === "local") return [];
  return decision.ways.map(({ interfaceIndex }) => interfaceIndex);
}

/** ip_route_input_slow() and fib_validate_source(). */
function decideInput(view: PacketView, packet: Packet, flow: Flow): LookUp {
  if (!flow.hasSource || isMulticast(flow.source) || isBroadcast(flow.source))
    return refuse("EINVAL", "no packet may come in from such an address");
  if (isUnspecified(flow.destination))
    return refuse("EINVAL", "no packet may come in to such an address");
  if (flow.destination[0] === 127 || flow.source[0] === 127)
    return refuse("EINVAL", "a loopback address may not come in by an interface");
  const found = walkRules(view, flow);
  const { decision } = found;
  const stop = (code: RefusalCode, why: string): LookUp => ({
    steps: [...found.steps, { kind: "note", why }],
    decision: { kind: "refused", code, rule: null, route: null, why },
  });
  const name = view.links.get(packet.arrivesOn ?? 0)?.name ?? "";
  const off = `packets from ${name} are not passed on (net.ipv4.conf.${name}.forwarding is 0)`;
  const isOurs =
    decision.kind === "route" &&
    (decision.route.type === "local" || decision.route.type === "broadcast");
  if (!isOurs && view.forwarding === false) return stop("EHOSTUNREACH", off);
  if (decision.kind !== "route") return found;
  if (!isOurs && decision.route.type !== "unicast")
    return stop("EINVAL", `a packet to a ${decision.route.type} address is not passed on`);
  const objection = sourceObjection(view, packet, flow);
  return objection === null ? found : stop(objection.code, objection.why);
}

/** Why a packet's source is not believed where it comes in; null when it is. */
function sourceObjection(
  view: PacketView,
  packet: Packet,
  flow: Flow,
): { readonly code: RefusalCode; readonly why: string } | null {
  const mode = view.filter?.mode ?? "off";
  const back: Flow = {
    ...flow,
    destination: flow.source,
    source: flow.destination,
    incoming: loopbackIndex,
    outgoing: 0,
    sourcePort: flow.destinationPort,
    destinationPort: flow.sourcePort,
    mark: view.filter?.marks === true ? flow.mark : 0,
    preferred: 0,
  };
  const { decision } = walkRules({ ...view, tables: view.back }, back);
  return filterObjection(decision, packet.arrivesOn ?? 0, mode, view);
}

/**
 * What the check of the source says, by the way that leads back to it (__fib_validate_source, net/ipv4/fib_frontend.c);
 * null when it passes.
 */
export function filterObjection(
  back: Decision,
  arrivesOn: number,
  mode: ReversePathFilter["mode"],
  { links }: Pick<RoutingView, "links">,
): { readonly code: RefusalCode; readonly why: string } | null {
  const name = (index: number): string => links.get(index)?.name ?? `interface ${index}`;
  if (back.kind !== "route") {
    if (mode === "off") return null;
    return {
      code: "EXDEV",
      why: `rp_filter (${mode}) of ${name(arrivesOn)} drops it: no route leads back to its source`,
    };
  }
  if (back.route.type !== "unicast")
    return { code: "EINVAL", why: `its source is a ${back.route.type} address here` };
  const ways = back.route.ways;
  if (mode !== "strict" || ways.some(({ interfaceIndex }) => interfaceIndex === arrivesOn))
    return null;
  const others = ways.map(({ interfaceIndex }) => name(interfaceIndex)).join(", ");
  return {
    code: "EXDEV",
    why: `rp_filter (strict) of ${name(arrivesOn)} drops it: the way back to its source leaves by ${others}`,
  };
}

function refuse(code: RefusalCode, why: string): LookUp {
  return {
    steps: [{ kind: "note", why }],
    decision: { kind: "refused", code, rule: null, route: null, why },
  };
}

function withoutLookUp(interfaceIndex: number, why: string): LookUp {
  return { steps: [{ kind: "note", why }], decision: { kind: "no-look-up", interfaceIndex } };
}

function isMulticast([first = 0]: Uint8Array): boolean {
  return (first & 0xf0) === 0xe0;
}

function isLocalMulticast([a, b, c]: Uint8Array): boolean {
  return a === 224 && b === 0 && c === 0;
}

function isUnspecified(address: Uint8Array): boolean {
  return address.every((byte) => byte === 0);
}

function isBroadcast(address: Uint8Array): boolean {
  return address.every((byte) => byte === 255);
}
