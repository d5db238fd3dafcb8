import { lookup } from "node:dns/promises";
import type { Explanation } from "../admin-api/explanation-schema.ts";
import { nearestWord } from "../daemon/nearest.ts";
import { explainPacket } from "../explain/explain.ts";
import { protocolNumber } from "../explain/protocol-name.ts";
import { formatIpAddress, type IpFamily, parseIpAddress } from "../network/address.ts";
import type { Packet } from "../network/packet.ts";
import { openRouteInquiry } from "../platform/open-route-inquiry.ts";
import type { RoutingLink } from "../platform/route-inquiry.ts";
import { CliError } from "./cli-error.ts";
import type { Session } from "./session.ts";

/** What a user says of the packet, as typed. */
export interface ExplainFlags {
  readonly bind?: string;
  readonly from?: string;
  readonly mark?: string;
  readonly uid?: string;
  readonly iif?: string;
  readonly protocol?: string;
  readonly sport?: string;
  readonly dport?: string;
  readonly tos?: string;
  readonly ipv4?: true;
  readonly ipv6?: true;
}

interface Target {
  readonly address: string;
  readonly family: IpFamily;
  /** The name that was looked up, or null. */
  readonly name: string | null;
  /** Of a link-local address: `fe80::1%eth0`. */
  readonly zone: string | null;
}

type Links = ReadonlyMap<number, RoutingLink>;

const udp = 17;
const largestMark = 0xffff_ffff;

/**
 * Explains in this process: no daemon and no rights are needed.
 *
 * @throws CliError "usage" when the question makes no sense; PlatformError
 */
export async function explainHere(
  session: Session,
  target: string,
  flags: ExplainFlags,
  signal: AbortSignal,
): Promise<Explanation> {
  await using inquiry = await openRouteInquiry(session.platform);
  const links = await inquiry.readLinks(signal);
  const found = await findTarget(target, flags);
  const packet = packetOf(found, flags, links, session.uid);
  return await explainPacket(inquiry, packet, found.name, links, signal);
}

async function findTarget(target: string, flags: ExplainFlags): Promise<Target> {
  const [text = "", zone = null] = target.split("%", 2);
  const address = canonical(text);
  if (address === null) return await lookUpName(target, flags);
  const family = familyOf(address);
  if ((flags.ipv4 && family === "ipv6") || (flags.ipv6 && family === "ipv4"))
    throw wrong(`${address} is an ${familyName(family)} address`, "Leave out -4 and -6.");
  return { address, family, name: null, zone };
}

/** The address as the kernel writes it; IPv4 in IPv6 clothes (`::ffff:1.2.3.4`) goes by the IPv4 routes. */
function canonical(text: string): string | null {
  const bytes = parseIpAddress(text);
  if (bytes === null) return null;
  const address = formatIpAddress(bytes);
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

async function lookUpName(name: string, flags: ExplainFlags): Promise<Target> {
  const given = flags.from === undefined ? null : canonical(flags.from);
  const wanted = flags.ipv4
    ? "ipv4"
    : flags.ipv6
      ? "ipv6"
      : given === null
        ? null
        : familyOf(given);
  try {
    const { address } = await lookup(name, {
      family: wanted === null ? 0 : wanted === "ipv4" ? 4 : 6,
    });
    const [plain = address] = address.split("%", 1);
    return { address: canonical(plain) ?? plain, family: familyOf(plain), name, zone: null };
  } catch (error) {
    throw nameFailure(name, wanted, error);
  }
}

function nameFailure(name: string, wanted: IpFamily | null, error: unknown): CliError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  const kind = wanted === null ? "address" : `${familyName(wanted)} address`;
  const why = code === "EAI_AGAIN" ? "no name server answers" : `no ${kind} is known for it`;
  return new CliError("refused", `cannot explain the way to ${name}: ${why} (${code})`, {
    hint: "Give the address itself.",
    cause: error,
  });
}

function packetOf(target: Target, flags: ExplainFlags, links: Links, ownUid: number): Packet {
  const { address, family, zone } = target;
  const source = sourceOf(flags.from, target);
  const bound = flags.bind ?? (flags.iif === undefined ? (zone ?? undefined) : undefined);
  const boundTo = indexOf(bound, links);
  const arrivesOn = indexOf(flags.iif, links);
  if (arrivesOn !== null) checkArrival(address, source, flags);
  const protocol = flags.protocol === undefined ? udp : protocolOf(flags.protocol, family);
  return {
    family,
    destination: address,
    source,
    boundTo,
    arrivesOn,
    mark: numberOf("--mark", flags.mark, largestMark) ?? 0,
    uid: numberOf("--uid", flags.uid, largestMark - 1) ?? Math.max(0, ownUid),
    tos: numberOf("--tos", flags.tos, 0xff) ?? 0,
    protocol,
    sourcePort: numberOf("--sport", flags.sport, 0xffff, 1),
    destinationPort: numberOf("--dport", flags.dport, 0xffff, 1),
  };
}

function sourceOf(from: string | undefined, { address, family }: Target): string | null {
  if (from === undefined) return null;
  const source = canonical(from.split("%", 1)[0] ?? "");
  if (source === null)
    throw wrong(`--from ${from} is no address`, "Give an address, such as 10.0.0.2.");
  if (familyOf(source) !== family)
    throw wrong(
      `${source} is an ${familyName(familyOf(source))} address, and ${address} is ${familyName(family)}`,
      "Give two addresses of one family.",
    );
  return source;
}

function checkArrival(address: string, source: string | null, flags: ExplainFlags): void {
  if (flags.bind !== undefined)
    throw wrong(
      "a packet either comes in by an interface (--iif) or is this host's own (--bind)",
      "Leave one of them out.",
    );
  if (source === null)
    throw wrong("a packet that comes in (--iif) has a source", "Say which: --from ADDRESS.");
  if (/^(22[4-9]|23\d)\.|^ff|^255\.255\.255\.255$/.test(address))
    throw wrong(
      `${address} is for a group: how such packets are passed on is not in the routing tables`,
      "Leave out --iif.",
    );
}

function indexOf(name: string | undefined, links: Links): number | null {
  if (name === undefined) return null;
  for (const link of links.values()) if (link.name === name) return link.index;
  const names = [...links.values()].map((link) => link.name);
  const nearest = nearestWord(name, names);
  const hint = nearest === null ? `There are: ${names.join(", ")}.` : `Did you mean ${nearest}?`;
  throw wrong(`there is no interface ${name}`, hint);
}

// What RTM_GETROUTE takes (rtm_getroute_parse_ip_proto, net/ipv4/fib_frontend.c).
function protocolOf(text: string, family: IpFamily): number {
  const number = protocolNumber(text);
  const icmp = family === "ipv4" ? 1 : 58;
  const asked = number === 1 || number === 58 ? icmp : number;
  if (asked === 6 || asked === 17 || asked === icmp) return asked;
  throw wrong(`the kernel cannot be asked about protocol ${text}`, "Give tcp, udp or icmp.");
}

function numberOf(
  option: string,
  text: string | undefined,
  largest: number,
  smallest = 0,
): number | null {
  if (text === undefined) return null;
  const number = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (number >= smallest && number <= largest) return number;
  throw wrong(`${option} ${text} is no number from ${smallest} to ${largest}`, null);
}

function familyOf(address: string): IpFamily {
  return address.includes(":") ? "ipv6" : "ipv4";
}

function familyName(family: IpFamily): string {
  return family === "ipv4" ? "IPv4" : "IPv6";
}

function wrong(why: string, hint: string | null): CliError {
  return new CliError("usage", `cannot explain: ${why}`, { hint });
}
