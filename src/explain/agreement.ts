import type { CoveringRoute, KernelAnswer, RouteWay } from "../platform/route-inquiry.ts";
import type { Decision } from "./decision.ts";

const mainTable = 254;
const localTable = 255;

/** Whether a look-up of ours ended where the kernel's did. */
export function agrees(decision: Decision, answer: KernelAnswer, arrived: boolean): boolean {
  switch (decision.kind) {
    case "refused":
      // How a packet that comes in is refused has had several codes in the history of the kernel.
      return answer.kind === "refused" && (arrived || answer.code === decision.code);
    case "on-link":
      return (
        answer.kind === "route" &&
        answer.entry === null &&
        answer.gateway === null &&
        answer.interfaceIndex === decision.interfaceIndex
      );
    case "no-look-up":
      return answer.kind === "route" && answer.interfaceIndex === decision.interfaceIndex;
    case "route":
      return answer.kind === "route" && isSameWay(decision, answer, arrived);
    default:
      return decision satisfies never;
  }
}

function isSameWay(
  decision: Decision & { readonly kind: "route" },
  answer: KernelAnswer & { readonly kind: "route" },
  arrived: boolean,
): boolean {
  const { entry } = answer;
  // A broadcast that comes in is delivered without an entry.
  if (entry === null) return arrived && decision.route.type === "broadcast";
  const candidates = [decision.route, ...decision.equals];
  const found = candidates.find((route) => isSameRoute(route, entry));
  if (found === undefined) return false;
  if (found.type !== "unicast" || answer.type !== "unicast") return true;
  const ways = found === decision.route ? decision.ways : found.ways;
  return ways.some(
    (way) => way.interfaceIndex === answer.interfaceIndex && way.gateway === answer.gateway,
  );
}

function isSameRoute(route: CoveringRoute, entry: CoveringRoute): boolean {
  return (
    isSameTable(route, entry) &&
    route.prefix.text === entry.prefix.text &&
    route.sourcePrefix?.text === entry.sourcePrefix?.text &&
    (route.type === entry.type || isForGroup(entry)) &&
    waysKey(route.ways) === waysKey(entry.ways)
  );
}

/** The answer has the type of the destination: a unicast route can carry what goes to a group. */
function isForGroup({ type }: CoveringRoute): boolean {
  return type === "broadcast" || type === "multicast";
}

// Until a rule is added for the first time, the kernel keeps local and main together and calls both main (fib_unmerge,
// net/ipv4/fib_trie.c).
function isSameTable(route: CoveringRoute, entry: CoveringRoute): boolean {
  return route.table === entry.table || (route.table === localTable && entry.table === mainTable);
}

function waysKey(ways: readonly RouteWay[]): string {
  return ways
    .map(({ gateway, interfaceIndex }) => `${gateway} ${interfaceIndex}`)
    .sort()
    .join(", ");
}
