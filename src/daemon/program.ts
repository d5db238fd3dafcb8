import { Command, Option } from "commander";
import { netwatchVersion } from "../admin-api/version.ts";
import type { Example } from "../command-line/command-tree.ts";
import { examplesText } from "../command-line/examples-text.ts";
import { clientCommands, explainUnknownCommand } from "../command-line/unknown-command.ts";
import type { LogFormat } from "./logger.ts";
import type { Paths } from "./paths.ts";
import type { InstallFlags } from "./service/install-service.ts";

export interface StartFlags {
  readonly config?: string;
  readonly socket?: string;
  readonly stateDir?: string;
  readonly observe?: true;
  readonly netns?: string;
  readonly platform?: "memory";
  readonly log?: LogFormat;
}

/** What the commands of `netwatchd` do. */
export interface ProgramActions {
  readonly start: (flags: StartFlags) => Promise<void>;
  readonly checkConfig: (flags: Pick<StartFlags, "config">) => Promise<void>;
  readonly installService: (flags: InstallFlags) => Promise<void>;
  readonly uninstallService: (flags: Pick<InstallFlags, "root">) => Promise<void>;
}

const examples: Readonly<Record<string, readonly Example[]>> = {
  start: [
    { line: "sudo netwatchd start", purpose: "watch, and look after routes" },
    { line: "netwatchd start --observe", purpose: "only watch, as any user" },
  ],
  "check-config": [
    {
      line: "netwatchd check-config --config new.toml",
      purpose: "before it is put into its place",
    },
  ],
  "install-service": [
    { line: "netwatchd install-service --print", purpose: "what would be written" },
    { line: "sudo netwatchd install-service", purpose: "a service of this host" },
  ],
};

/** Those of one command, by its path without the program's name. */
export function daemonExamplesOf(path: readonly string[]): readonly Example[] {
  return examples[path.join(" ")] ?? [];
}

/** The whole command line of `netwatchd`. */
export function createProgram(paths: Paths, actions: ProgramActions): Command {
  const configOption = new Option(
    "--config <file>",
    `configuration (default: ${paths.configFile})`,
  );
  const program = new Command("netwatchd")
    .description(
      "Watches this host's network, looks after its routes as root, and answers on a Unix socket.",
    )
    .version(netwatchVersion, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .showHelpAfterError("Type `netwatchd --help` to see what there is.")
    .configureOutput({
      outputError: (text, write) =>
        write(explainUnknownCommand(text, clientCommands).replace(/^error: /, "netwatchd: ")),
    })
    .exitOverride();
  program
    .command("start")
    .description(
      "run in the foreground until SIGINT or SIGTERM; SIGHUP reads the configuration again",
    )
    .addOption(configOption)
    .option("--socket <path>", `where to listen (default: ${paths.socket})`)
    .option("--state-dir <directory>", `what must survive (default: ${paths.stateDirectory})`)
    .option("--observe", "change nothing, only watch")
    .option("--netns <name>", "watch another network namespace, by its name or path (Linux)")
    .addOption(
      new Option("--platform <kind>", "watch something else than this system").choices(["memory"]),
    )
    .addOption(
      new Option("--log <format>", "default: readable on a terminal, else json").choices([
        "readable",
        "json",
      ]),
    )
    .action((flags) => actions.start(flags));

  program
    .command("check-config")
    .description("say whether the configuration is good")
    .addOption(configOption)
    .action((flags) => actions.checkConfig(flags));

  program
    .command("install-service")
    .description("have systemd or launchd run netwatchd from now on; needs root")
    .option("--print", "only show the file that would be written")
    .option("--root <directory>", "write it beneath another root, and run nothing")
    .action((flags) => actions.installService(flags));

  program
    .command("uninstall-service")
    .description("end the service that install-service has made, and remove its file")
    .option("--root <directory>", "remove it beneath another root, and run nothing")
    .action((flags) => actions.uninstallService(flags));

  for (const command of program.commands) {
    const own = daemonExamplesOf([command.name()]);
    if (own.length > 0) command.addHelpText("after", examplesText(own));
  }
  return program;
}
