import type {
  ForgetAnswer,
  PlanAnswer,
  RestoreAnswer,
  ScopedAnswer,
} from "../admin-api/route-change-schema.ts";
import type { Routes } from "../admin-api/status-schema.ts";
import { ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import type { JournalState } from "../routes/journal/journal-state.ts";
import {
  foretellRestore,
  judgeRestore,
  type RestoreOutcome,
  refused,
  showStep,
} from "../routes/restore-outcome.ts";
import type { RouteKeeper } from "../routes/route-keeper.ts";
import { viewDefault } from "./default-view.ts";
import { describeRefusal } from "./route-trouble.ts";

/** What a user can ask for. Each settles when it is done or was tried. */
export interface RouteCommands {
  install(interfaceName: string): Promise<ScopedAnswer>;
  remove(interfaceName: string): Promise<ScopedAnswer>;
  /** Somebody has asked for scoped defaults of that name, by hand. */
  isAskedFor(interfaceName: string): boolean;
  restore(dryRun: boolean): Promise<RestoreAnswer>;
  plan(): Promise<PlanAnswer>;
  forget(): Promise<ForgetAnswer>;
  lastKnownGood(): Routes["lastKnownGood"];
}

export interface RouteCommandsOptions {
  readonly keeper: RouteKeeper;
  readonly signal: AbortSignal;
  /** Called before anything is changed: a user asked for it. */
  readonly requested: () => void;
  /** Ends a fight over the scoped defaults of an interface. */
  readonly resume: (interfaceIndex: number) => void;
  readonly forget: () => Promise<void>;
  readonly lastKnownGood: () => JournalState["lastKnownGood"];
  /** Defaults that somebody else took away, and that only a restore puts back. */
  readonly lost: () => readonly RecordedDefault[];
  readonly interfaces: () => ReadonlyMap<number, NetworkInterface>;
}

export function routeCommands(options: RouteCommandsOptions): RouteCommands {
  const { keeper, signal } = options;
  const askedFor = new Set<string>();
  const standing = (name: string): ScopedAnswer => ({
    scoped: keeper
      .views()
      .scoped.filter((view) => view.interface === name)
      .map((view) => ({ ...view })),
  });
  const lastKnownGood = (): Routes["lastKnownGood"] => {
    const { ipv4, ipv6 } = options.lastKnownGood();
    const view = (good: typeof ipv4): ReturnType<typeof viewDefault> | null => {
      if (good === null) return null;
      const names = new Map(good.interfaces.map(({ index, name }) => [index, name]));
      return viewDefault(good.route, "default", names);
    };
    return { ipv4: view(ipv4), ipv6: view(ipv6) };
  };
  return {
    async install(name) {
      options.requested();
      askedFor.add(name);
      for (const link of options.interfaces().values())
        if (link.name === name) options.resume(link.index);
      await keeper.install(name);
      return standing(name);
    },
    async remove(name) {
      options.requested();
      askedFor.delete(name);
      await keeper.remove(name);
      return standing(name);
    },
    isAskedFor: (name) => askedFor.has(name),
    async restore(dryRun) {
      const lost = options.lost();
      if (dryRun) return answerOf(foretellRestore(await keeper.plan(signal, lost)));
      options.requested();
      try {
        const { views, outcomes, left } = await keeper.restore(lost);
        return answerOf(judgeRestore({ ...views, steps: left }, outcomes, []));
      } catch (error) {
        const refusal = describeRefusal(error);
        if (refusal === null) throw error;
        return answerOf(refused(5, ...refusal));
      }
    },
    async plan() {
      const { steps } = await keeper.plan(signal);
      return { steps: steps.map(showStep) };
    },
    async forget() {
      const known = lastKnownGood();
      await options.forget();
      return {
        forgotten: ipFamilies.flatMap((family) => {
          const route = known[family];
          return route === null ? [] : [{ family, default: route }];
        }),
      };
    },
    lastKnownGood,
  };
}

function answerOf({ sentences, steps, ...rest }: RestoreOutcome): RestoreAnswer {
  return { ...rest, sentences: [...sentences], steps: [...steps] };
}
