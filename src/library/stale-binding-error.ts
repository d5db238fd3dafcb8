/** Why nothing can leave by a binding: its interface is gone, is down, has no carrier, or its name is another's now. */
export type StaleBecause = "gone" | "down" | "no-carrier" | "moved";

/** An interface as a binding knows it; index and generation are null while there is none. */
export interface BoundInterface {
  readonly interface: string;
  readonly index: number | null;
  /** How many devices have borne this name, this one included. */
  readonly generation: number | null;
}

/** The interface of a binding is not what it was; nothing left by another. `cause` is what the kernel said, if it did. */
export class StaleBindingError extends Error implements BoundInterface {
  override readonly name = "StaleBindingError";
  readonly code = "stale-binding";
  readonly because: StaleBecause;
  readonly interface: string;
  readonly index: number | null;
  readonly generation: number | null;

  constructor(action: string, subject: BoundInterface, because: StaleBecause, cause?: unknown) {
    super(
      `cannot ${action}: ${subject.interface} ${words[because]}`,
      cause === undefined ? {} : { cause },
    );
    this.because = because;
    this.interface = subject.interface;
    this.index = subject.index;
    this.generation = subject.generation;
  }
}

const words: Readonly<Record<StaleBecause, string>> = {
  gone: "does not exist",
  down: "is down",
  "no-carrier": "has no carrier",
  moved: "is not the interface that it was",
};

// What a kernel says of a route, an address or a device that is not there. Whether the binding is stale shows only when
// one looks.
const suspects: ReadonlySet<unknown> = new Set([
  "ENODEV",
  "ENXIO",
  "EADDRNOTAVAIL",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENETDOWN",
]);

/** Whether the kernel's error may mean that the binding is stale. */
export function maySignalStale(error: unknown): boolean {
  return error instanceof Error && "code" in error && suspects.has(error.code);
}
