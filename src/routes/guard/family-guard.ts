import type { IpFamily } from "../../network/address.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import type { Requester, RouteEvidence } from "../../platform/route-evidence.ts";
import { createArrivals } from "./arrivals.ts";
import { type Charge, type Missing, missingCharge, standingCharge } from "./charge.ts";
import { isPlainDefault, isSameDefault, isSameKey, relocate } from "./default-identity.ts";
import { createEvidenceLog } from "./evidence-log.ts";
import type { GuardDecision, RestoreWish } from "./guard-event.ts";
import type { GuardOptions } from "./guard-options.ts";
import { describeLoss, remedyOf } from "./guard-words.ts";
import { kindsOfLegs, lostAt, reasonOfLoss, voidReasonOf } from "./loss.ts";
import { type NetworkSeen, standingRoutes } from "./network-seen.ts";
import { recordToAdd, tunnelStands } from "./restore-wish.ts";
import { judge, type Verdict } from "./verdict.ts";

/** Looks after the defaults of one family. Times are of one clock that stops while the host sleeps, in ms. */
export interface FamilyGuard {
  hear(evidence: RouteEvidence, now: number): void;
  look(seen: NetworkSeen, now: number): readonly GuardDecision[];
  /** Decides what time alone decides. */
  advance(now: number): readonly GuardDecision[];
  wishes(): readonly RestoreWish[];
  /** What the policy `restore` would wish. */
  lost(): readonly RestoreWish[];
  dueAt(): number | null;
  /** Misses nothing any more. */
  forget(): void;
}

/** A usurper may come first: some programs add their own default, then take the other away. */
const usurperLeadMs = 10_000;
const evidenceKeptMs = 60_000;
const mostCharges = 32;
// RFC 4861 section 10: MAX_RTR_SOLICITATIONS and RTR_SOLICITATION_INTERVAL.
const mostSolicitations = 3;
const solicitationPauseMs = 4_000;

