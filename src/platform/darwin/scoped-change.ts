import type { NetworkInterface } from "../../network/interface.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type { AddOutcome, ScopedDefault } from "../../platform/route-control.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { type InterfaceReaderOptions, readInterface } from "./interface-reading.ts";
import type { RouteQuestion } from "./route-requester.ts";
import { destinationOf, gatewayOver, questionAgain, wholePrefix } from "./route-words.ts";
import { Errno, refused } from "./routing-error.ts";
import {
  gatewayText,
  isTagged,
  type RouteTag,
  readScopedDefault,
  type ScopedReader,
} from "./scoped-reading.ts";

/** What changing scoped defaults needs. */
export interface ScopedChanger extends ScopedReader {
  readonly tag: RouteTag;
  readonly interfaces: InterfaceReaderOptions;
  /** `scopedName` of each that somebody else made exactly as wished; added to and taken from. */
  readonly adopted: Set<string>;
}

type Writing = "ADD" | "CHANGE" | "DELETE";

/** The name of a scoped default: there is one for each family and interface. */
export function scopedName(family: ScopedDefault["family"], interfaceIndex: number): string {
  return `${family} ${interfaceIndex}`;
}

/**
 * Makes the scoped default of an interface. Ours and wrong is changed in its place; somebody else's is adopted when
 * it is what is wished, else it is a conflict. Each kind of request is sent once at most, and what came of it is
 * read.
 *
 * @throws PlatformError
 */
export async function addScopedDefault(
  changer: ScopedChanger,
  entry: ScopedDefault,
  signal: AbortSignal,
): Promise<AddOutcome> {
  const { family, interfaceIndex, gateway } = entry;
  const action = `make the scoped ${family} default of ${entry.interfaceName}`;
  checkExpressible(entry, interfaceOf(changer, entry, action), action);
  const name = scopedName(family, interfaceIndex);
  const sent = new Set<Writing>();
  const send = (writing: Writing): Promise<number> => {
    if (sent.has(writing))
      throw new PlatformError("rejected", action, new Error("it does not stay as it was made"));
    sent.add(writing);
    return write(changer, writing, entry, signal);
  };
  for (;;) {
    const standing = await readScopedDefault(changer, family, interfaceIndex, signal);
    if (standing === null) {
      const errno = await send("ADD");
      // Somebody was faster. XNU compares no gateway: what stands may be anything.
      if (errno !== Errno.OK && errno !== Errno.EEXIST) throw refused(action, errno);
      continue;
    }
    const isRight = standing.index === interfaceIndex && gatewayText(standing) === gateway;
    if (!isTagged(standing, changer.tag)) {
      if (isRight) changer.adopted.add(name);
      else changer.adopted.delete(name);
      return isRight ? "already-there" : "conflict";
    }
    if (isRight) return sent.size === 0 ? "already-there" : "added";
    // A change cannot set flags, and RTF_GATEWAY is one.
    const isSameKind = (gatewayText(standing) === null) === (gateway === null);
    const errno = await send(isSameKind ? "CHANGE" : "DELETE");
    if (errno !== Errno.OK && errno !== Errno.ESRCH) throw refused(action, errno);
  }
}

/**
 * Takes away the scoped default of an interface if it is ours. An adopted one stays, and is nobody's of ours any
 * more.
 *
 * @throws PlatformError
 */
export async function removeScopedDefault(
  changer: ScopedChanger,
  entry: ScopedDefault,
  signal: AbortSignal,
): Promise<void> {
  const { family, interfaceIndex } = entry;
  const action = `remove the scoped ${family} default of ${entry.interfaceName}`;
  changer.adopted.delete(scopedName(family, interfaceIndex));
  const isOurs = (standing: RouteMessage | null): boolean =>
    standing !== null && isTagged(standing, changer.tag);
  if (!isOurs(await readScopedDefault(changer, family, interfaceIndex, signal))) return;
  const errno = await write(changer, "DELETE", entry, signal);
  if (errno !== Errno.OK && errno !== Errno.ESRCH) throw refused(action, errno);
  if (isOurs(await readScopedDefault(changer, family, interfaceIndex, signal)))
    throw new PlatformError("rejected", action, new Error("it stands again"));
}

/** @returns the errno of the write, which is the kernel's word even when the answer itself is lost */
async function write(
  { requester, tag }: ScopedChanger,
  action: Writing,
  { family, interfaceIndex, gateway }: ScopedDefault,
  signal: AbortSignal,
): Promise<number> {
  const way = gateway === null ? [] : (["GATEWAY"] as const);
  const request: RouteQuestion = {
    action,
    destination: destinationOf(wholePrefix(family)),
    gateway: action === "DELETE" ? null : gatewayOver(gateway, interfaceIndex),
    // Index 0 would make it the unscoped default: the encoder does not send that.
    scope: interfaceIndex,
    flags: action === "DELETE" ? ["UP"] : ["UP", ...way, "STATIC", tag],
    mtu: null,
    withInterface: false,
  };
  const outcome = await requester.tell(request, signal);
  if (outcome.kind === "refused") return outcome.errno;
  if (action === "DELETE" && outcome.kind === "answered" && !isTagged(outcome.message, tag)) {
    // Between the reading and the request somebody had put theirs in its place.
    const again = questionAgain(outcome.message, interfaceIndex);
    if (again !== null) await requester.tell(again, signal);
  }
  return Errno.OK;
}

function interfaceOf(
  { interfaces }: ScopedChanger,
  entry: ScopedDefault,
  action: string,
): NetworkInterface {
  const link = readInterface(interfaces, entry.interfaceIndex);
  if (link?.name === entry.interfaceName) return link;
  const is = link === null ? "gone" : `${link.name} now`;
  throw new PlatformError(
    "no-such-interface",
    action,
    new Error(`interface ${entry.interfaceIndex} is ${is}`),
  );
}

/** A scoped route has a gateway and nothing else of what a pair of rules and a table can say. */
function checkExpressible(entry: ScopedDefault, link: NetworkInterface, action: string): void {
  const missing = [
    ["a source address", entry.source !== null],
    ["an MTU of its own", entry.mtu !== null],
    ["a gateway outside of every prefix", entry.onlink],
    ["several legs", entry.nexthops.length > 0],
    ["exceptions for connected prefixes", entry.form === "throw"],
    ["replies by the interface that was asked", entry.replyAddresses.length > 0],
    // Marked, it would have the kernel announce every neighbour; unmarked, nobody would know it for ours.
    [
      `no gateway on ${link.name}, which is no tunnel`,
      entry.gateway === null && link.kind !== "tunnel",
    ],
  ] as const;
  const [found] = missing.filter(([, asked]) => asked);
  if (found !== undefined)
    throw new PlatformError(
      "unsupported",
      action,
      new Error(`a scoped route of macOS cannot have ${found[0]}`),
    );
}
