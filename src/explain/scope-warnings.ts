import type { ExplanationWarning } from "../admin-api/explanation-schema.ts";
import type { ScopeFacts } from "./explain-by-scopes.ts";

const gravities: readonly ExplanationWarning["gravity"][] = ["bad", "warn", "note"];

/** What a person should know about the packet's way where routes have scopes, worst first. */
export function findScopeWarnings(facts: ScopeFacts): ExplanationWarning[] {
  const found = [
    ...missing(facts),
    ...elsewhere(facts),
    ...hides(facts),
    ...linkDown(facts),
    ...sourceWarnings(facts),
    ...differs(facts),
    ...notConsidered(facts),
  ];
  return found.toSorted((a, b) => gravities.indexOf(a.gravity) - gravities.indexOf(b.gravity));
}

/** Refused, though the same destination could be reached from a socket that is not bound. */
function* missing({ packet, links, answer, routes }: ScopeFacts): Generator<ExplanationWarning> {
  const name = links.get(packet.boundTo ?? 0)?.name;
  if (name === undefined || answer.kind !== "refused" || routes.length === 0) return;
  if (routes.some(({ scope }) => scope === packet.boundTo)) return;
  yield {
    code: "scoped-default-missing",
    gravity: "bad",
    text: `${name} has no default for the sockets bound to it, and what others use leaves by another interface`,
    remedy: `Make one: netwatch routes install ${name}`,
  };
}

/** Somebody's unscoped RTM_CHANGE can move the scoped route of an interface to another one. */
function* elsewhere({ packet, links, answer }: ScopeFacts): Generator<ExplanationWarning> {
  const { boundTo } = packet;
  if (boundTo === null || answer.kind === "refused" || answer.type === "local") return;
  if (answer.interfaceIndex === null || answer.interfaceIndex === boundTo) return;
  const name = links.get(boundTo)?.name ?? "";
  const other = links.get(answer.interfaceIndex)?.name ?? "";
  yield {
    code: "bound-elsewhere",
    gravity: "bad",
    text: `a socket bound to ${name} sends by ${other}: the route that is scoped to ${name} leads there`,
    remedy: `Delete it and make it anew: netwatch routes remove ${name}, netwatch routes install ${name}`,
  };
}

/** An unbound packet follows the scoped default of the interface that has the unscoped one. */
function* hides({ packet, links, lookUp, routes }: ScopeFacts): Generator<ExplanationWarning> {
  const { decision } = lookUp;
  if (packet.boundTo !== null || decision.kind !== "route" || decision.route.scope === null) return;
  const hidden = routes.find(
    ({ scope, prefix }) => scope === null && prefix.length === decision.route.prefix.length,
  );
  const [ours] = decision.route.ways;
  const [theirs] = hidden?.ways ?? [];
  if (theirs === undefined || ours === undefined || theirs.gateway === ours.gateway) return;
  const name = links.get(ours.interfaceIndex)?.name ?? "";
  yield {
    code: "scoped-default-hides",
    gravity: "warn",
    text: `the default scoped to ${name} (by ${ours.gateway ?? "no gateway"}) hides the host's own default (by ${theirs.gateway ?? "no gateway"}) from unbound packets, too`,
    remedy: `If it is out of date: netwatch routes remove ${name}`,
  };
}

function* linkDown({ links, answer }: ScopeFacts): Generator<ExplanationWarning> {
  if (answer.kind === "refused" || answer.type === "local") return;
  const exit = links.get(answer.interfaceIndex ?? 0);
  if (exit === undefined || (exit.up && exit.carrier)) return;
  yield {
    code: "link-down",
    gravity: "bad",
    text: `${exit.name} ${exit.up ? "has no carrier" : "is down"}: packets are lost`,
    remedy: null,
  };
}

function* sourceWarnings({ packet, links, answer }: ScopeFacts): Generator<ExplanationWarning> {
  const { source } = packet;
  if (source === null || answer.kind === "refused" || answer.type === "local") return;
  const owner = [...links.values()].find(({ addresses }) =>
    addresses.some(({ address }) => address === source),
  );
  if (owner === undefined)
    yield {
      code: "source-gone",
      gravity: "bad",
      text: `${source}, the source, is no address of this host: answers do not come back`,
      remedy: null,
    };
  else if (owner.index !== answer.interfaceIndex)
    yield {
      code: "source-of-other-interface",
      gravity: "warn",
      text: `the source ${source} is ${owner.name}'s address, and the packet leaves by ${links.get(answer.interfaceIndex ?? 0)?.name ?? "another interface"}`,
      remedy: `To hold a socket to ${owner.name}, bind it to the interface (--bind ${owner.name}).`,
    };
}

function* differs({ agrees }: ScopeFacts): Generator<ExplanationWarning> {
  if (agrees) return;
  yield {
    code: "kernel-differs",
    gravity: "warn",
    text: "by the routes below the packet would go elsewhere; the first line is what the kernel itself answers",
    remedy: "Believe the kernel, and please report it with the output of --json.",
  };
}

/** What a packet has that routes do not look at here. */
function* notConsidered({ packet }: ScopeFacts): Generator<ExplanationWarning> {
  const words = [
    ...(packet.mark === 0 ? [] : ["a mark"]),
    ...(packet.tos === 0 ? [] : ["a TOS"]),
    ...(packet.sourcePort === null && packet.destinationPort === null ? [] : ["ports"]),
  ];
  if (words.length === 0) return;
  yield {
    code: "not-considered",
    gravity: "note",
    text: `routes do not look at ${words.join(" and ")} here`,
    remedy: null,
  };
}
