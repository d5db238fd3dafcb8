import { forgetPath, planPath, restorePath, scopedRoutePath } from "../admin-api/paths.ts";
import type {
  ForgetAnswer,
  PlanAnswer,
  RestoreAnswer,
  ScopedAnswer,
} from "../admin-api/route-change-schema.ts";
import { createAdminClient, notUnderstood } from "../admin-client/admin-client.ts";
import { AdminClientError, isWithoutDaemon } from "../admin-client/admin-client-error.ts";
import { socketsToTry } from "../admin-client/sockets-to-try.ts";
import { CliError } from "./cli-error.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { DaemonFiles } from "./management-here.ts";
import { print, printJson } from "./print.ts";
import { printable } from "./printable.ts";
import { describeRoute } from "./render/route-words.ts";
import type { RestoreHereOptions } from "./restore-here.ts";
import type { GlobalOptions, Session } from "./session.ts";

/** Prints what netwatchd would do to routes now. */
export async function showPlan(session: Session, options: GlobalOptions): Promise<void> {
  const action = "plan the routes";
  const answer = await clientOf(session, options).get(planPath, action);
  if (options.json) return await printJson(session.stdout, answer);
  const { steps } = checked<PlanAnswer>(answer, "steps", action);
  const lines = steps.map(({ text }) => text);
  await printLines(
    session,
    lines.length === 0 ? ["nothing to do: all stands as it should"] : lines,
  );
}

/** Gives an interface scoped defaults and prints what came of it. */
export async function installScoped(
  session: Session,
  options: GlobalOptions,
  name: string,
): Promise<void> {
  const action = `install the scoped defaults of ${name}`;
  const path = scopedRoutePath.replace("{interface}", encodeURIComponent(name));
  const answer = await clientOf(session, options).send("POST", path, action);
  const { scoped } = checked<ScopedAnswer>(answer, "scoped", action);
  if (options.json) await printJson(session.stdout, answer);
  else await printLines(session, scoped.map(describeScoped));
  const stands = scoped.some(({ state }) => state === "installed" || state === "degraded");
  if (stands) return;
  throw new CliError("refused", `cannot ${action}: none of them can be made now`, {
    hint: `It is made as soon as that has changed, unless you say \`netwatch routes remove ${name}\`.`,
    exitCode: exitCodes.conflict,
  });
}

/** Takes the scoped defaults of an interface away. */
export async function removeScoped(
  session: Session,
  options: GlobalOptions,
  name: string,
): Promise<void> {
  const action = `remove the scoped defaults of ${name}`;
  const path = scopedRoutePath.replace("{interface}", encodeURIComponent(name));
  const answer = await clientOf(session, options).send("DELETE", path, action);
  const { scoped } = checked<ScopedAnswer>(answer, "scoped", action);
  if (options.json) return await printJson(session.stdout, answer);
  const left = scoped.map(describeScoped);
  const gone = `${name} has no scoped default now, and gets none until netwatchd starts anew or you say \`netwatch routes install ${name}\``;
  await printLines(session, left.length === 0 ? [gone] : left);
}

/** Forgets the last known good defaults, by the daemon where one manages routes, else in this process. */
export async function forgetKnown(
  session: Session,
  options: GlobalOptions,
  files: DaemonFiles,
): Promise<void> {
  const action = "forget the last known good defaults";
  let answer: unknown;
  try {
    answer = await clientOf(session, options).send("POST", forgetPath, action);
  } catch (error) {
    if (!isUnmanaged(error)) throw error;
    checkIsRoot(session, action, "forget");
    const { forgetHere } = await import("./forget-here.ts");
    answer = await forgetHere(session, files, action);
  }
  if (options.json) return await printJson(session.stdout, answer);
  const { forgotten } = checked<ForgetAnswer>(answer, "forgotten", action);
  const lines = forgotten.map((one) => `${one.family} ${describeRoute(one.default)}: forgotten`);
  await printLines(
    session,
    lines.length === 0 ? ["nothing to forget: no last known good default is known"] : lines,
  );
}

/** Brings the routing back, by the daemon where one manages routes, else in this process. */
export async function restore(
  session: Session,
  options: GlobalOptions,
  here: RestoreHereOptions,
): Promise<void> {
  const outcome =
    (await askDaemon(session, options, here.dryRun)) ?? (await withoutDaemon(session, here));
  if (options.json) await printJson(session.stdout, outcome);
  else if (outcome.kind === "refused") {
    const [first = "Cannot restore.", ...hints] = outcome.sentences;
    const message = first.slice(0, 1).toLowerCase() + first.slice(1).replace(/\.$/, "");
    const exitCode: ExitCode = outcome.exitCode;
    throw new CliError("refused", message, { hint: hints.join(" ") || null, exitCode });
  } else await printLines(session, outcome.sentences);
  if (outcome.exitCode === exitCodes.done) return;
  throw new CliError("refused", "not everything could be restored", {
    hint: null,
    exitCode: outcome.exitCode,
  });
}

/** Null when no daemon answers, or one that only watches. */
async function askDaemon(
  session: Session,
  options: GlobalOptions,
  dryRun: boolean,
): Promise<RestoreAnswer | null> {
  const action = "restore the routes";
  try {
    const answer = await clientOf(session, options).send("POST", restorePath, action, { dryRun });
    return checked<RestoreAnswer>(answer, "sentences", action);
  } catch (error) {
    if (!isUnmanaged(error)) throw error;
    return null;
  }
}

/** No daemon answers, or one that only watches: then a command may do it itself. */
function isUnmanaged(error: unknown): boolean {
  return (
    isWithoutDaemon(error) || (error instanceof AdminClientError && error.code === "observing")
  );
}

function checkIsRoot({ uid }: Session, action: string, command: string): void {
  if (uid === 0) return;
  throw new CliError("not-permitted", `cannot ${action}: without netwatchd only root may do it`, {
    hint: `Run it as root: sudo netwatch routes ${command}`,
  });
}

async function withoutDaemon(session: Session, here: RestoreHereOptions): Promise<RestoreAnswer> {
  if (!here.dryRun) checkIsRoot(session, "restore the routes", "restore");
  const { restoreHere } = await import("./restore-here.ts");
  const { listenForInterruption } = await import("./interruption.ts");
  using interruption = listenForInterruption();
  const { sentences, steps, ...rest } = await restoreHere(session, here, interruption.signal);
  const left =
    here.verb === "settle" && rest.kind !== "refused"
      ? ["Scoped defaults are left to the next netwatchd."]
      : [];
  return { ...rest, sentences: [...sentences, ...left], steps: [...steps] };
}

function describeScoped({
  family,
  gateway,
  state,
  reason,
}: ScopedAnswer["scoped"][number]): string {
  const way = gateway === null ? "" : ` via ${gateway}`;
  return `${family}${way}: ${state}${reason === null ? "" : `: ${reason}`}`;
}

function clientOf(session: Session, options: GlobalOptions): ReturnType<typeof createAdminClient> {
  return createAdminClient(socketsToTry(session, options.socket));
}

function checked<Answer>(answer: unknown, list: keyof Answer & string, action: string): Answer {
  const value = (answer as Readonly<Record<string, unknown>> | null)?.[list];
  if (!Array.isArray(value)) throw notUnderstood(action);
  return answer as Answer;
}

function printLines(session: Session, lines: readonly string[]): Promise<void> {
  return print(session.stdout, lines.map((line) => `${printable(line)}\n`).join(""));
}
