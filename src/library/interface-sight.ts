import type { EventLine } from "../admin-api/event-schema.ts";
import { statusPath } from "../admin-api/paths.ts";
import type { Interface, Status } from "../admin-api/status-schema.ts";
import { asStatus } from "../admin-client/admin-answer.ts";
import { type AdminClient, createAdminClient } from "../admin-client/admin-client.ts";
import { AdminClientError } from "../admin-client/admin-client-error.ts";
import { followEvents } from "../admin-client/event-follower.ts";
import { socketsToTry } from "../admin-client/sockets-to-try.ts";
import { createBroadcast } from "../monitor/broadcast.ts";
import { startMonitor } from "../monitor/monitor.ts";
import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { InternetSockets } from "../platform/internet-socket.ts";
import type { Platform } from "../platform/platform.ts";
import type { DaemonChoice, Surroundings } from "./surroundings.ts";

/** That an interface came, went or changed. */
export interface InterfaceNews {
  readonly kind: "interface-added" | "interface-removed" | "interface-changed";
  readonly interface: string;
  readonly index: number;
  readonly generation: number;
}

/** What a binding sees of the host's interfaces. News only ring: what stands is read from the kernel. */
export interface InterfaceSight extends AsyncDisposable {
  /** Generations are those that netwatchd gives; else they were counted from 1 when this process began to look. */
  readonly hasDaemonsCount: boolean;
  /** The interface under an index, read now, or null. */
  read(index: number): Promise<NetworkInterface | null>;
  /** The index of the interface of this name now, or null. */
  indexOf(name: string): number | null;
  /** The generation of the interface under an index, as last told; null while nothing was told of it. */
  generationOf(index: number): number | null;
  /** Calls back with what was told; with nothing when news may have been lost. */
  onNews(listener: (news: readonly InterfaceNews[]) => void): () => void;
}

/** Where news come from, and what stood when they began. */
interface NewsSource extends AsyncDisposable {
  readonly isDaemon: boolean;
  readonly devices: readonly Pick<Interface, "name" | "index" | "generation">[];
}

type Tell = (news: readonly InterfaceNews[]) => void;

/**
 * Looks at the interfaces from here on: told by the daemon if one answers that sees this network, else by a monitor in
 * this process, which also takes over when the daemon goes away.
 *
 * @param name the interface by which a daemon's view is compared with this process's own
 * @throws AdminClientError when only the daemon may be asked and does not answer; PlatformError
 */
export async function openInterfaceSight(
  name: string,
  choice: DaemonChoice,
  surroundings: Surroundings,
): Promise<InterfaceSight> {
  const sockets = await surroundings.openSockets();
  const platform = await surroundings.openPlatform();
  const closing = new AbortController();
  const news = createBroadcast<readonly InterfaceNews[]>();
  const generations = new Map<number, number>();
  // Whoever takes over begins to count anew; what was told before stays true.
  const ahead = new Map<string, number>();
  const tell: Tell = (told) => {
    const counted = told.map((one) => ({
      ...one,
      generation: one.generation + (ahead.get(one.interface) ?? 0),
    }));
    for (const { kind, index, generation } of counted) {
      if (kind === "interface-removed") generations.delete(index);
      else generations.set(index, generation);
    }
    news.tell(counted);
  };
  const begin = (source: NewsSource): NewsSource => {
    const before = new Map(generations);
    generations.clear();
    for (const { name, index, generation } of source.devices) {
      const known = before.get(index) ?? generation;
      generations.set(index, known);
      ahead.set(name, known - generation);
    }
    return source;
  };
  const readOne = async (index: number): Promise<NetworkInterface | null> => {
    const scope = {
      kind: "doors",
      interfaces: new Set([index]),
      defaults: new Set<IpFamily>(),
    } as const;
    const { interfaces } = await platform.read(scope, closing.signal);
    return interfaces.get(index) ?? null;
  };
  const inProcess = async (): Promise<NewsSource> =>
    begin(await monitorNews(platform, tell, closing.signal));

  const close = async (): Promise<void> => {
    closing.abort();
    await source?.then((opened) => opened[Symbol.asyncDispose]()).catch(() => undefined);
    await platform[Symbol.asyncDispose]();
  };
  const lost = (): void => {
    if (closing.signal.aborted) return;
    source = inProcess();
    // Whatever happened in between was not told.
    source.then(
      () => tell([]),
      () => undefined,
    );
  };
  const open = async (): Promise<NewsSource> => {
    if (choice.source === "in-process") return await inProcess();
    try {
      const local = await localView(name, sockets, readOne);
      const daemon = await daemonNews(choice, surroundings, local, tell, lost);
      if (daemon !== null) return begin(daemon);
    } catch (error) {
      if (!(error instanceof AdminClientError) || choice.source === "daemon") throw error;
    }
    return await inProcess();
  };
  let source: Promise<NewsSource> | null = null;
  let hasDaemonsCount: boolean;
  try {
    source = open();
    hasDaemonsCount = (await source).isDaemon;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    hasDaemonsCount,
    read: readOne,
    indexOf: sockets.interfaceIndexOf,
    generationOf: (index) => generations.get(index) ?? null,
    onNews: news.listen,
    [Symbol.asyncDispose]: close,
  };
}

