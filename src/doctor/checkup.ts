import type { Checkup, Finding } from "../admin-api/checkup-schema.ts";
import { daemonFindings } from "./daemon-findings.ts";
import type { Facts } from "./facts.ts";
import { hostFindings } from "./host-findings.ts";
import { journalFindings } from "./journal-findings.ts";
import { managerFindings } from "./manager-findings.ts";
import { routingFindings } from "./routing-findings.ts";
import { serviceFindings } from "./service-findings.ts";

const order: readonly Finding["gravity"][] = ["bad", "warn", "note"];

/** Judges what was gathered; the worst comes first. Pure. */
export function checkUp(facts: Facts): Checkup {
  const findings = [
    ...daemonFindings(facts),
    ...journalFindings(facts),
    ...routingFindings(facts),
    ...managerFindings(facts),
    ...hostFindings(facts),
    ...serviceFindings(facts),
  ];
  return {
    healthy: findings.every(({ gravity }) => gravity === "note"),
    findings: findings.toSorted((a, b) => order.indexOf(a.gravity) - order.indexOf(b.gravity)),
  };
}
