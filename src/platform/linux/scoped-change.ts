import { PlatformError } from "../../platform/platform-error.ts";
import type { AddOutcome, ScopedDefault } from "../../platform/route-control.ts";
import { emptyRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import { RTN_THROW, RTN_UNICAST } from "../../wire/netlink/route-constants.ts";
import type { RuleMessage } from "../../wire/netlink/rule.ts";
import { readRules } from "./defaults-reading.ts";
import { readInterfaceName } from "./interface-name.ts";
import {
  type ChangeAnswer,
  changeFailure,
  requestRoute,
  requestRouteRemoval,
  requestRule,
  requestRuleRemoval,
} from "./kernel-change.ts";
import type { Requester } from "./requester.ts";
import { routeIdentity } from "./route-identity.ts";
import { type SlotLayout, tableOfSlot, wantedRoutes, wantedRules } from "./slot-layout.ts";
import { ruleIdentity, type Slot, slotOf } from "./slot-reading.ts";
import { readTable } from "./table-reading.ts";

/** What changing scoped defaults needs. */
export interface ScopedChanger {
  readonly requester: Requester;
  readonly layout: SlotLayout;
}

/** What is to be made and what is to go, so that a slot holds one scoped default and nothing else of ours. */
interface SlotDifference {
  readonly missingRules: readonly RuleMessage[];
  readonly surplusRules: readonly RuleMessage[];
  readonly missingRoutes: readonly RouteMessage[];
  readonly surplusRoutes: readonly RouteMessage[];
}

/**
 * Makes a scoped default: the table's routes, then the rules that look into main, then the rules that look into the
 * table. What is wrong of ours goes only when what is right stands.
 *
 * @throws PlatformError
 */
export async function addScopedDefault(
  changer: ScopedChanger,
  entry: ScopedDefault,
  signal: AbortSignal,
): Promise<AddOutcome> {
  const action = `make the scoped ${entry.family} default of ${entry.interfaceName}`;
  checkInterface(changer, entry, action);
  const before = await readSlot(changer, entry, signal);
  if (isTaken(before)) return "conflict";
  const todo = differenceOf(changer.layout, before, entry);
  if (isNothing(todo)) return "already-there";
  for (const route of todo.missingRoutes) await placeRoute(changer, entry, route, signal);
  for (const rule of todo.missingRules)
    await settleAnswer(
      changer,
      entry,
      requestRule(changer.requester, action, rule),
      signal,
      (slot) => slot.rules.some((other) => ruleIdentity(other) === ruleIdentity(rule)),
    );
  await removeParts(
    changer,
    entry,
    todo.surplusRules,
    await surplusNow(changer, entry, signal),
    signal,
  );
  const after = await readSlot(changer, entry, signal);
  if (isNothing(differenceOf(changer.layout, after, entry))) return "added";
  throw changeFailure({ action, refusal: null, lost: null });
}

/**
 * Takes away everything of ours in the entry's slot: the rules, the last one made first, then the table's routes.
 *
 * @throws PlatformError
 */
export async function removeScopedDefault(
  changer: ScopedChanger,
  entry: ScopedDefault,
  signal: AbortSignal,
): Promise<void> {
  const action = `remove the scoped ${entry.family} default of ${entry.interfaceName}`;
  const before = await readSlot(changer, entry, signal);
  await removeParts(changer, entry, before.rules, before.routes, signal);
  const after = await readSlot(changer, entry, signal);
  if (after.rules.length + after.routes.length > 0)
    throw changeFailure({ action, refusal: null, lost: null });
}

/** Reads one slot: the family's rules and the slot's table. */
async function readSlot(
  { requester, layout }: ScopedChanger,
  { family, slot }: ScopedDefault,
  signal: AbortSignal,
): Promise<Slot> {
  const rules = await readRules(requester, family, signal);
  const routes = await readTable(requester, family, tableOfSlot(layout, slot), signal);
  return slotOf(layout, family, slot, rules, routes);
}

function isTaken(slot: Slot): boolean {
  return slot.foreignRules.length + slot.foreignRoutes.length > 0;
}

function differenceOf(layout: SlotLayout, slot: Slot, entry: ScopedDefault): SlotDifference {
  const rules = difference(slot.rules, wantedRules(layout, entry), ruleIdentity);
  const routes = difference(slot.routes, wantedRoutes(layout, entry), routeIdentity);
  return {
    missingRules: rules.missing,
    surplusRules: rules.surplus,
    missingRoutes: routes.missing,
    surplusRoutes: routes.surplus,
  };
}

function isNothing(todo: SlotDifference): boolean {
  return Object.values(todo).every((parts: readonly unknown[]) => parts.length === 0);
}

function difference<Part>(
  found: readonly Part[],
  wanted: readonly Part[],
  identityOf: (part: Part) => string,
): { readonly missing: readonly Part[]; readonly surplus: readonly Part[] } {
  const foundIdentities = new Set(found.map(identityOf));
  const left = new Set(wanted.map(identityOf));
  return {
    missing: wanted.filter((part) => !foundIdentities.has(identityOf(part))),
    // The second of two alike is one too many.
    surplus: found.filter((part) => !left.delete(identityOf(part))),
  };
}

/**
 * Adds a route to the table. Where another of our defaults stands, the new one comes beside it, so that there is
 * always one: in IPv4 behind it, where the one that is to go stays the first that a delete can mean; in IPv6, where
 * two of one metric would become one of two legs, in its place.
 */
async function placeRoute(
  changer: ScopedChanger,
  entry: ScopedDefault,
  route: RouteMessage,
  signal: AbortSignal,
): Promise<void> {
  const { requester } = changer;
  const action = `add to table ${route.table}`;
  const { routes } = await readSlot(changer, entry, signal);
  const besides = routes.some((other) => other.dstLength === 0) && route.dstLength === 0;
  const beside = entry.family === "ipv4" ? "append" : "replace";
  const placement = besides ? beside : "exclusive";
  const stands = (wanted: RouteMessage) => (slot: Slot) =>
    slot.routes.some((other) => routeIdentity(other) === routeIdentity(wanted));
  let answer = requestRoute(requester, action, route, placement);
  if (answer.refusal?.code === "EHOSTUNREACH" && routes.some(({ type }) => type === RTN_THROW)) {
    for (const door of doorsTo(route))
      await settleAnswer(
        changer,
        entry,
        requestRoute(requester, action, door, "exclusive"),
        signal,
        stands(door),
      );
    answer = requestRoute(requester, action, route, placement);
  }
  await settleAnswer(changer, entry, answer, signal, stands(route));
}

/**
 * Host routes to the gateways of a route. IPv6 looks for the gateway of a new route in the route's own table and
 * then by the rules, and takes a throw route for a refusal there (fib6_rule_action_alt(), net/ipv6/fib6_rules.c).
 * These lead it to the link; they are too many, and go with what else is.
 */
function doorsTo(route: RouteMessage): readonly RouteMessage[] {
  const legs = route.multipath ?? [{ gateway: route.gateway, ifindex: route.oif }];
  return legs.flatMap(({ gateway, ifindex }) =>
    gateway === null
      ? []
      : [
          {
            ...emptyRoute,
            family: route.family,
            table: route.table,
            protocol: route.protocol,
            type: RTN_UNICAST,
            dst: gateway,
            dstLength: gateway.length * 8,
            oif: ifindex,
          },
        ],
  );
}

async function surplusNow(
  changer: ScopedChanger,
  entry: ScopedDefault,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  const slot = await readSlot(changer, entry, signal);
  return differenceOf(changer.layout, slot, entry).surplusRoutes;
}

async function removeParts(
  changer: ScopedChanger,
  entry: ScopedDefault,
  rules: readonly RuleMessage[],
  routes: readonly RouteMessage[],
  signal: AbortSignal,
): Promise<void> {
  const { requester, layout } = changer;
  for (const rule of [...rules].reverse())
    await settleAnswer(
      changer,
      entry,
      requestRuleRemoval(requester, `remove our rule at ${rule.priority ?? 0}`, rule),
      signal,
      (slot) => !slot.rules.some((other) => ruleIdentity(other) === ruleIdentity(rule)),
    );
  for (const route of routes) {
    // The one door by which a default leaves unasked is removeDefault(): this one leads into our tables only.
    if (route.table !== tableOfSlot(layout, entry.slot) || route.protocol !== layout.protocol)
      throw new RangeError(`cannot remove a route of table ${route.table}: it is not ours`);
    await settleAnswer(
      changer,
      entry,
      requestRouteRemoval(requester, `remove from table ${route.table}`, route),
      signal,
      (slot) => !slot.routes.some((other) => routeIdentity(other) === routeIdentity(route)),
    );
  }
}

/** Goes on after an acknowledgement; after anything else only when the change is found made. */
async function settleAnswer(
  changer: ScopedChanger,
  entry: ScopedDefault,
  answer: ChangeAnswer,
  signal: AbortSignal,
  isMade: (slot: Slot) => boolean,
): Promise<void> {
  if (answer.refusal === null && answer.lost === null) return;
  if (!isMade(await readSlot(changer, entry, signal))) throw changeFailure(answer);
}

/** A rule goes by the name and a route by the index: both must be the same interface's. */
function checkInterface({ requester }: ScopedChanger, entry: ScopedDefault, action: string): void {
  const name = readInterfaceName(requester, entry.interfaceIndex);
  if (name === entry.interfaceName) return;
  const is = name === null ? "gone" : `${name} now`;
  throw new PlatformError(
    "no-such-interface",
    action,
    new Error(`interface ${entry.interfaceIndex} is ${is}`),
  );
}
