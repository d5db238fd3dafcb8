import {
  createDisplacementHeal,
  type DisplacementEvent,
  type DisplacementHeal,
} from "../routes/self-heal/displacement-heal.ts";
import { defaultHealOptions } from "../routes/self-heal/healer.ts";
import type { Logger } from "./logger.ts";
import type { RouteNews } from "./route-news.ts";

/** What putting displacing defaults right takes. */
export interface HealedDisplacementsOptions {
  readonly tag: string;
  /** A clock that stops while the host sleeps, in ms. */
  readonly awakeMs: () => number;
  /** Time alone has decided something. */
  readonly onDue: () => void;
  readonly tell: (news: readonly RouteNews[]) => void;
  readonly log: Logger;
}

/** The healing of displacing defaults with its timer. Disposing of it ends the timer. */
export interface HealedDisplacements extends Omit<DisplacementHeal, "dueAt">, Disposable {}

export function healDisplacements(options: HealedDisplacementsOptions): HealedDisplacements {
  const { tag, awakeMs, log } = options;
  const heal = createDisplacementHeal({
    limits: defaultHealOptions,
    tag,
    isOurRequester: ({ pid }) => pid === process.pid,
    awakeMs,
    tell: (events) => events.forEach(say),
  });
  let timer: ReturnType<typeof setTimeout> | null = null;
  let closed = false;

  const say = ({ family, over, ...event }: DisplacementEvent): void => {
    const what = `the ${family} default over ${over}`;
    if (event.kind === "fight") {
      const { kind, meaning } = event;
      const base = { severity: "health", cause: "message", what: "default" } as const;
      options.tell([{ ...base, kind, interface: over, family, meaning }]);
    } else if (event.kind === "undone") {
      const { command, pid } = event.by.requester;
      log.info(`${what}: somebody took it away, or put another before it`, {
        command,
        pid,
        times: event.undos,
      });
    } else log.info(`${what}: it is repaired again`, { because: event.because });
  };
  const arm = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const due = closed ? null : heal.dueAt();
    if (due !== null) timer = setTimeout(options.onDue, Math.max(1, due - awakeMs()));
  };
  const armed =
    <Words extends readonly unknown[], Answer>(work: (...words: Words) => Answer) =>
    (...words: Words): Answer => {
      const answer = work(...words);
      arm();
      return answer;
    };

  return {
    hear: armed(heal.hear),
    look: armed(heal.look),
    repairing: armed(heal.repairing),
    wished: armed(heal.wished),
    linkChanged: armed(heal.linkChanged),
    woke: armed(heal.woke),
    [Symbol.dispose]() {
      closed = true;
      arm();
    },
  };
}
