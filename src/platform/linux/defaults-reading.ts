import type { IpFamily } from "../../network/address.ts";
import { type DefaultRoute, longestDefaultPrefix } from "../../network/route.ts";
import type { FamilyDefaults } from "../../network/state.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { AF_INET, AF_INET6, RTM_NEWRULE } from "../../wire/netlink/message-constants.ts";
import { forEachReply } from "../../wire/netlink/reply.ts";
import {
  encodeGetRouteDump,
  encodeGetRouteLookup,
  encodeGetRuleDump,
} from "../../wire/netlink/request.ts";
import { decodeRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import { routeHeaderScan } from "../../wire/netlink/route-scan.ts";
import { decodeRule, type RuleMessage } from "../../wire/netlink/rule.ts";
import { candidateTables } from "./candidate-tables.ts";
import { KernelError } from "./kernel-error.ts";
import { nexthopReader } from "./nexthop-reading.ts";
import { type DumpReader, type Requester, refused } from "./requester.ts";
import { joinAnswers, placeRoutes } from "./route-places.ts";
import { translateRoute } from "./route-translation.ts";

/** What the reading of defaults asks of the process that it runs in. */
export interface DefaultsReaderOptions {
  readonly requester: Requester;
  /** Protocol number of our own rules, whose tables are for bound sockets. */
  readonly protocolTag: number;
}

// One address in each half of the family's global unicast space.
const probes: Readonly<Record<IpFamily, readonly Uint8Array[]>> = {
  ipv4: [Uint8Array.of(1, 0, 0, 1), Uint8Array.of(128, 0, 0, 1)],
  ipv6: [
    Uint8Array.of(0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    Uint8Array.of(0x3f, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
  ],
};

/** The errors that stand for "no route": nothing there, or unreachable, prohibit, blackhole and throw routes. */
const noRoute = new Set(["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL", "ESRCH", "EAGAIN"]);

const attempts = 3;

/**
 * Reads the defaults of a family and the kernel's own answers. The table and the answers are read one after the
 * other: an answer that the table should have shown means that it changed in between, and both are read again.
 *
 * @throws PlatformError
 */
export async function readDefaults(
  options: DefaultsReaderOptions,
  family: IpFamily,
  signal: AbortSignal,
): Promise<FamilyDefaults> {
  for (let attempt = 1; ; attempt += 1) {
    const { requester, protocolTag } = options;
    const tables = candidateTables(await readRules(requester, family, signal), protocolTag);
    const messages: RouteMessage[] = [];
    for (const table of tables)
      messages.push(...(await readShortRoutes(requester, family, table, signal)));
    const found = probes[family].map((address) => readAnswer(requester, family, address));
    const resolve = nexthopReader(requester);
    const nowMs = Date.now();
    const translate = (message: RouteMessage): DefaultRoute =>
      translateRoute(message, resolve, nowMs);
    const routes = placeRoutes(messages.map(translate));
    const answers = found.map((message) => (message === null ? null : translate(message)));
    const joined = joinAnswers(routes, answers, longestDefaultPrefix);
    const torn = joined.added.some(({ table, prefix }) => {
      return tables.includes(table) && (family === "ipv6" || prefix.startsWith("0.0.0.0/"));
    });
    if (!torn || attempt === attempts) return joined.defaults;
  }
}

/**
 * The rules of a family, in the kernel's order; none where the kernel has no policy routing.
 *
 * @throws PlatformError
 */
export async function readRules(
  requester: Requester,
  family: IpFamily,
  signal: AbortSignal,
): Promise<readonly RuleMessage[]> {
  const action = `read the ${family} rules`;
  const encode = (seq: number): Uint8Array => encodeGetRuleDump(seq, numberOf(family));
  const rules = await requester.dump(action, encode, ruleReader, signal);
  if (!(rules instanceof KernelError)) return rules;
  // A kernel without policy routing (CONFIG_IP_MULTIPLE_TABLES), or without the family.
  if (rules.code === "EAFNOSUPPORT" || rules.code === "EOPNOTSUPP") return [];
  throw refused(action, rules);
}

function ruleReader(): DumpReader<readonly RuleMessage[]> {
  const rules: RuleMessage[] = [];
  return {
    take: (buffer, seq) =>
      forEachReply(buffer, buffer.length, seq, (type, offset, length) => {
        if (type === RTM_NEWRULE) rules.push(decodeRule(buffer.subarray(offset, offset + length)));
      }),
    finish: () => rules,
  };
}

async function readShortRoutes(
  requester: Requester,
  family: IpFamily,
  table: number,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  const action = `read the ${family} routes of table ${table}`;
  const encode = (seq: number): Uint8Array => encodeGetRouteDump(seq, numberOf(family), { table });
  const routes = await requester.dump(action, encode, () => shortRouteReader(family), signal);
  if (!(routes instanceof KernelError)) return routes;
  // A rule may name a table that nobody has put a route into: it does not exist.
  if (routes.code === "ENOENT") return [];
  throw refused(action, routes);
}

/**
 * An IPv4 table comes in ascending order of destinations, so that its defaults stand at the beginning: however
 * many routes follow, one buffer is enough. Short routes to other destinations than 0.0.0.0 are left out for the
 * same reason, even when they stand in that buffer: they are found by what the kernel answers.
 */
function shortRouteReader(family: IpFamily): DumpReader<readonly RouteMessage[]> {
  const routes: RouteMessage[] = [];
  return {
    take(buffer, seq) {
      const scan = routeHeaderScan(
        buffer,
        buffer.length,
        seq,
        longestDefaultPrefix,
        (offset, length) => {
          const route = decodeRoute(buffer.subarray(offset, offset + length));
          // A default for some sources only carries nothing of a socket that has no source yet.
          if (route.srcLength > 0) return;
          if (family === "ipv6" || isZero(route.dst)) routes.push(route);
        },
      );
      return { ...scan, enough: family === "ipv4" && scan.pastDefaults };
    },
    finish: () => routes,
  };
}

function readAnswer(
  requester: Requester,
  family: IpFamily,
  address: Uint8Array,
): RouteMessage | null {
  const action = `ask for the ${family} route of an outside address`;
  const encode = (seq: number): Uint8Array => encodeGetRouteLookup(seq, { dst: address });
  const answer = requester.ask(action, encode, decodeRoute);
  if (!(answer instanceof KernelError)) return answer;
  // A blackhole answers EINVAL without a word; with one, the kernel minds the request.
  if (noRoute.has(answer.code) && !(answer.code === "EINVAL" && answer.explained)) return null;
  // Without IPv6 in the kernel nothing leads anywhere.
  if (answer.code === "EAFNOSUPPORT" || answer.code === "EOPNOTSUPP") return null;
  throw new PlatformError("rejected", action, answer);
}

function isZero(destination: Uint8Array | null): boolean {
  return destination === null || destination.every((byte) => byte === 0);
}

/** AF_INET or AF_INET6. */
export function numberOf(family: IpFamily): number {
  return family === "ipv4" ? AF_INET : AF_INET6;
}
