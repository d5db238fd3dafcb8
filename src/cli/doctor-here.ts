import { readdirSync } from "node:fs";
import { release } from "node:os";
import type { Checkup } from "../admin-api/checkup-schema.ts";
import { statusPath } from "../admin-api/paths.ts";
import { netwatchVersion } from "../admin-api/version.ts";
import { asStatus } from "../admin-client/admin-answer.ts";
import type { AdminClient } from "../admin-client/admin-client.ts";
import { isWithoutDaemon } from "../admin-client/admin-client-error.ts";
import { type Config, defaultConfig } from "../daemon/config.ts";
import { loadConfig } from "../daemon/load-config.ts";
import { checkUp } from "../doctor/checkup.ts";
import type { DaemonFacts, Facts, JournalFacts, RoutingFacts } from "../doctor/facts.ts";
import { readManagers, readService } from "../doctor/service-reading.ts";
import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { openRouteInquiry } from "../platform/open-route-inquiry.ts";
import { describeDefault } from "../routes/default-comparison.ts";
import { JournalError } from "../routes/journal/journal-error.ts";
import { foldJournal, type OpenDebt } from "../routes/journal/journal-state.ts";
import { readJournal } from "../routes/journal/open-journal.ts";
import { daemonPaths, type ManagementHere, openManagementWith } from "./management-here.ts";
import type { Session } from "./session.ts";

/** What a checkup looks at. */
export interface DoctorOptions {
  readonly client: AdminClient;
  /** Beneath which directory the host's files stand: `/`, or another for a test or an image. */
  readonly root: string;
  /** Instead of the system's. */
  readonly stateDirectory: string | null;
  /** Instead of the system's. */
  readonly configFile: string | null;
}

/**
 * Looks at everything that keeps netwatch from doing its work, with a daemon and without, as root and not. What
 * cannot be looked at is a finding.
 */
export async function examine(
  session: Session,
  options: DoctorOptions,
  signal: AbortSignal,
): Promise<Checkup> {
  const { platform, uid } = session;
  // The system's daemon is the one that matters, whoever asks.
  const paths = daemonPaths(session, 0);
  const { config, trouble } = await configOf(
    options.configFile ?? paths.configFile,
    options.configFile !== null,
  );
  const daemon = await daemonFacts(options.client, signal);
  const facts: Omit<Facts, "routing" | "journal"> = {
    platform,
    uid,
    version: netwatchVersion,
    now: session.now(),
    kernelRelease: release(),
    daemon,
    configTrouble: trouble,
    onStop: config.routes.onStop,
    service: readService(options.root, platform),
    managers: readManagers(options.root),
  };
  let here: ManagementHere;
  try {
    const directory = options.stateDirectory ?? paths.stateDirectory;
    here = await openManagementWith(session, config, directory);
  } catch (error) {
    return checkUp({ ...facts, routing: messageOf(error), journal: { kind: "unseen" } });
  }
  await using _ = here;
  const interfaces = await interfacesOf(here, signal);
  const routing = await routingFacts(here, interfaces, platform, signal).catch(messageOf);
  const journal = await journalFacts(here, interfaces, uid, options);
  return checkUp({ ...facts, routing, journal });
}

async function configOf(
  file: string,
  mustExist: boolean,
): Promise<{ readonly config: Config; readonly trouble: string | null }> {
  try {
    return { config: (await loadConfig(file, mustExist)).config, trouble: null };
  } catch (error) {
    return { config: defaultConfig, trouble: messageOf(error) };
  }
}

async function daemonFacts(client: AdminClient, signal: AbortSignal): Promise<DaemonFacts> {
  const action = "ask for the status";
  try {
    return {
      kind: "answers",
      status: asStatus(await client.get(statusPath, action, signal), action),
    };
  } catch (error) {
    if (isWithoutDaemon(error)) return { kind: "absent" };
    return { kind: "silent", why: messageOf(error) };
  }
}

type Interfaces = ReadonlyMap<number, NetworkInterface>;

async function interfacesOf({ network }: ManagementHere, signal: AbortSignal): Promise<Interfaces> {
  try {
    const { interfaces } = await network.read({ kind: "all" }, signal);
    return new Map([...interfaces].flatMap(([index, link]) => (link ? [[index, link]] : [])));
  } catch {
    return new Map(); // the routing is read next, and what keeps it from that is the finding
  }
}

async function routingFacts(
  { management }: ManagementHere,
  interfaces: Interfaces,
  platform: string,
  signal: AbortSignal,
): Promise<RoutingFacts> {
  const { scoped, obstacles, defaults } = await management.control.read(signal);
  await using inquiry = platform === "linux" ? await openRouteInquiry(platform) : null;
  const rules = async (family: IpFamily) =>
    inquiry?.kind === "rules" ? await inquiry.readRules(family, signal) : [];
  return {
    scoped,
    obstacles,
    rules: { ipv4: await rules("ipv4"), ipv6: await rules("ipv6") },
    nameOf: (index) => interfaces.get(index)?.name ?? `interface ${index}`,
    ownDefaults: defaults
      .filter(({ route }) => route.protocol === management.tag)
      .map(({ route }) => describeDefault(route, interfaces)),
  };
}

async function journalFacts(
  { management }: ManagementHere,
  interfaces: Interfaces,
  uid: number,
  { stateDirectory }: DoctorOptions,
): Promise<JournalFacts> {
  if (uid !== 0 && stateDirectory === null) return { kind: "unseen" };
  const { directory, control } = management;
  try {
    const identity = control.identity();
    const { records, report } = await readJournal(directory, identity.bootId);
    return {
      kind: "read",
      directory: directory.path,
      debts: foldJournal(records, identity).openDebts.flatMap((debt) => owed(debt, interfaces)),
      damaged: report.damaged.reduce((sum, { bytes }) => sum + bytes, 0),
      lost: report.missing,
      quarantined: quarantinedIn(directory.path),
    };
  } catch (error) {
    if (error instanceof JournalError && error.code === "not-permitted") return { kind: "unseen" };
    const isNewer = error instanceof JournalError && error.code === "newer-version";
    return { kind: "unusable", why: messageOf(error), isNewer };
  }
}

function owed({ displaced }: OpenDebt, interfaces: Interfaces): readonly string[] {
  const places = displaced.taken ?? displaced.defaults.map((_, place) => place);
  return places.flatMap((place) => {
    const route = displaced.defaults[place]?.route;
    return route === undefined ? [] : [describeDefault(route, interfaces)];
  });
}

function quarantinedIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.startsWith("journal.damaged"));
  } catch {
    return [];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
