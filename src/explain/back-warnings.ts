import type { ExplanationWarning } from "../admin-api/explanation-schema.ts";
import { filterObjection } from "./decide.ts";
import { exitOf, type Facts } from "./facts.ts";
import { reverseFlow } from "./flow.ts";
import { walkRules } from "./rule-walk.ts";

/** What happens to the answer, which is taken to come in where the packet went out. */
export function* backWarnings(facts: Facts): Generator<ExplanationWarning> {
  const { packet, view, answer, filter, back } = facts;
  const exit = exitOf(facts);
  if (exit === undefined || answer.kind === "refused" || filter === null || back === null) return;
  if (back.kind === "route") return;
  const source = packet.source ?? answer.source ?? "";
  const flow = reverseFlow(packet, source, exit, filter.marks);
  const { decision } = walkRules(view, flow);
  const objection = filterObjection(decision, exit.index, filter.mode, view);
  const why = objection?.why ?? `${exit.name} does not believe its source (${back.code})`;
  yield {
    code: "answer-dropped",
    gravity: "bad",
    text: `the packet leaves, and the answer is lost when it comes in by ${exit.name}: ${why}`,
    remedy: isFilter(objection?.code)
      ? `Loosen it (sysctl net.ipv4.conf.${exit.name}.rp_filter=2), or let a rule lead back: ip rule add from ${source} lookup TABLE`
      : null,
  };
}

function isFilter(code: string | undefined): boolean {
  return code === "EXDEV";
}
