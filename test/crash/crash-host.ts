import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { restoreHere } from "../../src/cli/restore-here.ts";
import type { RestoreOutcome } from "../../src/routes/restore-outcome.ts";
import { openNamespace, type TestNamespace, until } from "../namespace/namespace.ts";
import type { DoomedPool } from "./doomed-pool.ts";
import type { Scenario } from "./scenario.ts";

const config = '[interfaces]\nkinds = { "tun*" = "tunnel" }\n[routes]\nguard = "off"\n';
const never = new AbortController().signal;

/**
 * Lives a scenario to its end on a host of its own, then restores: the routing must be what it was before, with what
 * others have changed meanwhile, and a second restore must change nothing. Gives where each of its processes was killed.
 */
export async function runScenario(
  scenario: Scenario,
  pool: DoomedPool,
): Promise<readonly string[]> {
  const kills: string[] = [];
  const directory = mkdtempSync(join(tmpdir(), "netwatch-crash-"));
  try {
    await checkScenario(scenario, pool, directory, kills);
    return kills;
  } catch (error) {
    const again = `npm run campaign -- --runs 1 --seed ${scenario.seed}`;
    const what = error instanceof Error ? error.message : String(error);
    const where = `seed ${scenario.seed}, killed ${kills.join(", ")}; again by: ${again}`;
    throw new Error(`${where}\n${what}`, { cause: error });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function checkScenario(
  scenario: Scenario,
  pool: DoomedPool,
  directory: string,
  kills: string[],
): Promise<void> {
  using host = await openCrashHost(scenario.furniture);
  writeFileSync(join(directory, "config.toml"), config);
  const before = routingOf(host);
  const changes: string[] = [];
  for (const life of scenario.lives) {
    rmSync(join(directory, "netwatchd.sock"), { force: true });
    const end = await pool.live({ life, netns: host.path, directory });
    if (end.signal !== "SIGKILL") throw new Error(`the ${life.as} died by itself: ${end.stderr}`);
    for (const word of end.words) {
      if (word.word === "killed") kills.push(`${life.as} ${word.at}`);
      if (word.word !== "changed") continue;
      const deed = life.deeds[word.deed];
      if (deed?.do === "world") changes.push(...deed.ip);
    }
  }
  const expected = changes.length === 0 ? before : await routingAfter(scenario, changes);
  enterNetworkNamespace(host.path);
  const first = await restore(directory);
  expect(first, first.sentences.join(" ")).toMatchObject({ kind: "done", exitCode: 0 });
  await settled(host, expected);
  expect(routingOf(host)).toEqual(expected);
  const journal = readFileSync(join(directory, "state", "journal"));
  const second = await restore(directory);
  expect(second, second.sentences.join(" ")).toMatchObject({ exitCode: 0, steps: [] });
  expect(routingOf(host)).toEqual(expected);
  expect(readFileSync(join(directory, "state", "journal")).equals(journal)).toBe(true);
}

/** What a host has that others have changed in the same way, and on which netwatch never ran. */
async function routingAfter({ furniture }: Scenario, changes: readonly string[]): Promise<unknown> {
  using twin = await openCrashHost(furniture);
  twin.ipBatch(changes);
  await readyLinks(twin);
  return routingOf(twin);
}

async function openCrashHost(furniture: readonly string[]): Promise<TestNamespace> {
  const host = await openNamespace();
  // Without duplicate address detection, link-local addresses are there as soon as the carrier is.
  const switchOff =
    "for at in all default; do echo 0 > /proc/sys/net/ipv6/conf/$at/accept_dad; done";
  host.run("sh", "-c", switchOff);
  host.ipBatch(furniture);
  await readyLinks(host);
  return host;
}

/** Waits for what the kernel does on its own when a carrier comes: a link-local address, and its routes. */
async function readyLinks(host: TestNamespace): Promise<void> {
  await until("the links being ready", () => {
    const links = (host.ipJson("link show") as readonly IpLink[]).filter(
      ({ link_type, flags }) => link_type !== "loopback" && flags.includes("UP"),
    );
    const routes = host.ipJson("-6 route show table local") as { dev: string; dst: string }[];
    return links.every(({ ifname }) =>
      ["fe80:", "ff00:"].every((start) =>
        routes.some(({ dev, dst }) => dev === ifname && dst.startsWith(start)),
      ),
    );
  });
}

interface IpLink {
  readonly ifname: string;
  readonly link_type: string;
  readonly flags: readonly string[];
}

async function settled(host: TestNamespace, expected: unknown): Promise<void> {
  const deadline = performance.now() + 2_000;
  while (!isDeepStrictEqual(routingOf(host), expected) && performance.now() < deadline)
    await readyLinks(host);
}

/** All tables and rules of both families, by `ip`. */
function routingOf(host: TestNamespace): unknown {
  const both =
    "for family in -4 -6; do printf 'route show table all\\nrule\\n' | ip $family -j -d -batch -; done";
  return host
    .run("sh", "-c", both)
    .split("\n")
    .filter(Boolean)
    .map((line) => inAnyOrder(JSON.parse(line) as readonly Listed[]));
}

interface Listed {
  readonly protocol: string;
}

/** The routes that links bring along come in the order in which the kernel got to them; no other order is lost. */
function inAnyOrder(listed: readonly Listed[]): unknown {
  const isKernels = ({ protocol }: Listed): boolean => protocol === "kernel";
  const texts = listed.filter(isKernels).map((one) => JSON.stringify(one));
  return { kernels: texts.sort(), others: listed.filter((one) => !isKernels(one)) };
}

function restore(directory: string): Promise<RestoreOutcome> {
  return restoreHere(
    {
      platform: process.platform,
      uid: process.geteuid?.() ?? 0,
      env: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      now: Date.now,
    },
    {
      dryRun: false,
      stateDirectory: join(directory, "state"),
      configFile: join(directory, "config.toml"),
    },
    never,
  );
}
