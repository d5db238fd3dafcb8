import type { ExplanationWarning } from "../admin-api/explanation-schema.ts";
import { backWarnings } from "./back-warnings.ts";
import { boundWarnings } from "./bound-warnings.ts";
import { exitOf, type Facts } from "./facts.ts";
import { selectorNotes } from "./selector-notes.ts";

const gravities: readonly ExplanationWarning["gravity"][] = ["bad", "warn", "note"];

/** What a person should know about the packet's way, worst first. */
export function findWarnings(facts: Facts): ExplanationWarning[] {
  const found = [
    ...boundWarnings(facts),
    ...tunnelLoop(facts),
    ...linkDown(facts),
    ...backWarnings(facts),
    ...sourceWarnings(facts),
    ...notForwarded(facts),
    ...differs(facts),
    ...selectorNotes(facts),
    ...sharedWays(facts),
    ...noInterfaceNamed(facts),
  ];
  return found.toSorted((a, b) => gravities.indexOf(a.gravity) - gravities.indexOf(b.gravity));
}

function* tunnelLoop(facts: Facts): Generator<ExplanationWarning> {
  const exit = exitOf(facts);
  const { tunnelExit, packet } = facts;
  if (exit === undefined || tunnelExit?.kind !== "route") return;
  if (tunnelExit.interfaceIndex !== exit.index) return;
  const { name, tunnelTo } = exit;
  const what =
    tunnelTo === packet.destination
      ? `${tunnelTo} is the other end of the tunnel ${name}, and packets to it go into ${name} itself`
      : `${name} sends what goes into it to ${tunnelTo}, and that way leads into ${name} again`;
  yield {
    code: "tunnel-loop",
    gravity: "bad",
    text: `${what}: nothing gets through`,
    remedy: `Give ${tunnelTo} a route of its own over the uplink: ip route add ${tunnelTo} via GATEWAY dev UPLINK`,
  };
}

function* linkDown(facts: Facts): Generator<ExplanationWarning> {
  const exit = exitOf(facts);
  const { answer, lookUp, packet } = facts;
  if (exit === undefined || answer.kind === "refused" || (exit.up && exit.carrier)) return;
  const chosen = lookUp.decision.kind === "route" ? lookUp.decision.route : null;
  const isFree = packet.boundTo === null;
  const other = lookUp.steps.some(
    (step) =>
      step.kind === "route" &&
      step.route !== chosen &&
      step.route.table === chosen?.table &&
      step.route.ways.some(({ interfaceIndex, linkdown, dead }) => {
        return interfaceIndex !== exit.index && !linkdown && !dead;
      }),
  );
  yield {
    code: "link-down",
    gravity: "bad",
    text: exit.up
      ? `${exit.name} has no carrier: its routes stay, and packets are lost`
      : `${exit.name} is down: packets are lost`,
    remedy:
      isFree && other
        ? `To let the next route take over: sysctl net.${packet.family}.conf.${exit.name}.ignore_routes_with_linkdown=1`
        : null,
  };
}

function* sourceWarnings(facts: Facts): Generator<ExplanationWarning> {
  const { packet, answer, view } = facts;
  const exit = exitOf(facts);
  if (exit === undefined || answer.kind === "refused" || packet.arrivesOn !== null) return;
  const ownerOf = (address: string): string | null =>
    [...view.links.values()].find(({ addresses }) =>
      addresses.some((one) => one.address === address),
    )?.name ?? null;
  const source = packet.source ?? answer.source;
  if (source === null) return;
  const owner = ownerOf(source);
  if (!facts.sourceIsOurs)
    yield {
      code: "source-gone",
      gravity: "bad",
      text: `${source}, the source, is no address of this host: answers do not come back`,
      remedy: "Replace the route that names it as its src.",
    };
  else if (packet.source !== null && owner !== null && owner !== exit.name)
    yield {
      code: "source-of-other-interface",
      gravity: "warn",
      text: `the source ${source} is ${owner}'s address, and the packet leaves by ${exit.name}: a source address chooses no interface`,
      remedy: `To hold a socket to ${owner}, bind it to the interface (--bind ${owner}), or add a rule: ip rule add from ${source} lookup TABLE`,
    };
}

/** The kernel's answer to an IPv6 look-up does not mind whether packets are passed on at all. */
function* notForwarded({ packet, view }: Facts): Generator<ExplanationWarning> {
  if (packet.family !== "ipv6" || packet.arrivesOn === null || view.forwarding !== false) return;
  const name = view.links.get(packet.arrivesOn)?.name ?? "";
  yield {
    code: "not-forwarded",
    gravity: "bad",
    text: `packets that come in by ${name} are not passed on: net.ipv6.conf.all.forwarding is 0`,
    remedy: "sysctl net.ipv6.conf.all.forwarding=1",
  };
}

function* differs({ agrees }: Facts): Generator<ExplanationWarning> {
  if (agrees) return;
  yield {
    code: "kernel-differs",
    gravity: "warn",
    text: "by the rules and routes below the packet would go elsewhere; the first line is what the kernel itself answers",
    remedy: "Believe the kernel, and please report it with the output of --json.",
  };
}

function* sharedWays({ agrees, lookUp: { decision } }: Facts): Generator<ExplanationWarning> {
  if (!agrees || decision.kind !== "route") return;
  const { ways, equals } = decision;
  if (decision.route.type === "unicast" && ways.length > 1)
    yield {
      code: "shared-ways",
      gravity: "note",
      text: `${ways.length} ways share this route: another connection may take another one`,
      remedy: null,
    };
  else if (equals.length > 0)
    yield {
      code: "shared-ways",
      gravity: "note",
      text: `${equals.length + 1} defaults are equal: the kernel goes on to the next when a gateway does not answer`,
      remedy: null,
    };
}

function* noInterfaceNamed({ packet }: Facts): Generator<ExplanationWarning> {
  const { family, destination, boundTo, arrivesOn } = packet;
  if (family === "ipv4" || !/^fe[89ab]/.test(destination)) return;
  if (boundTo !== null || arrivesOn !== null) return;
  yield {
    code: "no-interface-named",
    gravity: "note",
    text: `${destination} is a link-local address, which means something else on each link`,
    remedy: `Name the link: --bind IF, or ${destination}%IF`,
  };
}
