import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { RoutingReading, ScopedDefault } from "../platform/route-control.ts";
import type { RouteEvidence, RuleRemoval, ScopedEvidence } from "../platform/route-evidence.ts";
import type { Hold } from "../routes/plan-scoped.ts";
import type { ScopedView } from "../routes/scoped-view.ts";
import { defaultHealOptions } from "../routes/self-heal/healer.ts";
import { scopedEvidenceOf, scopedEvidenceOfRule } from "../routes/self-heal/scoped-evidence.ts";
import { createSelfHeal, type ScopedLook } from "../routes/self-heal/self-heal.ts";
import type { SelfHealEvent } from "../routes/self-heal/self-heal-event.ts";
import type { SlotPlaces } from "../routes/slot-record.ts";
import type { Logger } from "./logger.ts";
import type { RouteNews } from "./route-news.ts";

/** What putting scoped defaults right takes. */
export interface HealedScopesOptions {
  readonly places: SlotPlaces;
  readonly tag: string;
  /** A clock that stops while the host sleeps, in ms. */
  readonly awakeMs: () => number;
  /** Interfaces as last read. */
  readonly interfaces: () => ReadonlyMap<number, NetworkInterface>;
  /** What stands or should, as it was last planned. */
  readonly views: () => readonly ScopedView[];
  /** Time alone has decided something. */
  readonly onDue: () => void;
  readonly tell: (news: readonly RouteNews[]) => void;
  readonly log: Logger;
}

/** Self-heal with its timer. Disposing of it ends the timer. */
export interface HealedScopes extends Disposable {
  hear(evidence: RouteEvidence): void;
  hearRule(removal: RuleRemoval): void;
  /** The routing was read, before anything is put right. */
  look(reading: RoutingReading): void;
  /** What must not be put right now. */
  holds(): readonly Hold[];
  /** One is about to be put right, or made: who takes it away from now on does it anew. */
  installing(entry: ScopedDefault): void;
  /** A round is over. */
  reconciled(): void;
  linkChanged(interfaceIndex: number): void;
  defaultChanged(family: IpFamily): void;
  woke(): void;
  /** The user asked for it. */
  resume(interfaceIndex: number): void;
}

export function healScopes(options: HealedScopesOptions): HealedScopes {
  const { awakeMs, log } = options;
  const heal = createSelfHeal({
    limits: defaultHealOptions,
    isOurRequester: ({ pid }) => pid === process.pid,
  });
  let timer: ReturnType<typeof setTimeout> | null = null;
  let closed = false;

  const nameOf = (index: number): string => options.interfaces().get(index)?.name ?? `#${index}`;
  const say = (events: readonly SelfHealEvent[]): void => {
    for (const event of events) {
      const { family, interfaceIndex } = event;
      const name = nameOf(interfaceIndex);
      if (event.kind === "fight") {
        const { kind, meaning } = event;
        const base = { severity: "health", cause: "message", what: "scoped-default" } as const;
        options.tell([{ ...base, kind, interface: name, family, meaning }]);
      } else if (event.kind === "undone") {
        const { command, pid } = event.by.requester;
        log.info(`${family} of ${name}: somebody took a part of the scoped default away`, {
          command,
          pid,
          times: event.undos,
        });
      } else log.info(`${family} of ${name}: it is repaired again`, { because: event.because });
    }
    arm();
  };
  const arm = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (closed) return;
    const now = awakeMs();
    const due = heal.dueAt(now);
    timer = due === null ? null : setTimeout(options.onDue, Math.max(1, due - now));
  };

  const hear = (evidence: ScopedEvidence | null): void => {
    if (evidence !== null) say(heal.hear(evidence, awakeMs()));
  };

  return {
    hear: (evidence) => hear(scopedEvidenceOf(evidence, options.places, options.tag)),
    hearRule: (removal) => hear(scopedEvidenceOfRule(removal, options.places)),
    look(reading) {
      const looks = options.views().flatMap((view) => lookOf(view, reading, options.interfaces()));
      say(heal.look(looks, awakeMs()));
    },
    holds: () => heal.holds(awakeMs()),
    installing: (entry) => heal.repaired(entry, awakeMs()),
    reconciled: arm,
    linkChanged: (index) => say(heal.linkChanged(index, awakeMs())),
    defaultChanged: (family) => say(heal.defaultChanged(family, awakeMs())),
    woke: () => say(heal.woke(awakeMs())),
    resume(interfaceIndex) {
      for (const family of ["ipv4", "ipv6"] as const) say(heal.resume({ family, interfaceIndex }));
    },
    [Symbol.dispose]() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** How one that stood is found now. */
function lookOf(
  { interface: name, family, state }: ScopedView,
  { scoped }: RoutingReading,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): readonly ScopedLook[] {
  if (state === "pending" || state === "stale") return [];
  const link = [...interfaces.values()].find((one) => one.name === name);
  if (link === undefined) return [];
  const found = scoped.filter(
    ({ entry }) => entry.family === family && entry.interfaceName === name,
  );
  const whole = found.find(({ complete }) => complete) ?? found[0];
  const slot = whole?.entry.slot ?? null;
  return [{ family, interfaceIndex: link.index, slot, complete: whole?.complete === true }];
}
