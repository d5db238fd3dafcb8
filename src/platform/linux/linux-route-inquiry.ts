import { readFileSync } from "node:fs";
import type { IpFamily } from "../../network/address.ts";
import type { ReversePathFilter, RoutingRule, RuleInquiry } from "../../platform/route-inquiry.ts";
import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from "../../wire/netlink/route-constants.ts";
import { readCoveringRoutes } from "./covering-routes.ts";
import { readRules } from "./defaults-reading.ts";
import { nexthopWays } from "./nexthop-ways.ts";
import { Requester } from "./requester.ts";
import { askKernel } from "./route-question.ts";
import { readRoutingLinks } from "./routing-links.ts";
import { translateRule } from "./rule-translation.ts";

/** Reads the routing of this thread's network namespace. Needs no rights. */
export function openLinuxRouteInquiry(): RuleInquiry {
  const requester = new Requester();
  let indexes: ReadonlyMap<string, number> = new Map();
  return {
    kind: "rules",
    async readLinks(signal) {
      const links = await readRoutingLinks(requester, signal);
      indexes = new Map([...links.values()].map(({ name, index }) => [name, index]));
      return links;
    },
    async readRules(family, signal) {
      const messages = await readRules(requester, family, signal);
      if (messages.length === 0) return rulesOfNoPolicy;
      const indexOf = (name: string): number | null => indexes.get(name) ?? null;
      return messages.map((message) => translateRule(message, family, indexOf));
    },
    readCovering: (table, destination, signal) =>
      readCoveringRoutes(requester, nexthopWays(requester), table, destination, signal),
    ask: (packet) => askKernel(requester, nexthopWays(requester), packet),
    readReversePathFilter,
    readForwarding,
    async [Symbol.asyncDispose]() {
      requester[Symbol.dispose]();
    },
  };
}

/** What a kernel without policy routing does (net/ip_fib.h without CONFIG_IP_MULTIPLE_TABLES). */
const rulesOfNoPolicy: readonly RoutingRule[] = [RT_TABLE_LOCAL, RT_TABLE_MAIN].map((table) => ({
  preference: 0,
  inverted: false,
  source: null,
  destination: null,
  arrivesOn: null,
  boundTo: null,
  mark: null,
  uids: null,
  tos: null,
  protocol: null,
  sourcePorts: null,
  destinationPorts: null,
  action: { kind: "lookup", table },
  suppressPrefixLength: null,
  suppressGroup: null,
  protocolName: null,
  owner: null,
  unknown: [],
}));

// ip-sysctl: the highest of `all` and the interface's own counts.
function readReversePathFilter(interfaceName: string): ReversePathFilter | null {
  const own = readConf("ipv4", interfaceName, "rp_filter");
  const all = readConf("ipv4", "all", "rp_filter");
  if (own === null || all === null) return null;
  const marks =
    (readConf("ipv4", interfaceName, "src_valid_mark") ?? 0) !== 0 ||
    (readConf("ipv4", "all", "src_valid_mark") ?? 0) !== 0;
  const mode = (["off", "strict", "loose"] as const)[Math.max(own, all)];
  return mode === undefined ? null : { mode, marks };
}

function readForwarding(family: IpFamily, interfaceName: string): boolean | null {
  const value = readConf(family, interfaceName, "forwarding");
  return value === null ? null : value !== 0;
}

// /proc/sys/net is of the namespace of the thread that opens it: synchronous calls stay on the main thread.
function readConf(family: IpFamily, interfaceName: string, name: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/net/${family}/conf/${interfaceName}/${name}`, "utf8"));
  } catch {
    return null;
  }
}
