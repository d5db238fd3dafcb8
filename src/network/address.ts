/** The two families that netwatch watches; each is read, planned and repaired on its own. */
export type IpFamily = "ipv4" | "ipv6";

export const ipFamilies: readonly IpFamily[] = ["ipv4", "ipv6"];

/** Bytes of an address of the family: 4 or 16. */
export function addressByteLength(family: IpFamily): 4 | 16 {
  return family === "ipv4" ? 4 : 16;
}

/**
 * The canonical text of an address: dotted quad for 4 bytes, RFC 5952 for 16.
 *
 * @throws RangeError when there are neither 4 nor 16 bytes
 */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16)
    throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
  if (isIpv4Mapped(bytes)) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  const zeros = longestZeroRun(groups);
  const text = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(":");
  if (zeros.length < 2) return text(groups);
  return `${text(groups.slice(0, zeros.start))}::${text(groups.slice(zeros.start + zeros.length))}`;
}

/** The bytes of an address in text, or null when the text is none. Zones (`%eth0`) are not accepted. */
export function parseIpAddress(text: string): Uint8Array | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function isIpv4Mapped(bytes: Uint8Array): boolean {
  return (
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  );
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: at - length + 1, length };
  }
  return best;
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : null;
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const last = halves.length - 1;
  const [head, tail] = halves.map((half, at) => parseGroups(half, at === last));
  if (head === null || tail === null || head === undefined) return null;
  if (tail === undefined) return head.length === 16 ? Uint8Array.from(head) : null;
  const gap = 16 - head.length - tail.length;
  return gap < 2 ? null : Uint8Array.from([...head, ...new Array<number>(gap).fill(0), ...tail]);
}

/** The bytes of groups between colons; only the end of an address may be a dotted quad. */
function parseGroups(half: string, isEnd: boolean): number[] | null {
  if (half === "") return [];
  const parts = half.split(":");
  const bytes: number[] = [];
  for (const [at, part] of parts.entries()) {
    const quad = isEnd && at === parts.length - 1 ? parseIpv4(part) : null;
    const group = /^[0-9a-f]{1,4}$/i.test(part) ? Number.parseInt(part, 16) : null;
    if (quad !== null) bytes.push(...quad);
    else if (group !== null) bytes.push(group >> 8, group & 0xff);
    else return null;
  }
  return bytes;
}
