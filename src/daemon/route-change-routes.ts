import { forgetPath, planPath, restorePath, scopedRoutePath } from "../admin-api/paths.ts";
import type { Interface } from "../admin-api/status-schema.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminRoute } from "./admin-route.ts";
import type { Mode } from "./mode.ts";
import type { RouteCommands } from "./route-commands.ts";
import { tellRefusal } from "./route-trouble.ts";

/** What the changing routes work with. */
export interface ChangingRoutesSources {
  readonly mode: Mode;
  /** Null while nothing may be changed. */
  readonly commands: RouteCommands | null;
  /** @throws AdminError 404 when there is no such interface */
  readonly findInterface: (name: string) => Pick<Interface, "kind">;
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
        if (sources.findInterface(name).kind === "loopback") throw noUplink(name);
        return { kind: "json", body: await tellRefusal(() => able.install(name)) };
      },
    },
    {
      method: "DELETE",
      path: scopedRoutePath,
      query: [],
      async answer({ parameters: { interface: name = "" } }) {
        const able = commands();
        // One that was asked for may be away; of any other name it is better to say that it is none.
        if (!able.isAskedFor(name)) sources.findInterface(name);
        return { kind: "json", body: await tellRefusal(() => able.remove(name)) };
      },
    },
    {
      method: "POST",
      path: restorePath,
      query: [],
      takesBody: true,
      async answer({ body }) {
        const able = commands();
        const { dryRun } = await readRestoreRequest(body);
        return { kind: "json", body: await tellRefusal(() => able.restore(dryRun)) };
      },
    },
    {
      method: "GET",
      path: planPath,
      query: [],
      async answer() {
        const able = commands();
        return { kind: "json", body: await tellRefusal(() => able.plan()) };
      },
    },
    {
      method: "POST",
      path: forgetPath,
      query: [],
      async answer() {
        const able = commands();
        return { kind: "json", body: await tellRefusal(() => able.forget()) };
      },
    },
  ];
}

/** @throws AdminError: this daemon only watches */
export function refuseToChange({ reason, remedy }: Mode): never {
  const message = `this netwatchd changes no routes, ${reason}`;
  throw new AdminError(409, "observe-mode", message, remedy ?? null);
}

function noUplink(name: string): AdminError {
  const message = `${name} is a loopback interface, which leads nowhere`;
  return new AdminError(409, "no-uplink", message, "name an interface that leads to a network");
}

async function readRestoreRequest(body: unknown): Promise<{ readonly dryRun: boolean }> {
  const { restoreRequestSchema } = await import("../admin-api/route-change-schema.ts");
  const result = restoreRequestSchema.safeParse(body ?? {});
  if (result.success) return result.data;
  const why = result.error.issues.map(({ path, message }) => [...path, message].join(": "));
  const message = `the request's body does not fit: ${why.join("; ")}`;
  throw new AdminError(400, "bad-request", message, 'send {"dryRun": true}, or nothing');
}
