import { Command } from "commander";
import type { GlobalOptions, Session } from "../session.ts";
import { showStatus } from "../show-status.ts";
import { clientFor } from "./global-options.ts";

/** `netwatch status`: what is wrong, if anything, and what the network is now. */
export function statusCommand(session: Session): Command {
  return new Command("status")
    .description("what is wrong, the defaults and the interfaces")
    .option("--watch", "stay, and show each change as it comes")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { watch?: true }>();
      if (!options.watch) return await showStatus(session, options);
      const { watchStatus } = await import("../watch-status.ts");
      const { listenForInterruption } = await import("../interruption.ts");
      using interruption = listenForInterruption();
      const client = clientFor(session, options);
      await watchStatus(client, session, options.json === true, interruption.signal);
    });
}
