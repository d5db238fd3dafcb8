import type { ServicePrograms } from "./service-programs.ts";

/** The first words of a file that install-service has written, and may replace and remove. */
export const serviceFileMark = "Written by netwatchd install-service";

/** What a unit says of this installation. The programs' paths hold no quotes, backslashes or dollar signs. */
export interface UnitFacts {
  readonly version: string;
  readonly programs: ServicePrograms;
}

/** The service as systemd starts it (systemd.service(5), systemd.exec(5)). */
export function renderSystemdUnit({ version, programs }: UnitFacts): string {
  const { node, netwatchd, netwatch } = programs;
  const paths = Object.values(programs);
  const isIn = (...folders: readonly string[]): boolean =>
    paths.some((path) => folders.some((folder) => path.startsWith(`${folder}/`)));
  const home = isIn("/home", "/root", "/run/user")
    ? ["# Read-only instead of hidden: the programs are there.", "ProtectHome=read-only"]
    : ["ProtectHome=yes"];
  const temporary = isIn("/tmp", "/var/tmp")
    ? ["# PrivateTmp would hide the programs, which are there."]
    : ["PrivateTmp=yes"];
  return `# ${serviceFileMark}, ${version}; \`netwatchd uninstall-service\` removes it.
# Changes of your own belong into a drop-in, which outlives the next one: systemctl edit netwatchd
[Unit]
Description=netwatch: knows the network of this host and looks after its routes
# So that it ends before the network does, and can still bring routes back.
After=network.target
# A host without a default route is no place to give up on.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=${words([node, netwatchd, "start", "--log", "json"])}
ExecReload=/bin/kill -HUP $MAINPID
# After any end: what was displaced comes back; scoped defaults stay for the next start, or were removed by SIGTERM.
ExecStopPost=${words([node, netwatch, "routes", "restore", "--settle"])}
Restart=on-failure
RestartSec=1
# Usage, already running, not permitted, conflict: the next try would end the same way.
RestartPreventExitStatus=2 3 4 5
WatchdogSec=120
TimeoutStopSec=60
RuntimeDirectory=netwatch
StateDirectory=netwatch
StateDirectoryMode=0700
UMask=0077

# Root, because that owns what it writes; but with two of its rights, for routes and for router solicitations.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
# Nothing leaves this host but router solicitations (RFC 4861, 6.3.7).
IPAddressDeny=any
IPAddressAllow=localhost ff02::2
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# To give its socket to a group that it is in: [admin] read = "group", and SupplementaryGroups= in a drop-in.
SystemCallFilter=@chown
SystemCallErrorNumber=EPERM

ProtectSystem=strict
${home.join("\n")}
${temporary.join("\n")}
PrivateDevices=yes
DevicePolicy=closed
PrivateMounts=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
# It reads /proc/sys and changes nothing there.
ProtectKernelTunables=yes
# Not ProtectProc=invisible: who took a route away is found by its /proc/PID/comm.
KeyringMode=private
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# Not MemoryDenyWriteExecute=yes: V8 compiles to machine code, and aborts when it may not.
MemoryDenyWriteExecute=no

[Install]
WantedBy=multi-user.target
`;
}

/** A command line as systemd reads it (systemd.syntax(7)); `%` begins a specifier (systemd.unit(5)). */
function words(command: readonly string[]): string {
  return command
    .map((word) => word.replaceAll("%", "%%"))
    .map((word) => (/^[\w@+=:,./%-]+$/.test(word) ? word : `"${word}"`))
    .join(" ");
}
