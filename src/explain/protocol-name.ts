// IANA's protocol numbers, as getprotobynumber(3) knows them; those that a route may be asked for.
const names: ReadonlyMap<number, string> = new Map([
  [1, "ICMP"],
  [6, "TCP"],
  [17, "UDP"],
  [58, "ICMPv6"],
]);

/** `TCP`, or `protocol 47`. */
export function protocolName(protocol: number): string {
  return names.get(protocol) ?? `protocol ${protocol}`;
}

/** `tcp`, or `47`: as a command takes it. */
export function protocolWord(protocol: number): string {
  return names.get(protocol)?.toLowerCase() ?? String(protocol);
}

/** The number of a protocol that is given by name or number; null when it is neither. */
export function protocolNumber(text: string): number | null {
  for (const [number, name] of names) if (name === text.toUpperCase()) return number;
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : null;
}
