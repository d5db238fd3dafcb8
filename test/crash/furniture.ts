import type { Random } from "../routes/journal/memory-directory.ts";

/** A host with two uplinks and a stand-in for a tunnel, and who gives it its defaults. */
export interface Furniture {
  /** Lines for `ip` that make it. */
  readonly lines: readonly string[];
  /** Its uplinks as they are called now; a change by others may give one another name. */
  names: readonly string[];
  /** Counts what others have added, so that nothing of it has the same key. */
  additions: number;
}

/** Lines for `ip` that make uplink number n. Its MAC is given, so that two hosts made alike are alike. */
export function uplinkLines(at: number, name: string): readonly string[] {
  const mac = (end: number): string => `02:00:00:00:0${at}:0${end}`;
  return [
    `link add ${name} address ${mac(1)} type veth peer name peer${at} address ${mac(2)}`,
    `link set ${name} up`,
    `link set peer${at} up`,
    `address add 10.${at}.0.2/24 dev ${name}`,
    `address add fd0${at}::2/64 dev ${name} nodad`,
  ];
}

const tunnelLines: readonly string[] = [
  "link add tun0 address 02:00:00:00:09:01 type ifb",
  "link set tun0 up",
  "address add 10.9.0.2/24 dev tun0",
  "address add fd09::2/64 dev tun0 nodad",
];

/** Defaults with equal keys, sources, several legs, objects and foreign rules, or with nothing of it. */
export function furnish(random: Random): Furniture {
  const lines = [
    ...uplinkLines(0, "up0"),
    ...uplinkLines(1, "up1"),
    ...tunnelLines,
    ...ipv4Lines(random),
    ...ipv6Lines(random),
    ...ruleLines(random),
  ];
  return { lines, names: ["up0", "up1"], additions: 0 };
}

function ipv4Lines(random: Random): readonly string[] {
  const metric = [0, 100, 100, 600][random(4)] ?? 0;
  const lines: string[] = [];
  switch (random(9)) {
    case 0:
      lines.push(
        `route add default metric ${metric} nexthop via 10.0.0.1 dev up0 weight 2 nexthop via 10.1.0.1 dev up1`,
      );
      break;
    case 1:
      lines.push(
        "nexthop add id 7 via 10.0.0.1 dev up0",
        `route add default nhid 7 metric ${metric}`,
      );
      break;
    case 2:
      lines.push(`route add default via 192.0.2.1 dev up0 onlink metric ${metric}`);
      break;
    case 3:
      lines.push(`route add default dev up0 metric ${metric}`);
      break;
    case 4:
      break;
    default:
      lines.push(
        `route add default via 10.0.0.1 dev up0 metric ${metric} proto dhcp src 10.0.0.2 mtu 1400`,
      );
      if (random(2) === 0)
        lines.push(`route append default via 10.0.0.7 dev up0 metric ${metric} proto static`);
      if (random(3) === 0)
        lines.push(`route prepend default via 10.1.0.7 dev up1 metric ${metric} proto static`);
  }
  if (random(2) === 0) lines.push("route add default via 10.1.0.1 dev up1 metric 700 proto dhcp");
  if (random(6) === 0) lines.push("route add default tos 0x10 via 10.0.0.5 dev up0 metric 50");
  if (random(6) === 0) lines.push("route add unreachable default metric 4278198272");
  return lines;
}

function ipv6Lines(random: Random): readonly string[] {
  const lines: string[] = [];
  switch (random(6)) {
    case 0:
      break;
    case 1:
      lines.push(
        "route add ::/0 metric 1024 nexthop via fd00::1 dev up0 nexthop via fd01::1 dev up1",
      );
      break;
    case 2:
      lines.push("route add ::/0 via fe80::1 dev up0 metric 1024 proto static pref high");
      break;
    default:
      lines.push("route add ::/0 via fd00::1 dev up0 metric 1024 proto static mtu 1400");
  }
  if (random(2) === 0) lines.push("route add ::/0 via fd01::1 dev up1 metric 2048 proto static");
  return lines;
}

function ruleLines(random: Random): readonly string[] {
  if (random(4) !== 0) return [];
  const preference = [1000, 5100, 5103][random(3)] ?? 1000;
  const from = random(2) === 0 ? "10.77.0.0/16" : "all";
  return [
    `rule add from ${from} lookup 77 pref ${preference}`,
    "route add default via 10.1.0.1 dev up1 table 77",
  ];
}
