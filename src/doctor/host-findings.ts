import type { Finding } from "../admin-api/checkup-schema.ts";
import type { Facts } from "./facts.ts";

/** Before the first release: a clock that shows less was never set. */
const earliestMs = Date.UTC(2026, 0, 1);

/** What is to be said of the user, the clock and the kernel. */
export function hostFindings({
  uid,
  now,
  platform,
  kernelRelease,
  journal,
}: Facts): readonly Finding[] {
  const found: Finding[] = [];
  if (platform === "linux" && isBefore(kernelRelease, 5, 14))
    found.push({
      code: "old-kernel",
      gravity: "bad",
      text: `Linux ${kernelRelease} does not tell network namespaces apart: netwatch manages no routes on it`,
      remedy: "use Linux 5.14 or later, or run netwatchd with --observe",
    });
  if (now < earliestMs)
    found.push({
      code: "clock-unset",
      gravity: "warn",
      text: `the clock shows ${new Date(now).toISOString()}: times of events and records are wrong`,
      remedy:
        "set the clock, for example by NTP; what netwatch waits for goes by the time since boot",
    });
  if (uid !== 0)
    found.push({
      code: "not-root",
      gravity: "note",
      text: `you are not root${journal.kind === "unseen" ? ": the journal was not looked at" : ""}, and changing routes needs to be`,
      remedy: "sudo netwatch doctor",
    });
  return found;
}

function isBefore(release: string, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (first === undefined || second === undefined) return false;
  return Number(first) < major || (Number(first) === major && Number(second) < minor);
}
