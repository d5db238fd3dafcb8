import { once } from "node:events";
import { createInterface } from "node:readline";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import type { Surroundings } from "../../src/library/surroundings.ts";
import { openInternetSockets } from "../../src/platform/open-internet-sockets.ts";
import { openPlatform } from "../../src/platform/open-platform.ts";
import { openTwoUplinks } from "../e2e/uplinks.ts";
import type { TestNamespace } from "../namespace/namespace.ts";

/**
 * This process on a host with two uplinks. Unbound packets leave by `up1`; a server on the far side of both answers with
 * the address that it was asked from.
 */
export interface BoundHost extends AsyncDisposable {
  readonly host: TestNamespace;
  readonly router: TestNamespace;
  /** The server's addresses, behind both uplinks, and its port for TCP and UDP. */
  readonly server: { readonly ipv4: string; readonly ipv6: string; readonly port: number };
  /** Gives `up0` its addresses and its defaults, which it loses with the link. */
  configureUp0(): void;
  /** Makes another `up0` in the place of one that was deleted, not yet configured. */
  createUp0(index?: number): void;
  /** Packets of the internet protocols that have left by `up1` until now; neighbour discovery is not counted. */
  leaked(): number;
}

/** For tests that look at no daemon. */
export function testSurroundings(overrides: Partial<Surroundings> = {}): Surroundings {
  return {
    platform: process.platform,
    uid: 0,
    env: { NETWATCH_SOCKET: "/nonexistent/netwatchd.sock" },
    openPlatform,
    openSockets: openInternetSockets,
    resolve: async (host) => {
      throw new Error(`nobody knows ${host}`);
    },
    warn: () => undefined,
    ...overrides,
  };
}

/** Moves this process into the host's namespace for good: one in a test file. */
export async function openBoundHost(): Promise<BoundHost> {
  const { host, router, ...uplinks } = await openTwoUplinks();
  enterNetworkNamespace(host.path);
  router.ipBatch([
    "address add 192.0.2.1/32 dev lo",
    "address add 2001:db8::1/128 dev lo nodad",
    "address add fd00:0::1/64 dev peer0 nodad",
    "address add fd00:1::1/64 dev peer1 nodad",
  ]);
  const configure = (at: 0 | 1): void =>
    host.ipBatch([
      `link set up${at} up`,
      `address replace 10.${at}.0.2/24 dev up${at}`,
      `address replace fd00:${at}::2/64 dev up${at} nodad`,
      `address replace fe80::1${at}/64 dev up${at} nodad`,
      `route replace default via 10.${at}.0.1 dev up${at} metric ${200 - at}`,
      `route replace default via fd00:${at}::1 dev up${at} metric ${200 - at}`,
    ]);
  configure(0);
  configure(1);
  // ARP would count among what leaves by up1.
  const macOf = (where: TestNamespace, name: string): string => {
    const [link] = where.ipJson(`link show dev ${name}`) as [{ readonly address: string }];
    return link.address;
  };
  const [near, far] = [macOf(host, "up1"), macOf(router, "peer1")];
  host.ip(`neigh replace 10.1.0.1 lladdr ${far} dev up1 nud permanent`);
  router.ip(`neigh replace 10.1.0.2 lladdr ${near} dev peer1 nud permanent`);
  const child = router.spawn(process.execPath, ["-e", serverProgram], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("the server has no output");
  const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    host,
    router,
    server: { ipv4: "192.0.2.1", ipv6: "2001:db8::1", port: Number(port) },
    configureUp0: () => configure(0),
    createUp0(index) {
      host.ipBatch([
        `link add up0 ${index === undefined ? "" : `index ${index} `}type veth peer name peer0`,
        `link set peer0 netns ${router.pid}`,
      ]);
      router.ipBatch([
        "link set peer0 up",
        "address add 10.0.0.1/24 dev peer0",
        "address add fd00:0::1/64 dev peer0 nodad",
        "address add fe80::1/64 dev peer0 nodad",
      ]);
    },
    leaked() {
      // One ICMPv6 message between the two readings would be counted in one of them alone.
      for (;;) {
        const icmp = icmpSent(host);
        const [link] = host.ipJson("-s link show dev up1") as [
          { readonly stats64: { readonly tx: { readonly packets: number } } },
        ];
        if (icmpSent(host) === icmp) return link.stats64.tx.packets - icmp;
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      uplinks[Symbol.dispose]();
    },
  };
}

/** Neighbour and router discovery and multicast listeners speak whenever they like, by ICMPv6 all of them. */
function icmpSent(host: TestNamespace): number {
  const snmp = host.run("cat", "/proc/net/dev_snmp6/up1");
  const [, count = "0"] = /^Icmp6OutMsgs\s+(\d+)/m.exec(snmp) ?? [];
  return Number(count);
}

/** Answers every line and every datagram with the address that it came from. */
const serverProgram = `
const net = require("node:net"), dgram = require("node:dgram");
const plain = (address) => address.replace("::ffff:", "");
const server = net.createServer((socket) => {
  socket.on("error", () => undefined);
  // A TLS handshake begins with 22 (RFC 8446, section 5.1): that is waited for in vain.
  socket.on("data", ([first]) => first === 22 || socket.write(plain(socket.remoteAddress) + "\\n"));
});
server.listen({ host: "::", port: 0 }, () => {
  const { port } = server.address();
  const udp = dgram.createSocket("udp6");
  udp.on("message", (_, from) => udp.send(plain(from.address) + " " + from.port, from.port, from.address));
  udp.bind(port, "::", () => console.log(port));
});
process.stdin.on("end", () => process.exit()).resume();
`;
