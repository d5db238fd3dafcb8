import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const sandbox = fileURLToPath(new URL("sandbox.mjs", import.meta.url));

// linux/socket.h.
const families: Readonly<Record<string, number>> = {
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
};

/**
 * The words before a command that start it as a unit would, in what of it needs no systemd: its capabilities, its
 * system calls by systemd's own list of them, its socket families, and no new privileges. What is not done here:
 * mounts, devices, control groups.
 */
export function sandboxOf(unit: string): readonly string[] {
  const [capabilities = ""] = valuesOf(unit, "CapabilityBoundingSet");
  const [allowedFamilies = ""] = valuesOf(unit, "RestrictAddressFamilies");
  const capabilityWords = capabilities.split(" ").map((name) => name.slice(4).toLowerCase());
  return [
    "setpriv",
    `--bounding-set=${["-all", ...capabilityWords.map((name) => `+${name}`)].join(",")}`,
    "--inh-caps=-all",
    "--no-new-privs",
    process.execPath,
    sandbox,
    JSON.stringify({
      allowed: allowedCalls(valuesOf(unit, "SystemCallFilter")),
      families: allowedFamilies.split(" ").map((name) => families[name]),
    }),
  ];
}

/** What a unit sets a name to, in order. */
export function valuesOf(unit: string, name: string): readonly string[] {
  const lines = unit.split("\n").filter((line) => line.startsWith(`${name}=`));
  return lines.map((line) => line.slice(name.length + 1));
}

/** The system calls that the lines leave, in their order, as systemd.exec(5) reads them. */
function allowedCalls(lines: readonly string[]): readonly string[] {
  const sets = systemCallSets();
  const callsOf = (name: string): readonly string[] =>
    name.startsWith("@") ? (sets.get(name) ?? []).flatMap(callsOf) : [name];
  const allowed = new Set<string>();
  for (const line of lines)
    for (const name of line.replace("~", "").split(" "))
      for (const call of callsOf(name)) {
        if (line.startsWith("~")) allowed.delete(call);
        else allowed.add(call);
      }
  return [...new Set([...allowed, ...callsOf("@default")])];
}

/** systemd's named sets: `@chown` to what they hold, other sets included. */
function systemCallSets(): ReadonlyMap<string, readonly string[]> {
  const text = execFileSync("systemd-analyze", ["--no-pager", "syscall-filter"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const sets = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split("\n")) {
    if (/^ {4}[@\w]/.test(line)) current.push(line.trim());
    else if (!line.startsWith(" ")) {
      current = [];
      sets.set(line.trim(), current);
    }
  }
  return sets;
}