async function localView(
  name: string,
  sockets: InternetSockets,
  readOne: (index: number) => Promise<NetworkInterface | null>,
): Promise<NetworkInterface | null> {
  const index = sockets.interfaceIndexOf(name);
  return index === null ? null : await readOne(index);
}

async function monitorNews(
  platform: Platform,
  tell: Tell,
  signal: AbortSignal,
): Promise<NewsSource> {
  const monitor = await startMonitor(platform, {}, signal);
  const end = monitor.onEvents((events) => {
    const news = events.filter(isInterfaceNews);
    if (news.length > 0) tell(news);
  });
  return {
    isDaemon: false,
    devices: [...monitor.state.interfaces.values()],
    async [Symbol.asyncDispose]() {
      end();
      await monitor[Symbol.asyncDispose]();
    },
  };
}

/** Null when the daemon that answers sees another network: its socket shows in other namespaces, too. */
async function daemonNews(
  choice: DaemonChoice,
  surroundings: Surroundings,
  local: NetworkInterface | null,
  tell: Tell,
  lost: () => void,
): Promise<NewsSource | null> {
  const client = createAdminClient(socketsToTry(surroundings, choice.socket));
  const ending = new AbortController();
  const updates = followEvents(client, {}, ending.signal);
  // Follow first, ask then: what changes in between is told.
  await updates.next();
  const interfaces = await askInterfaces(client).catch((error: unknown) => {
    ending.abort();
    throw error;
  });
  const same = interfaces.find(({ index }) => index === local?.index);
  if (local === null || same?.name !== local.name || same.mac !== local.mac) {
    ending.abort();
    return null;
  }
  const run = async (): Promise<void> => {
    for await (const update of updates) {
      if (update.kind === "lost") return;
      if (update.kind !== "event") continue;
      if (update.event.kind === "lagged") tell([]);
      else if (isInterfaceNews(update.event)) tell([update.event]);
    }
  };
  const done = run()
    .catch(() => undefined)
    .then(() => {
      if (!ending.signal.aborted) lost();
    });
  return {
    isDaemon: true,
    devices: interfaces,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await done;
    },
  };
}

async function askInterfaces(client: AdminClient): Promise<Status["interfaces"]> {
  const action = "see which interfaces there are";
  return asStatus(await client.get(statusPath, action), action).interfaces;
}

function isInterfaceNews<Event extends Pick<EventLine, "kind">>(
  event: Event,
): event is Event & InterfaceNews {
  return ["interface-added", "interface-removed", "interface-changed"].includes(event.kind);
}
