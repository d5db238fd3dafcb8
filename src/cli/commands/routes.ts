import { Command } from "commander";
import { routesPath } from "../../admin-api/paths.ts";
import { asRoutes } from "../../admin-client/admin-answer.ts";
import { print, printJson } from "../print.ts";
import { type GlobalOptions, type Session, viewOf } from "../session.ts";
import { clientFor } from "./global-options.ts";

interface RestoreFlags extends GlobalOptions {
  readonly dryRun?: true;
  readonly settle?: true;
  readonly stateDir?: string;
  readonly config?: string;
}

/** `netwatch routes`, the same as `netwatch routes list`, and what changes them. */
export function routesCommand(session: Session): Command {
  const routes = new Command("routes").description("the default routes, and what changes them");
  routes.hook("preSubcommand", () =>
    refuseUnknown(routes, new Command("routes").copyInheritedSettings(routes)),
  );
  routes
    .command("list", { isDefault: true })
    .description("every default route, and why it is used or not (the default)")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const action = "list the routes";
      const answer = await clientFor(session, options).get(routesPath, action);
      if (options.json) return await printJson(session.stdout, answer);
      const { renderRoutes } = await import("../render/routes.ts");
      await print(session.stdout, renderRoutes(asRoutes(answer, action), viewOf(session)));
    });
  routes
    .command("plan")
    .description("what netwatchd would do to routes now")
    .action(async (_: unknown, command: Command) => {
      const { showPlan } = await import("../change-routes.ts");
      await showPlan(session, command.optsWithGlobals<GlobalOptions>());
    });
  routes
    .command("install")
    .description("give an interface scoped defaults, whatever the configuration says")
    .argument("<interface>")
    .action(async (name: string, _: unknown, command: Command) => {
      const { installScoped } = await import("../change-routes.ts");
      await installScoped(session, command.optsWithGlobals<GlobalOptions>(), name);
    });
  routes
    .command("remove")
    .description("take the scoped defaults of an interface away, until netwatchd starts anew")
    .argument("<interface>")
    .action(async (name: string, _: unknown, command: Command) => {
      const { removeScoped } = await import("../change-routes.ts");
      await removeScoped(session, command.optsWithGlobals<GlobalOptions>(), name);
    });
  routes
    .command("restore")
    .description("bring back what was displaced or lost; without a daemon, all as before netwatch")
    .option("--dry-run", "only say what would be done")
    .option("--settle", "leave scoped defaults to the next netwatchd, for when no daemon answers")
    .option("--state-dir <directory>", "netwatchd's journal, for when no daemon answers")
    .option("--config <file>", "netwatchd's configuration, for when no daemon answers")
    .action(async (_: unknown, command: Command) => {
      const { restore } = await import("../change-routes.ts");
      const flags = command.optsWithGlobals<RestoreFlags>();
      await restore(session, flags, {
        dryRun: flags.dryRun === true,
        verb: flags.settle === true ? "settle" : "restore",
        stateDirectory: flags.stateDir ?? null,
        configFile: flags.config ?? null,
      });
    });
  routes
    .command("forget")
    .description("forget the last known good defaults, so that no restore brings them back")
    .option("--state-dir <directory>", "netwatchd's journal, for when no daemon answers")
    .option("--config <file>", "netwatchd's configuration, for when no daemon answers")
    .action(async (_: unknown, command: Command) => {
      const { forgetKnown } = await import("../change-routes.ts");
      const flags = command.optsWithGlobals<RestoreFlags>();
      await forgetKnown(session, flags, {
        stateDirectory: flags.stateDir ?? null,
        configFile: flags.config ?? null,
      });
    });
  return routes;
}

/** A word that is no command would come to the one that needs no word; this says what commander says elsewhere. */
function refuseUnknown({ args, commands }: Command, strict: Command): void {
  const [word = "-"] = args;
  if (word.startsWith("-") || commands.some((command) => command.name() === word)) return;
  for (const command of commands) strict.command(command.name());
  strict.parse([word], { from: "user" });
}
