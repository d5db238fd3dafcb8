import { randomUUID } from "node:crypto";
import type { LeaseNews, Leases } from "../leases/lease-holding.ts";
import { openLeases } from "../leases/leases.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { IpFamily } from "../network/address.ts";
import type { DefaultRoute } from "../network/route.ts";
import type { Platform } from "../platform/platform.ts";
import type { JournalPort } from "../routes/journal-port.ts";
import type { RouteKeeper } from "../routes/route-keeper.ts";
import { newsOfLease } from "./lease-view.ts";
import type { Logger } from "./logger.ts";
import type { RouteNews } from "./route-news.ts";

/** What keeping leases takes. */
export interface KeptLeasesOptions {
  readonly platform: Pick<Platform, "read" | "uptime">;
  readonly monitor: Monitor;
  readonly keeper: RouteKeeper;
  readonly journal: JournalPort;
  /** Table of slot 0; null where there are no tables. */
  readonly tableBase: number | null;
  readonly tell: (news: readonly RouteNews[]) => void;
  readonly log: Logger;
}

/** The leases, followed through every change of the network. Disposing of it ends all. */
export async function keepLeases(options: KeptLeasesOptions, signal: AbortSignal): Promise<Leases> {
  const { platform, monitor, keeper, journal, tableBase, tell, log } = options;
  const readCarriers = async (family: IpFamily): Promise<readonly DefaultRoute[]> => {
    const scope = {
      kind: "doors",
      interfaces: new Set<number>(),
      defaults: new Set([family]),
    } as const;
    const { defaults } = await platform.read(scope, signal);
    return (defaults.get(family)?.answers ?? []).flatMap((answer) => answer ?? []);
  };
  const follow = (): Promise<void> => keeper.follow(monitor.state.interfaces);
  const leases = await openLeases({
    keeper,
    journal,
    links: () => monitor.state.interfaces,
    readCarriers,
    follow,
    tableBase,
    newId: randomUUID,
    now: Date.now,
    uptimeMs: () => platform.uptime().totalMs,
    onNews: (news) => tell(shown(news)),
    onTrouble(error) {
      if (!signal.aborted) log.error("a lease could not be looked after", { error });
    },
  });
  const endEvents = monitor.onEvents((events) => {
    const concerned = events.some(
      (event) => "interface" in event && leases.concerns(event.interface),
    );
    // A round that fails has told of it, and is tried again.
    if (concerned) follow().catch(() => undefined);
    leases.look();
  });
  return {
    ...leases,
    async [Symbol.asyncDispose]() {
      endEvents();
      await leases[Symbol.asyncDispose]();
    },
  };
}

function shown(news: LeaseNews): readonly RouteNews[] {
  const told = newsOfLease(news);
  return told === null ? [] : [told];
}
