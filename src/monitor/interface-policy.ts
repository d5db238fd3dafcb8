import type { InterfaceKind, NetworkInterface } from "../network/interface.ts";
import { matchesGlob } from "./glob.ts";

/** What the configuration says of interfaces by their names. */
export interface InterfacePolicy {
  /** The kind that the first matching glob gives, else the platform's. */
  kindOf(subject: Pick<NetworkInterface, "name" | "kind">): InterfaceKind;
  /** The changes of such a name are churn, unless it carries a default. */
  isChurn(name: string): boolean;
}

/** Makes the policy from the globs of the configuration, in their order. */
export function interfacePolicy(
  churn: readonly string[],
  kinds: Readonly<Record<string, InterfaceKind>>,
): InterfacePolicy {
  const overrides = Object.entries(kinds);
  return {
    kindOf: ({ name, kind }) =>
      overrides.find(([pattern]) => matchesGlob(pattern, name))?.[1] ?? kind,
    isChurn: (name) => churn.some((pattern) => matchesGlob(pattern, name)),
  };
}
