import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { openNamespace, type TestNamespace } from "../../namespace/namespace.ts";
import type { RouteControlHost } from "./route-control-host.ts";

/** A server on the internet: every way out has one of this address, which answers with the way's name. */
export const outside = { ipv4: "198.51.100.1", ipv6: "2001:db8:ffff::1" } as const;

interface Question {
  readonly by: "tcp" | "udp" | "echo";
  readonly to: string;
  /** How the socket is bound: `device=up0`, `source=10.0.0.2`. */
  readonly bound?: readonly string[];
  /** Short where silence is expected. */
  readonly waitMs?: number;
}

/** Three ways out of a host: uplinks A over up0 and B over up1, and V, where a VPN would lead, over vpn0. */
export interface PacketLab extends Disposable {
  /** Name of the way by which an answer came; `silence` or an errno where none did. */
  ask(question: Question): string;
  /** Starts a server on the host itself that is bound to an interface, or to nothing, and answers with `host`. */
  serve(device?: string): Promise<void>;
  /** As `ask`, by the outside server of a way, A unless another is named. */
  askFromOutside(question: Question, way?: WayName): string;
  /** Runs `ip` at the other end of a way. */
  ipOf(way: WayName, words: string): void;
}

const ways = [
  { name: "A", device: "up0", net: 0 },
  { name: "B", device: "up1", net: 1 },
  { name: "V", device: "vpn0", net: 2 },
] as const;

type WayName = (typeof ways)[number]["name"];

/**
 * In way number n the host is 10.n.0.2 and fd0n::2, its gateway .1 and fe80::1, a neighbour .7 and ::7.
 *
 * @param present the ways that there are
 */
export async function openPacketLab(
  host: RouteControlHost,
  present: readonly WayName[] = ["A", "B", "V"],
): Promise<PacketLab> {
  const others = new Map<WayName, TestNamespace>();
  const servers: ChildProcess[] = [];
  for (const { name, device, net } of ways) {
    if (!present.includes(name)) continue;
    const other = await openNamespace();
    others.set(name, other);
    host.ip(
      `link add ${device} type veth peer name host netns ${other.pid}`,
      `link set ${device} up`,
      `address add 10.${net}.0.2/24 dev ${device}`,
      `address add fd0${net}::2/64 dev ${device} nodad`,
    );
    other.ipBatch([
      "link set host up",
      `address add 10.${net}.0.1/24 dev host`,
      `address add 10.${net}.0.7/24 dev host`,
      `address add fd0${net}::1/64 dev host nodad`,
      `address add fd0${net}::7/64 dev host nodad`,
      "address add fe80::1/64 dev host nodad",
      `address add ${outside.ipv4}/32 dev lo`,
      `address add ${outside.ipv6}/128 dev lo nodad`,
      // Answers find their way back from every address of the host.
      `route add default via 10.${net}.0.2`,
      `route add ::/0 via fd0${net}::2`,
    ]);
    // An ARP request is for the link's own addresses: else the outside server would seem to be on-link.
    other.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore");
    servers.push(await startServer(other, name));
  }
  const askIn = (
    where: TestNamespace,
    { by, to, bound = [], waitMs = 5_000 }: Question,
  ): string => {
    const script = join(import.meta.dirname, "ask-name.py");
    return where.run("python3", script, by, to, String(waitMs), ...bound).trim();
  };
  const otherEnd = (way: WayName): TestNamespace => {
    const other = others.get(way);
    if (other === undefined) throw new Error(`there is no way ${way}`);
    return other;
  };
  return {
    ask: (question) => askIn(host.namespace, question),
    async serve(device) {
      servers.push(await startServer(host.namespace, "host", device));
    },
    askFromOutside: (question, way = "A") => askIn(otherEnd(way), question),
    ipOf: (way, words) => void otherEnd(way).ip(words),
    [Symbol.dispose]() {
      for (const server of servers) server.kill();
      for (const other of others.values()) other[Symbol.dispose]();
    },
  };
}

async function startServer(
  where: TestNamespace,
  name: string,
  device?: string,
): Promise<ChildProcess> {
  const words = [name, ...(device === undefined ? [] : [device])];
  const script = join(import.meta.dirname, "answer-name.py");
  const server = where.spawn("python3", [script, ...words], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (server.stdout === null) throw new Error("the server has no output");
  await once(server.stdout, "data");
  return server;
}
