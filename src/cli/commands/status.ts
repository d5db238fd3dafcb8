import { Command } from "commander";
import { statusPath } from "../../admin-api/paths.ts";
import { asStatus } from "../admin-answer.ts";
import { print, printJson } from "../print.ts";
import { type Session, viewOf } from "../session.ts";
import { clientFor, type GlobalOptions } from "./global-options.ts";

/** `netwatch status`: what is wrong, if anything, and what the network is now. */
export function statusCommand(session: Session): Command {
  return new Command("status")
    .description("what is wrong, the defaults and the interfaces")
    .option("--watch", "stay, and show each change as it comes")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { watch?: true }>();
      const client = clientFor(session, options);
      if (options.watch) {
        const { watchStatus } = await import("../watch-status.ts");
        const { listenForInterruption } = await import("../interruption.ts");
        using interruption = listenForInterruption();
        await watchStatus(client, session, options.json === true, interruption.signal);
        return;
      }
      const action = "show the status";
      const asked = client.get(statusPath, action);
      if (options.json) return await printJson(session.stdout, await asked);
      // Loaded while the daemon thinks.
      const [answer, { renderStatus }] = await Promise.all([asked, import("../render/status.ts")]);
      await print(session.stdout, renderStatus(asStatus(answer, action), viewOf(session)));
    });
}
