import { leasesPath } from "../admin-api/paths.ts";
import type { LeaseError } from "../leases/lease-error.ts";
import type { Leases, LeaseTerms } from "../leases/lease-holding.ts";
import type { AskedWish } from "../leases/lease-terms.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminRoute } from "./admin-route.ts";
import { viewLease } from "./lease-view.ts";
import type { Mode } from "./mode.ts";
import { readPeerCommand } from "./peer-command.ts";
import type { ReadPeer } from "./read-access.ts";
import { refuseToChange } from "./route-change-routes.ts";

/** What the rows of leases work with. */
export interface LeaseRoutesSources {
  readonly mode: Mode;
  /** Null while nothing may be changed. */
  readonly leases: Leases | null;
  readonly readPeer: ReadPeer;
}

/** The rows of the admin API that give and list leases. */
export function leaseRoutes({ mode, leases, readPeer }: LeaseRoutesSources): readonly AdminRoute[] {
  return [
    {
      method: "GET",
      path: leasesPath,
      query: [],
      answer: () => ({ kind: "json", body: (leases?.list() ?? []).map(viewLease) }),
    },
    {
      method: "POST",
      path: leasesPath,
      query: [],
      takesBody: true,
      async answer({ body, socket }) {
        const able = leases ?? refuseToChange(mode);
        const { asked, ...terms } = await readLeaseRequest(body);
        const peer = readPeer(socket);
        if (peer === null)
          throw new AdminError(
            403,
            "forbidden",
            "this system does not say who is asking, and a lease needs an owner",
            null,
          );
        const command = await readPeerCommand(peer.pid);
        const owner = { pid: peer.pid, uid: peer.uid, command };
        const { streamLease } = await import("./lease-stream.ts");
        try {
          const held = await able.request(asked, { ...terms, owner });
          return {
            kind: "stream",
            write: (response, signal) => streamLease(held, response, signal),
            abandon: () => held.leave(),
          };
        } catch (error) {
          throw await explained(error);
        }
      },
    },
  ];
}

async function readLeaseRequest(
  body: unknown,
): Promise<Omit<LeaseTerms, "owner"> & { readonly asked: AskedWish }> {
  const { leaseRequestSchema } = await import("../admin-api/lease-schema.ts");
  const result = leaseRequestSchema.safeParse(body);
  if (!result.success) {
    const why = result.error.issues.map(({ path, message }) => [...path, message].join(": "));
    const message = `the request's body does not fit: ${why.join("; ")}`;
    const hint = 'send {"kind": "uplink", "via": "eth0"}, or {"kind": "default", "via": "tun0"}';
    throw new AdminError(400, "bad-request", message, hint);
  }
  const { ttlMs, claim = null, families = null, ...wish } = result.data;
  return { ttlMs, claim, asked: { ...wish, families } };
}

const statusOf: Readonly<Record<LeaseError["code"], number>> = {
  "no-such-interface": 404,
  "interface-down": 409,
  "not-ready": 409,
  conflict: 409,
  shadowed: 409,
  outranked: 409,
  refused: 409,
  "too-many": 429,
  "not-yours": 403,
  stopping: 503,
};

async function explained(error: unknown): Promise<unknown> {
  const { LeaseError } = await import("../leases/lease-error.ts");
  if (!(error instanceof LeaseError)) return error;
  const { code, message, hint } = error;
  return new AdminError(statusOf[code], code, message, hint, { cause: error });
}
