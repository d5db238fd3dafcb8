import type { IpFamily } from "../../network/address.ts";
import type { DefaultRoute } from "../../network/route.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type { AddOutcome, RecordedDefault } from "../../platform/route-control.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { addressQuestion } from "./address-question.ts";
import { isSameDefault, isSameKey, messageOf, recordOf, requestOf } from "./default-record.ts";
import { type InterfaceReaderOptions, readInterface } from "./interface-reading.ts";
import type { RouteQuestion, RouteRequester } from "./route-requester.ts";
import { translateRoute } from "./route-translation.ts";
import { destinationOf } from "./route-words.ts";
import { Errno, refused } from "./routing-error.ts";
import type { SysctlPort } from "./routing-socket-port.ts";
import { readShortEntries } from "./short-table.ts";

/** What changing unscoped defaults needs. */
export interface DefaultChanger {
  readonly requester: RouteRequester;
  readonly sysctl: SysctlPort;
  readonly interfaces: InterfaceReaderOptions;
}

/**
 * Adds an unscoped default. There can be one of a prefix, so wherever it shall stand among others of its key, any
 * other is a conflict.
 *
 * @throws PlatformError
 */
export function addRecordedDefault(
  changer: DefaultChanger,
  record: RecordedDefault,
  signal: AbortSignal,
): Promise<AddOutcome> {
  return addDefault(changer, record.route, messageOf(record), signal);
}

async function addDefault(
  changer: DefaultChanger,
  route: DefaultRoute,
  known: RouteMessage | null,
  signal: AbortSignal,
): Promise<AddOutcome> {
  const action = `add the default ${route.prefix}`;
  const mtuOf = (index: number) => readInterface(changer.interfaces, index)?.mtu ?? null;
  const request = requestOf(route, known, mtuOf);
  const before = await readStanding(changer, route, signal);
  if (before !== null) return isSameDefault(before.route, route) ? "already-there" : "conflict";
  await checkWay(changer, route, request, action, signal);
  const outcome = await changer.requester.tell(request, signal);
  if (outcome.kind === "refused" && outcome.errno !== Errno.EEXIST)
    throw refused(action, outcome.errno);
  const after = await readStanding(changer, route, signal);
  const stands = after !== null && isSameDefault(after.route, route);
  if (outcome.kind === "refused") {
    // The kernel compares no gateway: what is there may be the very same route or anybody's.
    if (after === null) throw refused(action, outcome.errno);
    return stands ? "already-there" : "conflict";
  }
  if (stands) return "added";
  throw new PlatformError(
    "rejected",
    action,
    new Error(after === null ? "it went again" : "it leads another way than asked"),
  );
}

/**
 * Deletes an unscoped default. The kernel would delete whatever stands under that prefix, so it is read just before
 * and must be the recorded one in every attribute.
 *
 * @throws PlatformError
 */
export async function removeRecordedDefault(
  changer: DefaultChanger,
  { route }: RecordedDefault,
  signal: AbortSignal,
): Promise<"removed" | "already-gone"> {
  const action = `remove the default ${route.prefix}`;
  const before = await readStanding(changer, route, signal);
  if (before === null || !isSameDefault(before.route, route)) return "already-gone";
  const outcome = await changer.requester.tell(unscopedRemoval(before), signal);
  if (outcome.kind === "refused") {
    if (outcome.errno === Errno.ESRCH) return "already-gone";
    throw refused(action, outcome.errno);
  }
  const answer = outcome.kind === "answered" ? outcome.message : null;
  const taken = answer === null ? null : translateRoute(answer);
  if (taken !== null && !isSameDefault(taken, route)) {
    // Between the reading and the request somebody had put theirs in its place.
    await addDefault(changer, taken, answer, signal);
    return "already-gone";
  }
  const after = await readStanding(changer, route, signal);
  if (after === null || !isSameDefault(after.route, route)) return "removed";
  throw new PlatformError("rejected", action, new Error("it stands again"));
}

/** The one place that asks for the end of an unscoped route: of one that was read a moment ago. */
function unscopedRemoval({ route }: RecordedDefault): RouteQuestion {
  return {
    action: "DELETE",
    destination: destinationOf(route.prefix),
    gateway: null,
    scope: null,
    flags: ["UP"],
    mtu: null,
    withInterface: false,
  };
}

/** What stands unscoped under the prefix. */
async function readStanding(
  { sysctl }: DefaultChanger,
  route: DefaultRoute,
  signal: AbortSignal,
): Promise<RecordedDefault | null> {
  const entries = await readShortEntries(sysctl, route.family, "whole", signal);
  const records = entries.flatMap((entry) => recordOf(entry) ?? []);
  return records.find((one) => isSameKey(one.route, route)) ?? null;
}

/**
 * A gateway alone says by which interface an unscoped route leaves. Where it would be another than asked, nothing
 * is sent: what was added could only be taken away again.
 */
async function checkWay(
  { requester, interfaces }: DefaultChanger,
  route: DefaultRoute,
  { gateway }: RouteQuestion,
  action: string,
  signal: AbortSignal,
): Promise<void> {
  const { interfaceIndex } = route;
  if (interfaceIndex === null) return;
  if (readInterface(interfaces, interfaceIndex) === null)
    throw new PlatformError(
      "no-such-interface",
      action,
      new Error(`there is no interface ${interfaceIndex}`),
    );
  // A link gateway, and a link-local one, name the interface themselves.
  if (gateway === null || gateway.kind === "link") return;
  if (gateway.kind === "inet6" && gateway.interfaceIndex !== 0) return;
  const index = await interfaceTowards(requester, route.family, gateway.address, signal);
  if (index === null || index === interfaceIndex) return;
  throw new PlatformError(
    "unreachable",
    action,
    new Error(`${route.gateway} is reached by interface ${index}, not by ${interfaceIndex}`),
  );
}

/** Null where there is no way, or no answer: then the kernel itself decides. */
async function interfaceTowards(
  requester: RouteRequester,
  family: IpFamily,
  address: Uint8Array,
  signal: AbortSignal,
): Promise<number | null> {
  const outcome = await requester.ask(addressQuestion(family, address), signal);
  return outcome.kind === "answered" ? outcome.message.index : null;
}
