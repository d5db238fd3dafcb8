import type { LeaseLine, LeaseRequestInput } from "../admin-api/lease-schema.ts";
import { leasesPath } from "../admin-api/paths.ts";
import { type AdminClient, notUnderstood } from "./admin-client.ts";

/** A lease as its connection tells of it: the first line, and those that come. It ends with the signal. */
export interface LeaseLines {
  readonly granted: Extract<LeaseLine, { kind: "granted" }>;
  readonly later: AsyncIterable<LeaseLine>;
}

/**
 * Asks for a lease; resolves when it is granted.
 *
 * @throws AdminClientError
 */
export async function openLeaseLines(
  client: AdminClient,
  request: LeaseRequestInput,
  action: string,
  signal: AbortSignal,
): Promise<LeaseLines> {
  const lines = await client.openLines(leasesPath, action, signal, request);
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  const granted = first.done === true ? null : parseLeaseLine(first.value, action);
  if (granted?.kind !== "granted") throw notUnderstood(action);
  return { granted, later: laterLines(iterator, action) };
}

async function* laterLines(
  lines: AsyncIterator<string>,
  action: string,
): AsyncGenerator<LeaseLine, void, undefined> {
  for (let next = await lines.next(); next.done !== true; next = await lines.next())
    yield parseLeaseLine(next.value, action);
}

function parseLeaseLine(text: string, action: string): LeaseLine {
  let line: LeaseLine | null;
  try {
    line = JSON.parse(text) as LeaseLine | null;
  } catch (cause) {
    throw notUnderstood(action, cause);
  }
  const fits =
    typeof line?.kind === "string" && typeof line.id === "string" && Array.isArray(line.bindings);
  if (line === null || !fits) throw notUnderstood(action);
  return line;
}
