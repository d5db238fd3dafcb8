import { Command, CommanderError } from "commander";
import { netwatchVersion } from "../admin-api/version.ts";
import { examplesText } from "../command-line/examples-text.ts";
import { daemonCommands, explainUnknownCommand } from "../command-line/unknown-command.ts";
import { reportError } from "./cli-error.ts";
import { CommandEnd } from "./command-end.ts";
import { addGlobalOptions } from "./commands/global-options.ts";
import { examplesOf } from "./examples.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Session } from "./session.ts";

/** Carries out one command line and gives the exit code. What went wrong is said on stderr. */
export async function runProgram(words: readonly string[], session: Session): Promise<number> {
  try {
    const program = await createProgram(words, session);
    await program.parseAsync([...words], { from: "user" });
    return exitCodes.done;
  } catch (error) {
    // Commander has printed its own errors already; help and version end this way too, with 0.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    if (error instanceof CommandEnd) return error.exitCode;
    return await reportError(error, session);
  }
}

type MakeCommand = (session: Session) => Command;

const loadCommand: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  status: async () => (await import("./commands/status.ts")).statusCommand,
  interfaces: async () => (await import("./commands/interfaces.ts")).interfacesCommand,
  events: async () => (await import("./commands/events.ts")).eventsCommand,
  routes: async () => (await import("./commands/routes.ts")).routesCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  lease: async () => (await import("./commands/lease.ts")).leaseCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  completion: async () => (await import("./commands/completion.ts")).completionCommand,
};

/** The commands that a word names; all of them for the help, and where none is named, for "did you mean". */
async function loadCommands(words: readonly string[]): Promise<MakeCommand[]> {
  const names = Object.keys(loadCommand);
  const named = names.filter((name) => words.includes(name));
  const needsAll = ["--help", "-h", "completion"].some((word) => words.includes(word));
  const wanted = named.length === 0 || needsAll ? names : named;
  const loads = wanted.flatMap((name) => loadCommand[name] ?? []);
  return await Promise.all(loads.map((load) => load()));
}

/** The whole command line, as far as these words need it; with `completion` among them it is all there. */
export async function createProgram(words: readonly string[], session: Session): Promise<Command> {
  const program = new Command("netwatch")
    .description("Asks netwatchd what it knows of this host's network.")
    .version(netwatchVersion, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Type `netwatch --help` to see what there is.")
    .configureOutput({
      writeOut: (text) => void session.stdout.write(text),
      writeErr: (text) => void session.stderr.write(text),
      outputError: (text, write) =>
        write(explainUnknownCommand(text, daemonCommands).replace(/^error: /, "netwatch: ")),
    });
  addGlobalOptions(program);
  for (const make of await loadCommands(words)) {
    program.addCommand(inherit(make(session), program, []));
  }
  return program;
}

/** What program.command() would hand down, to a command that was made on its own, and to those below it. */
function inherit(command: Command, parent: Command, above: readonly string[]): Command {
  const path = [...above, command.name()];
  command.copyInheritedSettings(parent).helpCommand(false);
  const examples = examplesOf(path);
  if (examples.length > 0) command.addHelpText("after", examplesText(examples));
  for (const below of command.commands) inherit(below, command, path);
  return command;
}
