import { interfaceKinds, type NetworkInterface } from "../../network/interface.ts";
import { nullable, object, oneOf, text, whole } from "./shape.ts";

/** What makes an interface the one that a record speaks of. */
export const interfaceIdentityShape = object({
  index: whole(1),
  name: text(1),
  mac: nullable(text()),
  kind: oneOf(interfaceKinds),
});

export type InterfaceIdentity = Pick<NetworkInterface, "index" | "name" | "mac" | "kind">;

/** Where the interface of a record is now. */
export type Recognition =
  | { readonly kind: "same" | "renamed" | "returned"; readonly interface: NetworkInterface }
  | { readonly kind: "gone" };

/** What a record keeps of an interface. */
export function identityOf({ index, name, mac, kind }: InterfaceIdentity): InterfaceIdentity {
  return { index, name, mac, kind };
}

/**
 * Finds the interface that a record speaks of. The same index with the same name or MAC is the same one,
 * perhaps renamed; another index with the same name and MAC has returned; anything else is not it, because the
 * kernel gives an index again and anybody can take a name.
 */
export function recogniseInterface(
  identity: InterfaceIdentity,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): Recognition {
  const sameMac = (now: NetworkInterface): boolean => now.mac !== null && now.mac === identity.mac;
  const atIndex = interfaces.get(identity.index);
  if (atIndex?.name === identity.name) return { kind: "same", interface: atIndex };
  if (atIndex !== undefined && sameMac(atIndex)) return { kind: "renamed", interface: atIndex };
  for (const now of interfaces.values()) {
    if (now.name === identity.name && sameMac(now)) return { kind: "returned", interface: now };
  }
  return { kind: "gone" };
}