export function createFamilyGuard(family: IpFamily, options: GuardOptions): FamilyGuard {
  const { graceMs, policy, isOurRequester, isOurRoute } = options;
  const log = createEvidenceLog();
  const arrivals = createArrivals(isOurRoute);
  let charges: readonly Charge[] = [];
  let last: NetworkSeen | null = null;

  const isGuarded = (route: DefaultRoute, { interfaces }: NetworkSeen): boolean =>
    isPlainDefault(route) &&
    !isOurRoute(route) &&
    kindsOfLegs(route, interfaces).every(
      (kind) => kind !== null && kind !== "tunnel" && kind !== "loopback",
    );

  const routeNow = ({ route, interfaces }: Charge): DefaultRoute =>
    last === null ? route : relocate(route, interfaces, last.interfaces);

  const stand = (
    before: Charge | null,
    route: DefaultRoute,
    seen: NetworkSeen,
    now: number,
  ): Charge => {
    const same = standingRoutes(seen, family).filter((one) => isSameDefault(one, route));
    const metrics = same.map(({ metric }) => metric);
    const stood = { at: now, heard: log.heard(), metrics };
    const charge = standingCharge(before, route, stood, seen);
    const known = same.flatMap((one): [number, Requester][] => {
      const adder = log.adderOf(one);
      const isTheirs = adder !== null && !isOurRequester(adder);
      const owner = isTheirs ? adder : before?.owners.get(one.metric);
      return owner === undefined ? [] : [[one.metric, owner]];
    });
    // What changed its metric unheard is still whose it was.
    return known.length === 0 ? charge : { ...charge, owners: new Map(known) };
  };

  const subject = (charge: Charge) => ({
    family,
    route: charge.route,
    interfaceNames: charge.interfaces.map(({ name }) => name),
  });

  const verdictOf = (
    charge: Charge,
    { since, linkLost, addressLost, expired }: Missing,
  ): Verdict => {
    const remover = log.removerOf(charge.route, charge.stood);
    const from = since - usurperLeadMs;
    return judge(
      {
        route: charge.route,
        owners: [...charge.owners.values(), ...log.addersSince(charge.route, charge.stood.heard)],
        remover,
        removedByUs: remover !== null && isOurRequester(remover),
        linkLost,
        addressLost,
        expired,
        successor: arrivals.besides(routeNow(charge), from),
        usurper: arrivals.elsewhere(charge.route, from, since + graceMs),
      },
      graceMs,
    );
  };

  /** Follows what took the default's place: it can go, come back, and be followed by another. */
  const followUsurper = (charge: Charge, missing: Missing, now: number): Missing => {
    const { verdict, since } = missing;
    const from = since - usurperLeadMs;
    if (verdict !== null && verdict.kind !== "displaced") return missing;
    const usurper = verdict?.usurper ?? arrivals.elsewhere(charge.route, from, since + graceMs);
    if (usurper === null || arrivals.standsStill(usurper)) return { ...missing, freeSince: null };
    const freeSince = missing.freeSince ?? now;
    const next = arrivals.elsewhere(charge.route, freeSince - usurperLeadMs, freeSince + graceMs);
    if (verdict !== null && next !== null && arrivals.standsStill(next))
      return { ...missing, verdict: { ...verdict, usurper: next }, freeSince: null };
    return { ...missing, freeSince };
  };

  const lose = (
    charge: Charge,
    { since }: Missing,
    verdict: Exclude<Verdict, { kind: "released" }>,
    now: number,
    decisions: GuardDecision[],
  ): Charge => {
    const restorable =
      (verdict.kind === "displaced" || verdict.kind === "unfounded") && verdict.restorable;
    const by = "by" in verdict ? verdict.by : null;
    const because = reasonOfLoss(verdict);
    const told = policy() !== "off";
    const lost: Charge = {
      ...charge,
      phase: { kind: "lost", since, because, restorable, told, asked: 0, askAt: now },
    };
    if (!told) return lost;
    const instead = last?.defaults[family].effective?.route ?? null;
    const over = verdict.kind === "displaced" ? verdict.usurper.over : [];
    const restoring = wishOf(lost) !== null;
    const curable = instead === null || lossOf(lost) !== null;
    const { interfaceNames } = subject(charge);
    decisions.push({
      kind: "default-lost",
      family,
      route: charge.route,
      interfaceNames,
      because,
      meaning: describeLoss(because, by, over),
      by,
      instead,
      restoring,
      remedy: restoring ? null : remedyOf(charge.route, interfaceNames, because, curable),
    });
    return askRouters(lost, now, decisions);
  };

  /** One step of one charge; null when it is looked after no more. */
  const step = (charge: Charge, now: number, decisions: GuardDecision[]): Charge | null => {
    const { phase } = charge;
    if (phase.kind === "standing") return charge;
    if (phase.kind === "lost") {
      const successor = arrivals.besides(routeNow(charge), phase.since - usurperLeadMs);
      if (successor === null) return askRouters(charge, now, decisions);
      if (phase.told) decisions.push(restored(charge, successor.route, successor.by));
      return null;
    }
    let missing = followUsurper(charge, phase, now);
    if (missing.verdict === null && now >= missing.since + graceMs) {
      const verdict = verdictOf(charge, missing);
      announce(charge, verdict, decisions);
      missing = followUsurper(charge, { ...missing, verdict }, now);
    }
    const { verdict } = missing;
    if (verdict === null) return { ...charge, phase: missing };
    if (verdict.kind === "released") return null;
    if (arrivals.besides(routeNow(charge), missing.since - usurperLeadMs) !== null) return null;
    const due = lostAt(missing, graceMs);
    if (due !== null && now >= due) return lose(charge, missing, verdict, now, decisions);
    return { ...charge, phase: missing };
  };

  const announce = (charge: Charge, verdict: Verdict, decisions: GuardDecision[]): void => {
    const reason = voidReasonOf(verdict);
    if (reason !== null)
      decisions.push({ kind: "void-last-known-good", family, route: charge.route, reason });
    if (verdict.kind !== "displaced" || policy() === "off") return;
    const { by, usurper } = verdict;
    decisions.push({ kind: "displaced", ...subject(charge), by, over: usurper.over });
  };

  const restored = (charge: Charge, now: DefaultRoute, by: Requester | null): GuardDecision => ({
    kind: "default-restored",
    ...subject(charge),
    by,
    now,
  });

  /** What to add for a lost default, where that takes nothing from a tunnel, and where the policy wants it. */
  const wishOf = (charge: Charge): RestoreWish | null =>
    policy() === "restore" ? lossOf(charge) : null;

  const lossOf = (charge: Charge): RestoreWish | null => {
    if (last === null || charge.phase.kind !== "lost") return null;
    const record = recordToAdd(charge, last);
    if (record === null) return null;
    const since = arrivals.standingSince(charge.phase.since - usurperLeadMs);
    const newer = since.map((arrival) => arrival.route);
    return tunnelStands(record.route, newer, last.interfaces) ? null : { family, record };
  };

  /** A default that the kernel has from a router is the kernel's to make: the router is asked for it. */
  const askRouters = (charge: Charge, now: number, decisions: GuardDecision[]): Charge => {
    const { phase } = charge;
    if (phase.kind !== "lost" || !isAsking(charge) || now < phase.askAt) return charge;
    for (const interfaceIndex of interfacesOfRoute(routeNow(charge)))
      decisions.push({ kind: "ask-routers", family, interfaceIndex });
    const asked = phase.asked + 1;
    return { ...charge, phase: { ...phase, asked, askAt: now + solicitationPauseMs } };
  };

  const isAsking = (charge: Charge): boolean =>
    charge.phase.kind === "lost" &&
    charge.phase.asked < mostSolicitations &&
    isAnnounced(charge) &&
    wishOf(charge) !== null;

  const added = (wish: (charge: Charge) => RestoreWish | null): readonly RestoreWish[] =>
    charges
      .filter((charge) => !isAnnounced(charge))
      .map(wish)
      .filter((one) => one !== null);

  const advance = (now: number): readonly GuardDecision[] => {
    const decisions: GuardDecision[] = [];
    charges = charges
      .map((charge) => step(charge, now, decisions))
      .filter((charge) => charge !== null);
    return decisions;
  };

  return {
    hear(evidence, now) {
      log.forgetBefore(now - evidenceKeptMs);
      log.add(evidence, now);
      if (!isOurRequester(evidence.requester)) arrivals.hear(evidence, now);
    },
    look(seen, now) {
      last = seen;
      const standing = standingRoutes(seen, family);
      arrivals.look(standing, seen.interfaces, now);
      const plain = standing.filter((route) => isGuarded(route, seen));
      const listed = seen.defaults[family].candidates.map(({ route }) => route);
      const decisions: GuardDecision[] = [];
      const known = charges.map((charge) => {
        const own = routeNow(charge);
        const same = plain.filter((route) => isSameDefault(route, own));
        const match = same.find((route) => isSameKey(route, charge.route)) ?? same[0];
        if (match === undefined) {
          const expired = listed.some((route) => isSameDefault(route, own));
          return missingCharge(charge, expired, seen.interfaces, now);
        }
        if (charge.phase.kind === "lost" && charge.phase.told)
          decisions.push(restored(charge, match, log.adderOf(match)));
        return stand(charge, match, seen, now);
      });
      const isKnown = (route: DefaultRoute): boolean =>
        known.some((charge) => isSameDefault(routeNow(charge), route));
      const fresh: Charge[] = [];
      for (const route of plain) {
        if (isKnown(route) || fresh.some((one) => isSameDefault(one.route, route))) continue;
        fresh.push(stand(null, route, seen, now));
      }
      charges = [...known, ...fresh].slice(-mostCharges);
      return [...decisions, ...advance(now)];
    },
    advance,
    wishes: () => added(wishOf),
    lost: () => added(lossOf),
    dueAt() {
      const times = charges.map((charge) => {
        const { phase } = charge;
        if (phase.kind === "lost" && isAsking(charge)) return phase.askAt;
        if (phase.kind !== "missing") return null;
        return phase.verdict === null ? phase.since + graceMs : lostAt(phase, graceMs);
      });
      const due = times.filter((time) => time !== null);
      return due.length === 0 ? null : Math.min(...due);
    },
    forget() {
      charges = charges.filter(({ phase }) => phase.kind === "standing");
    },
  };
}

/** `ra` is what the kernel writes for a router that announced itself (rt_protos(5)). */
function isAnnounced({ route }: Charge): boolean {
  return route.protocol === "ra";
}
