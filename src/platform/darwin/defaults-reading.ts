import type { IpFamily } from "../../network/address.ts";
import type { DefaultRoute } from "../../network/route.ts";
import type { FamilyDefaults } from "../../network/state.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import {
  answerByList,
  type ListedRoutes,
  listRoutes,
  type TranslatedAnswer,
  translateAnswer,
} from "./answer-translation.ts";
import { RouteRequester } from "./route-requester.ts";
import { Errno, refused } from "./routing-error.ts";
import type { RoutingSocketPort, SysctlPort } from "./routing-socket-port.ts";
import type { Sequence } from "./sequence.ts";
import { readShortTable, type TableExtent } from "./short-table.ts";

/** What the reading of defaults asks of the host. */
export interface DefaultsReaderOptions {
  readonly routing: RoutingSocketPort;
  readonly sysctl: SysctlPort;
  readonly sequence: Sequence;
}

// One address in each half of the family's global unicast space.
const probes: Readonly<Record<IpFamily, readonly Uint8Array[]>> = {
  ipv4: [Uint8Array.of(1, 0, 0, 1), Uint8Array.of(128, 0, 0, 1)],
  ipv6: [
    Uint8Array.of(0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    Uint8Array.of(0x3f, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
  ],
};

const attempts = 3;

/**
 * Reads the defaults of a family and the kernel's own answers. While nothing but plain defaults stands, that is the
 * few entries which the kernel marks; once there is any other short route, or an answer that the marked entries do
 * not have, the whole table is looked at. An answer that the whole table should have shown means that it changed in
 * between, and both are read again.
 *
 * @throws PlatformError; what the ports throw; the signal's reason
 */
export async function readDefaults(
  options: DefaultsReaderOptions,
  family: IpFamily,
  signal: AbortSignal,
): Promise<FamilyDefaults> {
  using requester = new RouteRequester(options.routing, options.sequence);
  let extent: TableExtent = "marked";
  let mute = false;
  for (let attempt = 1; ; attempt += 1) {
    const listed = listRoutes(await readShortTable(options.sysctl, family, extent, signal));
    const found: (RouteMessage | "lost" | null)[] = [];
    for (const address of probes[family]) {
      const answer: RouteMessage | "lost" | null = mute
        ? "lost"
        : await readAnswer(requester, family, address, signal);
      mute = answer === "lost";
      found.push(answer);
    }
    const answers = found.map((answer, at) => translateFound(answer, at, family, listed));
    const missing = answers.some((answer) => answer.missing);
    if (extent === "marked" && (mute || missing || listed.routes.some(isPart))) {
      extent = "whole";
      attempt -= 1;
      continue;
    }
    if (!missing || attempt === attempts) return joinMissing(listed, answers);
  }
}

/** What the kernel would take for an address; `lost` when it did not say. */
async function readAnswer(
  requester: RouteRequester,
  family: IpFamily,
  address: Uint8Array,
  signal: AbortSignal,
): Promise<RouteMessage | "lost" | null> {
  const outcome = await requester.ask(
    {
      action: "GET",
      destination: { family: family === "ipv4" ? "inet" : "inet6", address, prefixLength: null },
      gateway: null,
      scope: null,
      flags: [],
      mtu: null,
      withInterface: false,
    },
    signal,
  );
  switch (outcome.kind) {
    case "answered":
      return outcome.message;
    case "lost":
      return "lost";
    case "refused":
      if (outcome.errno === Errno.ESRCH) return null;
      throw refused(`ask for the ${family} route of an outside address`, outcome.errno);
    default:
      return outcome satisfies never;
  }
}

function translateFound(
  answer: RouteMessage | "lost" | null,
  at: number,
  family: IpFamily,
  listed: ListedRoutes,
): TranslatedAnswer {
  const address = probes[family][at] ?? new Uint8Array();
  const message = answer === "lost" ? answerByList(address, listed) : answer;
  return translateAnswer(message, address, listed);
}

/** A route that changed so fast that no list ever had it stands in the list all the same. */
function joinMissing(
  { routes }: ListedRoutes,
  answers: readonly TranslatedAnswer[],
): FamilyDefaults {
  const added: DefaultRoute[] = [];
  for (const { route, missing } of answers)
    if (missing && route !== null && !added.some((each) => each.prefix === route.prefix))
      added.push(route);
  return { routes: [...routes, ...added], answers: answers.map(({ route }) => route) };
}

function isPart({ prefix }: DefaultRoute): boolean {
  return !prefix.endsWith("/0");
}
