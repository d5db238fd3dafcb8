import { statusPath } from "../admin-api/paths.ts";
import type { Status } from "../admin-api/status-schema.ts";
import { asStatus } from "../admin-client/admin-answer.ts";
import { createAdminClient } from "../admin-client/admin-client.ts";
import { socketsToTry } from "../admin-client/sockets-to-try.ts";
import type { DaemonChoice, Surroundings } from "./surroundings.ts";

export interface StatusOptions extends Pick<DaemonChoice, "socket"> {
  readonly signal?: AbortSignal;
}

/**
 * What netwatchd knows now.
 *
 * @throws AdminClientError when it does not answer
 */
export async function askStatus(
  { socket, signal }: StatusOptions,
  surroundings: Surroundings,
): Promise<Status> {
  const action = "ask for the status";
  const client = createAdminClient(socketsToTry(surroundings, socket));
  return asStatus(await client.get(statusPath, action, signal), action);
}
