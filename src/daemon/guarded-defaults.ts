import type { HostState } from "../monitor/host-state.ts";
import { ipFamilies } from "../network/address.ts";
import type { DefaultRoute } from "../network/route.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import type { RouteEvidence } from "../platform/route-evidence.ts";
import { createGuard } from "../routes/guard/guard.ts";
import type { GuardDecision } from "../routes/guard/guard-event.ts";
import type { GuardPolicy } from "../routes/guard/guard-options.ts";
import { createLastKnownGood } from "../routes/guard/last-known-good.ts";
import { foldJournal } from "../routes/journal/journal-state.ts";
import type { JournalPort } from "../routes/journal-port.ts";
import { recordGood } from "./good-record.ts";
import type { Logger } from "./logger.ts";
import { newsOfGuard, type RouteNews } from "./route-news.ts";

/** What looking after the unscoped defaults takes. */
export interface GuardedDefaultsOptions {
  readonly journal: JournalPort;
  readonly graceMs: number;
  readonly policy: () => GuardPolicy;
  /** The protocol that marks routes as ours. */
  readonly tag: string;
  /** A clock that stops while the host sleeps, in ms. */
  readonly awakeMs: () => number;
  readonly putBack: (records: readonly RecordedDefault[]) => void;
  readonly askRouters: (interfaceIndex: number) => void;
  readonly tell: (news: readonly RouteNews[]) => void;
  readonly log: Logger;
}

/** The guard and the last known good with their timer. Disposing of it ends the timer. */
export interface GuardedDefaults extends Disposable {
  hear(evidence: RouteEvidence): void;
  /** The network was read: what is heard from now on explains the look after the next one. */
  networkRead(): void;
  /**
   * The routing was read, or could not be (null), which leaves what it was. Nothing is concluded from it when the
   * network was not read before it.
   */
  routingRead(state: HostState, records: readonly RecordedDefault[] | null): void;
  /** What a restore by hand puts back, whatever the policy. */
  lost(): readonly RecordedDefault[];
  /**
   * The user wants nothing of the past back. Resolves when that is on the disk.
   *
   * @throws JournalError
   */
  forget(): Promise<void>;
}

/** A default is known to be good when it has carried packets for so long. */
const standForMs = 10_000;

export function guardDefaults(options: GuardedDefaultsOptions): GuardedDefaults {
  const { journal, tag, awakeMs, log } = options;
  const isOurRoute = ({ protocol }: DefaultRoute): boolean => protocol === tag;
  const guard = createGuard({
    graceMs: options.graceMs,
    policy: options.policy,
    isOurRequester: ({ pid }) => pid === process.pid,
    isOurRoute,
  });
  const record = recordGood(journal, log);
  const known = foldJournal(journal.records, journal.identity).lastKnownGood;
  const good = createLastKnownGood({
    standForMs,
    known: { ipv4: known.ipv4, ipv6: known.ipv6 },
    isOurRoute,
    write: record.write,
  });
  let names: ReadonlyMap<number, string> = new Map();
  let records: readonly RecordedDefault[] = [];
  /** Heard since the network was read; null while no look is due. */
  let early: RouteEvidence[] | null = null;
  let wished = "[]";
  let timer: ReturnType<typeof setTimeout> | null = null;
  let closed = false;

  const decide = (decisions: readonly GuardDecision[]): void => {
    for (const decision of decisions) {
      switch (decision.kind) {
        case "void-last-known-good":
          good.voidIfSame(decision.route, decision.reason);
          break;
        case "ask-routers":
          log.info(`asking the routers on ${names.get(decision.interfaceIndex) ?? "a link"}`);
          options.askRouters(decision.interfaceIndex);
          break;
        case "default-lost":
        case "default-restored":
        case "displaced":
          options.tell([newsOfGuard(decision, names)]);
          break;
        default:
          decision satisfies never;
      }
    }
    const wishes = guard.wishes().map(({ record }) => record);
    const text = JSON.stringify(wishes.map(({ route }) => route));
    if (text !== wished) options.putBack(wishes);
    wished = text;
    arm();
  };
  const arm = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (closed) return;
    const times = [guard.dueAt(), good.dueAt()].filter((time) => time !== null);
    timer =
      times.length === 0 ? null : setTimeout(advance, Math.max(1, Math.min(...times) - awakeMs()));
  };
  const advance = (): void => {
    const now = awakeMs();
    good.advance(now);
    decide(guard.advance(now));
  };

  return {
    hear(evidence) {
      if (early === null) guard.hear(evidence, awakeMs());
      else early.push(evidence);
    },
    networkRead() {
      early ??= [];
    },
    routingRead({ interfaces, defaults }, read) {
      records = read ?? records;
      if (closed) return;
      record.retry();
      if (early === null) return;
      const now = awakeMs();
      names = new Map([...interfaces.values()].map(({ index, name }) => [index, name]));
      const seen = { interfaces, defaults, records };
      good.look(seen, now);
      decide(guard.look(seen, now));
      for (const evidence of early) guard.hear(evidence, now);
      early = null;
    },
    lost: () => guard.lost().map((wish) => wish.record),
    forget() {
      for (const family of ipFamilies) {
        guard.forget(family);
        good.forget(family);
      }
      decide([]);
      return record.written();
    },
    [Symbol.dispose]() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
