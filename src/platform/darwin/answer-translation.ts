import { type DefaultRoute, longestDefaultPrefix } from "../../network/route.ts";
import { covers } from "../../wire/pfroute/covering-route.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { isClone, isScoped, translateRoute } from "./route-translation.ts";

/** The unscoped routes of a family, as they are shown, beside the messages that they were made of. */
export interface ListedRoutes {
  /** Every short route, scoped ones included. */
  readonly messages: readonly RouteMessage[];
  /** The unscoped ones, in the same order. */
  readonly routes: readonly DefaultRoute[];
}

/** What the kernel answers for one address, in the words of the list. */
export interface TranslatedAnswer {
  readonly route: DefaultRoute | null;
  /** The answer is an unscoped short route that the list does not have: it was not read whole, or has changed. */
  readonly missing: boolean;
}

const noAnswer: TranslatedAnswer = { route: null, missing: false };

/** Lists the unscoped routes: a scoped one carries only what is bound to its interface. */
export function listRoutes(messages: readonly RouteMessage[]): ListedRoutes {
  const routes: DefaultRoute[] = [];
  for (const message of messages) {
    const route = isScoped(message) ? null : translateRoute(message);
    if (route !== null) routes.push(route);
  }
  return { messages, routes };
}

/**
 * Puts an answer beside the list. An unscoped look-up prefers the scoped route of the primary interface to the
 * unscoped one: as long as both lead the same way it is the unscoped one that is meant, else it is what really
 * carries packets, and the list has no such route. What the kernel cloned for the very address that was asked for
 * stands for the route that it was made of.
 */
export function translateAnswer(
  answer: RouteMessage | null,
  address: Uint8Array,
  listed: ListedRoutes,
): TranslatedAnswer {
  if (answer === null) return noAnswer;
  const meant = isClone(answer) ? (parentOf(answer, address, listed) ?? answer) : answer;
  const route = translateRoute(meant);
  if (route === null) return noAnswer;
  const known = listed.routes.find((each) => leadsTheSameWay(each, route));
  if (known !== undefined) return { route: known, missing: false };
  const length = meant.prefixLength ?? 0;
  return { route, missing: !isScoped(meant) && !isClone(meant) && length <= longestDefaultPrefix };
}

/**
 * What the kernel would answer, by the list alone: the longest unscoped route over the address, or its scoped twin.
 * Routes longer than a default are not in the list.
 */
export function answerByList(address: Uint8Array, listed: ListedRoutes): RouteMessage | null {
  const over = listed.messages.filter((each) => covers(each, address)).sort(longestFirst);
  const best = over.find((each) => !isScoped(each)) ?? null;
  const twin = over.find(
    (each) =>
      isScoped(each) && each.index === best?.index && each.prefixLength === best.prefixLength,
  );
  return twin ?? best;
}

function parentOf(
  clone: RouteMessage,
  address: Uint8Array,
  { messages }: ListedRoutes,
): RouteMessage | null {
  const way = translateRoute(clone);
  const candidates = messages.filter((each) => {
    const route = translateRoute(each);
    return (
      covers(each, address) &&
      each.index === clone.index &&
      route !== null &&
      route.gateway === way?.gateway
    );
  });
  const unscopedFirst = (a: RouteMessage, b: RouteMessage): number =>
    longestFirst(a, b) || Number(isScoped(a)) - Number(isScoped(b));
  return candidates.sort(unscopedFirst)[0] ?? null;
}

function leadsTheSameWay(a: DefaultRoute, b: DefaultRoute): boolean {
  return (
    a.prefix === b.prefix &&
    a.type === b.type &&
    a.gateway === b.gateway &&
    a.interfaceIndex === b.interfaceIndex
  );
}

function longestFirst(a: RouteMessage, b: RouteMessage): number {
  return (b.prefixLength ?? 0) - (a.prefixLength ?? 0);
}
