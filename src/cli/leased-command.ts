import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { LeaseBinding, LeaseLine } from "../admin-api/lease-schema.ts";
import { CliError } from "./cli-error.ts";

type Granted = Extract<LeaseLine, { kind: "granted" }>;

/** A program that runs while a lease is held. */
export interface LeasedCommand extends Disposable {
  /** Resolves with what the shell shall get: the program's exit code, or 128 and the signal that ended it. */
  readonly ended: Promise<number>;
}

const passedOn = [
  "SIGTERM",
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGCONT",
] as const;
/** The terminal sends these to the program, too. */
const ofTerminal: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGHUP"]);

/** Starts it with what the lease gives in its environment; signals that come are its own. */
export function startLeasedCommand(
  [program = "", ...words]: readonly string[],
  granted: Granted,
  env: NodeJS.ProcessEnv,
  hasTerminal: boolean,
): LeasedCommand {
  const child = spawn(program, words, { stdio: "inherit", env: environmentOf(granted, env) });
  const handlers = passedOn.map((signal) => {
    const passOn = (): void => {
      if (!(hasTerminal && ofTerminal.has(signal))) child.kill(signal);
    };
    process.on(signal, passOn);
    return [signal, passOn] as const;
  });
  return {
    ended: endOf(child, program),
    [Symbol.dispose]() {
      for (const [signal, passOn] of handlers) process.off(signal, passOn);
    },
  };
}

/** The environment with the binding that is ready, the first one where none is; what does not apply is not there. */
function environmentOf({ id, bindings }: Granted, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const binding: Partial<LeaseBinding> =
    bindings.find(({ state }) => state === "ready") ?? bindings[0] ?? {};
  const values = {
    NETWATCH_LEASE: id,
    NETWATCH_INTERFACE: binding.interface,
    NETWATCH_INDEX: binding.index,
    NETWATCH_GATEWAY: binding.gateway,
    NETWATCH_SOURCE: binding.source,
    NETWATCH_TABLE: binding.table,
    NETWATCH_MARK: binding.mark,
  };
  const own = { ...env };
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) delete own[name];
    else own[name] = String(value);
  }
  return own;
}

function endOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      // As a shell says it (bash(1): EXIT STATUS).
      const exitCode = error.code === "ENOENT" ? 127 : 126;
      const message = `cannot run ${program}: ${error.message}`;
      reject(new CliError("refused", message, { hint: null, exitCode, cause: error }));
    });
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
