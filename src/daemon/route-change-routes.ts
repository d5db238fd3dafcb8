import { forgetPath, planPath, restorePath, scopedRoutePath } from "../admin-api/paths.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminRoute } from "./admin-route.ts";
import type { Mode } from "./mode.ts";
import type { RouteCommands } from "./route-commands.ts";

/** What the changing routes work with. */
export interface ChangingRoutesSources {
  readonly mode: Mode;
  /** Null while nothing may be changed. */
  readonly commands: RouteCommands | null;
  /** @throws AdminError 404 when there is no such interface */
  readonly checkInterface: (name: string) => void;
}

/** The rows of the admin API that plan and change routes. */
export function changingRoutes(sources: ChangingRoutesSources): readonly AdminRoute[] {
  const commands = (): RouteCommands => sources.commands ?? refuseToChange(sources.mode);
  return [
    {
      method: "POST",
      path: scopedRoutePath,
      query: [],
      async answer({ parameters: { interface: name = "" } }) {
        const able = commands();
        sources.checkInterface(name);
        return { kind: "json", body: await able.install(name) };
      },
    },
    {
      method: "DELETE",
      path: scopedRoutePath,
      query: [],
      answer: async ({ parameters }) => ({
        kind: "json",
        body: await commands().remove(parameters.interface ?? ""),
      }),
    },
    {
      method: "POST",
      path: restorePath,
      query: [],
      takesBody: true,
      async answer({ body }) {
        const able = commands();
        const { dryRun } = await readRestoreRequest(body);
        return { kind: "json", body: await able.restore(dryRun) };
      },
    },
    {
      method: "GET",
      path: planPath,
      query: [],
      answer: async () => ({ kind: "json", body: await commands().plan() }),
    },
    {
      method: "POST",
      path: forgetPath,
      query: [],
      answer: () => ({ kind: "json", body: commands().forget() }),
    },
  ];
}

function refuseToChange({ reason }: Mode): never {
  throw new AdminError(
    409,
    "observe-mode",
    `this netwatchd changes no routes, ${reason}`,
    "start netwatchd as root and without --observe",
  );
}

async function readRestoreRequest(body: unknown): Promise<{ readonly dryRun: boolean }> {
  const { restoreRequestSchema } = await import("../admin-api/route-change-schema.ts");
  const result = restoreRequestSchema.safeParse(body ?? {});
  if (result.success) return result.data;
  const why = result.error.issues.map(({ path, message }) => [...path, message].join(": "));
  const message = `the request's body does not fit: ${why.join("; ")}`;
  throw new AdminError(400, "bad-request", message, 'send {"dryRun": true}, or nothing');
}
