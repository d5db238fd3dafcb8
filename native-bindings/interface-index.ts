import { libcFunction } from "./libc.ts";

const nameToIndex = libcFunction<[name: string], number>(
  "unsigned int if_nametoindex(const char *name)",
);

/** The index of an interface by its name (if_nametoindex(3)), or null when there is none. */
export function interfaceIndexOf(name: string): number | null {
  const index = nameToIndex(name);
  return index === 0 ? null : index;
}

const indexToName = libcFunction<[index: number, name: Uint8Array], string | null>(
  "const char *if_indextoname(unsigned int index, char *name)",
);

/** The name of an interface by its index (if_indextoname(3)), or null when there is none. */
export function interfaceNameOf(index: number): string | null {
  return indexToName(index, new Uint8Array(16)); // IF_NAMESIZE
}
