import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNamespace, until } from "../namespace/namespace.ts";
import { addTunnel } from "../namespace/tunnel.ts";

const checkout = join(import.meta.dirname, "../..");
const dist = "/opt/netwatch/dist/bin";

/** A host on which what a page says can be typed as it stands there. */
export interface DocumentedHost extends AsyncDisposable {
  /** Carries a line out to its end and gives what it printed, on both streams. */
  type(line: string): Promise<{ readonly lines: readonly string[]; readonly exitCode: number }>;
  /** Starts what ends by Ctrl-C alone. */
  begin(line: string): Begun;
}

/** A program in the foreground of a terminal of its own. */
interface Begun {
  /** What it has printed until now. */
  lines(): readonly string[];
  /** Resolves when it has ended by itself, or when what it has printed is enough. */
  printed(isEnough: (lines: readonly string[]) => boolean): Promise<void>;
  /** Ctrl-C. */
  interrupt(): Promise<void>;
}

// Directories of the machine are hidden behind ones of the host's own: programs find their files where a user's
// would, and nothing of the machine is changed. A line on stdout says that it is done.
const hideMachine = `
  mount -t tmpfs none /run
  mount -t tmpfs none /var/lib
  mount -t tmpfs none /opt
  mkdir /opt/netwatch
  mount --bind "$1" /opt/netwatch
  mount -t tmpfs none /mnt
  cp -a /etc /run/etc 2>/dev/null || true
  mount --bind /run/etc /etc
  echo ready
  exec cat`;

const config = `[interfaces]
kinds = { "eth*" = "physical", "wlan*" = "wireless", "tun*" = "tunnel" }
`;

/** The programs that pages type, by what stands for them here. */
const programs: Readonly<Record<string, string>> = {
  netwatch: `exec ${process.execPath} ${dist}/cli/main.js "$@"`,
  // On a terminal the log would be readable.
  netwatchd: `[ "$1" = start ] && set -- "$@" --log readable && echo $$ > /run/netwatchd.pid
exec ${process.execPath} ${dist}/daemon/main.js "$@"`,
  sudo: 'exec "$@"',
  systemctl: '[ "$*" != "reload netwatchd" ] || kill -HUP $(cat /run/netwatchd.pid)',
  "my-vpn": "true",
};

/**
 * A laptop: `eth0` (192.0.2.20) and `wlan0` (198.51.100.31), both with a default by DHCP, and routers
 * that answer. No IPv6.
 */
export async function openDocumentedHost(): Promise<DocumentedHost> {
  const router = await openNamespace();
  const directory = mkdtempSync(join(tmpdir(), "netwatch-docs-"));
  const bin = join(directory, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const holder = spawn(
    "unshare",
    ["--net", "--mount", "sh", "-euc", hideMachine, "hide-machine", checkout],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  await once(holder.stdout, "data");
  const enter = [
    ...[`--net=/proc/${holder.pid}/ns/net`, `--mount=/proc/${holder.pid}/ns/mnt`],
    ...[`--wd=${directory}`, "--", "sh", "-c"],
  ];
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: directory,
    LANG: "C.UTF-8",
    TZ: "UTC",
    NO_COLOR: "1",
  };
  const start = (line: string): ChildProcess =>
    spawn("nsenter", [...enter, `exec 2>&1\n${line}`], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
      // Ctrl-C reaches all that runs in a terminal's foreground.
      detached: true,
    });
  const running = new Set<Begun>();

  const prepare = (...lines: readonly string[]): void =>
    void execFileSync("nsenter", [...enter, lines.join("\n")], {
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
  prepare(
    "for scope in all default; do echo 1 > /proc/sys/net/ipv6/conf/$scope/disable_ipv6; done",
    "mkdir -p /etc/netwatch",
    `cat > /etc/netwatch/config.toml <<'END'\n${config}END`,
    ...links(router.pid).map((line) => `ip ${line}`),
  );
  router.ipBatch(routers);
  prepare(...addresses.map((line) => `ip ${line}`));

  return {
    async type(line) {
      const child = start(line);
      const text = collect(child);
      const [exitCode] = await closeOf(child, line);
      return { lines: linesOf(text()), exitCode: exitCode ?? -1 };
    },
    begin(line) {
      // In place of the shell: one that has not started it yet keeps a Ctrl-C for itself, and then waits for it.
      const child = start(`exec ${line}`);
      const text = collect(child);
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
      const begun: Begun = {
        lines: () => linesOf(text()),
        printed: (isEnough) =>
          until(`what it prints: ${line}`, () => isOver() || isEnough(linesOf(text())), 25_000),
        async interrupt() {
          running.delete(begun);
          if (isOver() || child.pid === undefined) return;
          const end = closeOf(child, `${line} ^C`);
          process.kill(-child.pid, "SIGINT");
          await end;
        },
      };
      running.add(begun);
      return begun;
    },
    async [Symbol.asyncDispose]() {
      for (const begun of [...running].reverse()) await begun.interrupt();
      holder.kill("SIGKILL");
      router[Symbol.dispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const links = (router: number): readonly string[] => [
  "link set lo up",
  ...["eth0", "wlan0"].flatMap((name, at) => [
    `link add ${name} type veth peer name far${at}`,
    `link set far${at} netns ${router}`,
    `link set ${name} up`,
  ]),
];

/** What is typed for a tunnel to stand, as a VPN makes it; it tells nobody's default to go through it. */
export const tunnelUp: readonly string[] = [
  `sudo ip ${addTunnel}`,
  "sudo ip link set tun0 arp off up",
  "sudo ip address add 10.8.0.2/32 dev tun0",
];

const routers: readonly string[] = [
  "link set far0 up",
  "link set far1 up",
  "address add 192.0.2.1/24 dev far0",
  "address add 198.51.100.1/24 dev far1",
];

const addresses: readonly string[] = [
  "address add 192.0.2.20/24 dev eth0",
  "address add 198.51.100.31/24 dev wlan0",
  "route add default via 192.0.2.1 dev eth0 proto dhcp metric 100",
  "route add default via 198.51.100.1 dev wlan0 proto dhcp metric 600",
];

/** Says which line it is that does not end. */
async function closeOf(child: ChildProcess, line: string): Promise<readonly [number | null]> {
  const signal = AbortSignal.timeout(50_000);
  try {
    return (await once(child, "close", { signal })) as [number | null];
  } catch (cause) {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    throw new Error(`does not end: ${line}`, { cause });
  }
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  return () => text;
}

// Whose files Node and the checkout are is the machine's matter, and no page's.
const ofMachine = /^warning: .* does not belong to root: .*\n/gm;

function linesOf(text: string): readonly string[] {
  return text
    .replace(ofMachine, "")
    .replaceAll("\t", "  ")
    .split("\n")
    .map((line) => line.trimEnd())
    .slice(0, -1);
}
