import type { IpFamily } from "../../network/address.ts";
import type { DefaultRoute } from "../../network/route.ts";
import type { FamilyDefaults } from "../../network/state.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { addressQuestion } from "./address-question.ts";
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

/** In the half of IPv6 that has no outside address: shows the half of a split that nothing else would show. */
const otherHalves: typeof probes = {
  ipv4: [],
  ipv6: [Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
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
  let mute = false;
  const look = async (extent: TableExtent, addresses: readonly Uint8Array[]): Promise<Look> => {
    const listed = listRoutes(await readShortTable(options.sysctl, family, extent, signal));
    const answers: TranslatedAnswer[] = [];
    for (const address of addresses) {
      const answer = mute ? "lost" : await readAnswer(requester, family, address, signal);
      mute = answer === "lost";
      const message = answer === "lost" ? answerByList(address, listed) : answer;
      answers.push(translateAnswer(message, address, listed));
    }
    return { listed, answers, missing: answers.some((answer) => answer.missing) };
  };

  const first = await look("marked", [...probes[family], ...otherHalves[family]]);
  if (!mute && !first.missing && !first.listed.routes.some(isPart))
    return defaultsOf(first.listed, first.answers.slice(0, probes[family].length));
  for (let attempt = 1; ; attempt += 1) {
    const { listed, answers, missing } = await look("whole", probes[family]);
    if (!missing || attempt === attempts) return defaultsOf(listed, answers);
  }
}

/** The table and the answers, read one after the other. */
interface Look {
  readonly listed: ListedRoutes;
  readonly answers: readonly TranslatedAnswer[];
  readonly missing: boolean;
}

/** What the kernel would take for an address; `lost` when it did not say. */
async function readAnswer(
  requester: RouteRequester,
  family: IpFamily,
  address: Uint8Array,
  signal: AbortSignal,
): Promise<RouteMessage | "lost" | null> {
  const outcome = await requester.ask(addressQuestion(family, address), signal);
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

/** An answer that no list ever had, so fast did the table change, stands in the list all the same. */
function defaultsOf(
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
