import type { IpFamily } from "../../network/address.ts";
import type { DefaultRoute } from "../../network/route.ts";
import type { RecordedDefault } from "../../platform/route-control.ts";
import type { Requester } from "../../platform/route-evidence.ts";

/** Why a default counts as lost. */
export type LostBecause =
  /** Its link or address went, is back, and nobody brought the default back. */
  | "not-returned"
  /** Something put its own default in its place, and that is gone now. */
  | "displaced"
  /** Somebody took it away and put nothing in its place. */
  | "removed"
  /** Its router withdrew it, or its lifetime ended. */
  | "withdrawn"
  /** Nobody knows: no message told. */
  | "unexplained";

interface Subject {
  readonly family: IpFamily;
  readonly route: DefaultRoute;
  /** The route's interfaces as they were called while it stood. */
  readonly interfaceNames: readonly string[];
}

export type GuardEvent =
  | (Subject & {
      readonly kind: "default-lost";
      readonly because: LostBecause;
      /** The reason as a sentence, with who did it where that is known. */
      readonly meaning: string;
      readonly by: Requester | null;
      /** What carries packets instead, or null when nothing does. */
      readonly instead: DefaultRoute | null;
      /** netwatch is about to put it back. */
      readonly restoring: boolean;
      /** What to do by hand, or null when nothing needs to be done. */
      readonly remedy: string | null;
    })
  | (Subject & {
      readonly kind: "default-restored";
      /** Who put it back; null when nobody saw. */
      readonly by: Requester | null;
      /** The default that stands now: of the same interface, and mostly the same one. */
      readonly now: DefaultRoute;
    })
  | (Subject & {
      readonly kind: "displaced";
      readonly by: Requester | null;
      /** The interfaces of what came in its place. */
      readonly over: readonly string[];
    });

/** The last known good default of a family must not be offered any more, if it is this one. */
interface VoidDecision {
  readonly kind: "void-last-known-good";
  readonly family: IpFamily;
  readonly route: DefaultRoute;
  readonly reason: "deliberate-removal" | "router-lifetime";
}

/** A lost default is the kernel's to make, of a router's announcement: the routers of the link shall be asked. */
interface AskDecision {
  readonly kind: "ask-routers";
  readonly family: IpFamily;
  readonly interfaceIndex: number;
}

export type GuardDecision = GuardEvent | VoidDecision | AskDecision;

/** A default that shall be put back. It stands until it is there, or until that is not right any more. */
export interface RestoreWish {
  readonly family: IpFamily;
  /** Its route is for the interfaces and addresses of now; its bytes are as they were read. */
  readonly record: RecordedDefault;
}
