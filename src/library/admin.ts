import { type AdminClient, createAdminClient } from "../admin-client/admin-client.ts";
import { socketsToTry } from "../admin-client/sockets-to-try.ts";

export type { ErrorBody } from "../admin-api/error-schema.ts";
export type { AdminEvent, EventLine, Lagged } from "../admin-api/event-schema.ts";
export type {
  Lease,
  LeaseBinding,
  LeaseBindingState,
  LeaseLine,
  LeaseRequest,
  LeaseRequestInput,
} from "../admin-api/lease-schema.ts";
// biome-ignore lint/performance/noBarrelFile: the entry of a package names what programs may use
export * as paths from "../admin-api/paths.ts";
export type {
  ForgetAnswer,
  PlanAnswer,
  RestoreAnswer,
  ScopedAnswer,
} from "../admin-api/route-change-schema.ts";
export type { Candidate, Default, Defaults } from "../admin-api/route-schema.ts";
export type { Address, Interface, Routes, Status } from "../admin-api/status-schema.ts";
export { netwatchVersion } from "../admin-api/version.ts";
export type { AdminClient } from "../admin-client/admin-client.ts";
export { AdminClientError, type AdminClientErrorCode } from "../admin-client/admin-client-error.ts";
export type { EventsQuestion, FollowUpdate } from "../admin-client/event-follower.ts";
export { followEvents } from "../admin-client/event-follower.ts";

/** A client of netwatchd: at this socket, else at NETWATCH_SOCKET, else of this user's own daemon, else of root's. */
export function openAdminClient(socket?: string): AdminClient {
  const { platform, env } = process;
  const uid = process.geteuid?.() ?? -1;
  return createAdminClient(socketsToTry({ platform, env, uid }, socket));
}
