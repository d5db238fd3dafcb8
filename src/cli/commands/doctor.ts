import { Command } from "commander";
import { CommandEnd } from "../command-end.ts";
import { exitCodes } from "../exit-codes.ts";
import { listenForInterruption } from "../interruption.ts";
import { print, printJson } from "../print.ts";
import { type GlobalOptions, type Session, viewOf } from "../session.ts";
import { clientFor } from "./global-options.ts";

interface DoctorFlags extends GlobalOptions {
  readonly root: string;
  readonly stateDir?: string;
  readonly config?: string;
}

/** `netwatch doctor`: what keeps netwatch from doing its work here, and what to do about it. */
export function doctorCommand(session: Session): Command {
  return new Command("doctor")
    .description("what is wrong on this host for netwatch, and what to do about it")
    .option("--root <directory>", "look for the host's files beneath it", "/")
    .option("--state-dir <directory>", "netwatchd's journal, when it is not the system's")
    .option("--config <file>", "netwatchd's configuration, when it is not the system's")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DoctorFlags>();
      const { examine } = await import("../doctor-here.ts");
      using interruption = listenForInterruption();
      const checkup = await examine(
        session,
        {
          client: clientFor(session, flags),
          root: flags.root,
          stateDirectory: flags.stateDir ?? null,
          configFile: flags.config ?? null,
        },
        interruption.signal,
      );
      if (flags.json) await printJson(session.stdout, checkup);
      else {
        const { renderCheckup } = await import("../render/checkup.ts");
        await print(session.stdout, renderCheckup(checkup, viewOf(session)));
      }
      if (!checkup.healthy) throw new CommandEnd(exitCodes.failed);
    });
}
