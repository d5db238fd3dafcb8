import type { Spread } from "../../monitor/histogram.ts";

/** One number, told apart from its siblings by labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is measured. Names and units are those of Prometheus: seconds and bytes, counters end in `_total`. */
export type Metric = {
  readonly name: string;
  /** A sentence without its point. */
  readonly help: string;
} & (
  | { readonly type: "counter" | "gauge"; readonly samples: readonly Sample[] }
  | { readonly type: "histogram"; readonly spread: Spread }
);

/** The content type of `renderMetrics()`. */
export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in Prometheus's text format, version 0.0.4. One without samples is left out. */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics.map(renderMetric).join("");
}

function renderMetric(metric: Metric): string {
  const { name, help, type } = metric;
  const lines =
    type === "histogram" ? spreadLines(name, metric.spread) : sampleLines(name, metric.samples);
  if (lines.length === 0) return "";
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function sampleLines(name: string, samples: readonly Sample[]): string[] {
  return samples.map(({ labels = {}, value }) => `${name}${renderLabels(labels)} ${value}`);
}

function spreadLines(name: string, { bounds, counts, sum }: Spread): string[] {
  let total = 0;
  const buckets = counts.map((count, at) => {
    total += count;
    return `${name}_bucket${renderLabels({ le: String(bounds[at] ?? "+Inf") })} ${total}`;
  });
  return [...buckets, `${name}_sum ${sum}`, `${name}_count ${total}`];
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
