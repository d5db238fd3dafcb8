import type { EventLine } from "../admin-api/event-schema.ts";
import type { Interface, Routes, Status } from "../admin-api/status-schema.ts";
import { notUnderstood } from "./admin-client.ts";

// The schemas themselves would cost more time than everything else that the command line does. The daemon has
// checked what it sends; this is to tell another program, or another version, from netwatchd.

/** @throws AdminClientError "not-understood" */
export function asStatus(answer: unknown, action: string): Status {
  const status = answer as Status;
  const fits =
    isRoutes(answer) &&
    isObject(status.daemon) &&
    Array.isArray(status.daemon.reasons) &&
    isObject(status.source) &&
    isObject(status.counters) &&
    Array.isArray(status.interfaces) &&
    status.interfaces.every(isInterface);
  if (!fits) throw notUnderstood(action);
  return status;
}

/** @throws AdminClientError "not-understood" */
export function asRoutes(answer: unknown, action: string): Routes {
  if (!isRoutes(answer)) throw notUnderstood(action);
  return answer as Routes;
}

/** @throws AdminClientError "not-understood" */
export function asInterfaces(answer: unknown, action: string): readonly Interface[] {
  if (!Array.isArray(answer) || !answer.every(isInterface)) throw notUnderstood(action);
  return answer as Interface[];
}

/** @throws AdminClientError "not-understood" */
export function asInterface(answer: unknown, action: string): Interface {
  if (!isInterface(answer)) throw notUnderstood(action);
  return answer as Interface;
}

/** @throws AdminClientError "not-understood" */
export function parseEventLine(line: string, action: string): EventLine {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw notUnderstood(action, cause);
  }
  const fits = isObject(event) && typeof event.kind === "string" && typeof event.time === "string";
  if (!fits) throw notUnderstood(action);
  return event as EventLine;
}

function isRoutes(answer: unknown): boolean {
  if (!isObject(answer) || !isObject(answer.defaults)) return false;
  const { ipv4, ipv6 } = answer.defaults;
  return (
    [ipv4, ipv6].every((family) => isObject(family) && Array.isArray(family.candidates)) &&
    Array.isArray(answer.scoped) &&
    Array.isArray(answer.displaced)
  );
}

function isInterface(value: unknown): boolean {
  return isObject(value) && typeof value.name === "string" && Array.isArray(value.addresses);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
