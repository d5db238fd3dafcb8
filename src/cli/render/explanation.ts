import type {
  Explanation,
  ExplanationStep,
  ExplanationWarning,
  Verdict,
} from "../../admin-api/explanation-schema.ts";
import type { Style } from "../palette.ts";
import { printable } from "../printable.ts";
import type { View } from "../session.ts";
import { type Line, lineWidth, paintLines, span, wrapLine } from "../styled-line.ts";
import { layOutTable } from "../terminal-table.ts";

/** Whether the packet, or the answer to it, does not arrive as far as this host can tell. */
export function isLost({ verdict, warnings }: Explanation): boolean {
  return verdict.outcome === "refused" || warnings.some(({ gravity }) => gravity === "bad");
}

/** `netwatch explain`: the verdict, what is wrong with it, and how it came about. */
export function renderExplanation(explanation: Explanation, view: View): string {
  const shown = printable(explanation);
  const { columns } = view;
  const lines = [
    ...wrapLine(headline(shown), columns, 2),
    ...questionLines(shown).flatMap((line) => wrapLine(line, columns, 2)),
    ...(shown.expected === null ? [] : wrapLine(expectedLine(shown.expected), columns, 2)),
    ...shown.warnings.flatMap((warning) => warningLines(warning, columns)),
    [],
    ...stepLines(shown, columns),
  ];
  return paintLines(lines, view.color);
}

function headline(explanation: Explanation): Line {
  const { packet, verdict } = explanation;
  const style: Style = isLost(explanation) ? "bad" : "good";
  const mark = isLost(explanation) ? "✗ " : "";
  const fate =
    isLost(explanation) && verdict.outcome !== "refused" ? `, and ${fateOf(explanation)}` : "";
  return [
    span(`${mark}${verdictText(packet.destination, verdict)}${fate}`, style),
    span(decidedBy(verdict), "dim"),
  ];
}

function fateOf({ warnings }: Explanation): string {
  const answers = new Set(["answer-dropped", "source-gone"]);
  const bad = warnings.filter(({ gravity }) => gravity === "bad");
  return bad.every(({ code }) => answers.has(code)) ? "its answer is lost" : "is lost";
}

function verdictText(destination: string, verdict: Verdict): string {
  const { outcome, gateway, source, error } = verdict;
  const name = verdict.interface ?? "no interface";
  switch (outcome) {
    case "refused":
      return `${destination} cannot be reached: ${error?.why ?? "the kernel refuses"}: ${error?.message ?? ""}`;
    case "delivered":
      return `${destination} is this host itself (${name})`;
    case "leaves": {
      const way = gateway === null ? name : `${name} via ${gateway}`;
      return `${destination} leaves by ${way}${source === null ? "" : `, from ${source}`}`;
    }
    default:
      return outcome satisfies never;
  }
}

function decidedBy({ outcome, table, route }: Verdict): string {
  if (outcome === "refused") return "";
  if (table === null || route === null) return " (no table decides)";
  return ` (${route.endsWith("/0") ? "default" : route} in table ${tableName(table)})`;
}

/** What the packet is like, as far as it is not as usual. */
function questionLines({ packet }: Explanation): Line[] {
  const { name, destination, boundTo, arrivesOn, mark, tos, sourcePort, destinationPort } = packet;
  const parts = [
    ...(name === null ? [] : [`${name} is ${destination}`]),
    ...(boundTo === null ? [] : [`bound to ${boundTo}`]),
    ...(arrivesOn === null ? [] : [`comes in by ${arrivesOn}`]),
    ...(packet.source === null ? [] : [`from ${packet.source}`]),
    ...(mark === 0 ? [] : [`mark 0x${mark.toString(16)}`]),
    ...(tos === 0 ? [] : [`TOS 0x${tos.toString(16)}`]),
    ...(packet.protocol === 17 ? [] : [protocolName(packet.protocol)]),
    ...(sourcePort === null ? [] : [`source port ${sourcePort}`]),
    ...(destinationPort === null ? [] : [`destination port ${destinationPort}`]),
  ];
  return parts.length === 0 ? [] : [[span(`asked: ${parts.join(", ")}`, "dim")]];
}

function expectedLine(expected: Verdict): Line {
  return [span(`by the rules alone: ${verdictText("it", expected)}`, "warn")];
}

const marks: Readonly<Record<ExplanationWarning["gravity"], readonly [string, Style]>> = {
  bad: ["✗", "bad"],
  warn: ["!", "warn"],
  note: ["·", "dim"],
};

function warningLines({ gravity, text, remedy }: ExplanationWarning, columns: number): Line[] {
  const [mark, style] = marks[gravity];
  return [
    ...wrapLine([span(`${mark} ${text}`, style)], columns, 2),
    ...(remedy === null ? [] : wrapLine([span(`  → ${remedy}`)], columns, 4)),
  ];
}

/** One line a step where the terminal is wide enough, else the reason stands below. */
function stepLines({ steps }: Explanation, columns: number): Line[] {
  const rows = steps.map(rowOf);
  const table = layOutTable(
    {
      columns: [{ title: "RULE", align: "right" }, { title: "TRIED" }, { title: "OUTCOME" }],
      rows,
    },
    Number.POSITIVE_INFINITY,
  );
  if (table.every((line) => lineWidth(line) <= columns)) return table;
  return rows.flatMap(([preference = [], tried = [], why = []]) => {
    const head = lineWidth(preference) === 0 ? [span("  ")] : [...preference, span("  ")];
    const indent = 4;
    return [
      ...(lineWidth(tried) === 0 ? [] : wrapLine([...head, ...tried], columns, indent)),
      ...wrapLine([span(" ".repeat(indent)), ...why], columns, indent),
    ];
  });
}

function rowOf(step: ExplanationStep): readonly Line[] {
  switch (step.kind) {
    case "rule": {
      const owner = step.owner === null ? [] : [span(` (perhaps ${step.owner}'s)`, "dim")];
      const style = step.matches ? "plain" : "dim";
      return [
        [span(String(step.preference), style)],
        [span(step.rule, style), ...owner],
        [span(step.why, style)],
      ];
    }
    case "route": {
      const style = step.chosen ? "bold" : "dim";
      return [[], [span(`  ${step.route}`, style)], [span(step.why, style)]];
    }
    case "note":
      return [[], [], [span(step.why)]];
    default:
      return step satisfies never;
  }
}

function tableName(table: number): string {
  if (table === 254) return "main";
  if (table === 255) return "local";
  return table === 253 ? "default" : String(table);
}

function protocolName(protocol: number): string {
  return protocol === 6 ? "TCP" : "ICMP";
}
