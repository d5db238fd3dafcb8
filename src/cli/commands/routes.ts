import { Command } from "commander";
import { routesPath } from "../../admin-api/paths.ts";
import { asRoutes } from "../admin-answer.ts";
import { print, printJson } from "../print.ts";
import { type GlobalOptions, type Session, viewOf } from "../session.ts";
import { clientFor } from "./global-options.ts";

/** `netwatch routes`, the same as `netwatch routes list`. */
export function routesCommand(session: Session): Command {
  const routes = new Command("routes").description("the default routes");
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
  return routes;
}
