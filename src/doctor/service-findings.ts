import type { Finding } from "../admin-api/checkup-schema.ts";
import type { Facts } from "./facts.ts";

/** Whether netwatchd starts with this host. */
export function serviceFindings({ service }: Facts): readonly Finding[] {
  const { manager, isInstalled, isEnabled, missingPrograms } = service;
  if (manager === null) return [];
  if (!isInstalled)
    return [
      {
        code: "no-service",
        gravity: "note",
        text: `netwatchd is not a service of ${manager}: it does not start with this host`,
        remedy: "netwatchd install-service, as root",
      },
    ];
  const found: Finding[] = missingPrograms.map((path) => ({
    code: "service-broken",
    gravity: "bad",
    text: `the service starts ${path}, which is not there`,
    remedy: "netwatchd install-service, as root, with the netwatch that is installed now",
  }));
  if (!isEnabled)
    found.push({
      code: "service-disabled",
      gravity: "warn",
      text: "the service of netwatchd is installed and not enabled: it does not start with this host",
      remedy: "systemctl enable --now netwatchd",
    });
  return found;
}
