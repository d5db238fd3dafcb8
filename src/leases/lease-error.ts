/**
 * Why a lease is refused. `conflict`: another one stands there; `shadowed`, `outranked`: a rule or another route
 * would still win; `not-ready`: its interface has no way now; `refused`: the system does not take it.
 */
export type LeaseErrorCode =
  | "no-such-interface"
  | "interface-down"
  | "not-ready"
  | "conflict"
  | "shadowed"
  | "outranked"
  | "refused"
  | "too-many"
  | "not-yours"
  | "stopping";

/** A lease is refused, and nothing has been changed. The message says why, the hint what to do next. */
export class LeaseError extends Error {
  override readonly name = "LeaseError";
  readonly code: LeaseErrorCode;
  readonly hint: string | null;

  constructor(code: LeaseErrorCode, message: string, hint: string | null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}
