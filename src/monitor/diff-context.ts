import type { ChangedDoor } from "./changed-door.ts";
import type { Cause } from "./event.ts";

/** What a comparison must know besides the two states. */
export interface DiffContext {
  /** Indexes of interfaces that may differ. */
  readonly changed: ReadonlySet<number>;
  /** Indexes under which another device stands than before. */
  readonly replaced: ReadonlySet<number>;
  readonly isChurn: (name: string) => boolean;
  readonly causeOf: (door: ChangedDoor) => Cause;
}
