import { expect, test } from "vitest";
import { renderMetrics } from "../../../src/daemon/metrics/exposition.ts";

test("renderMetrics() writes the text format, labels escaped", () => {
  const text = renderMetrics([
    {
      name: "a_total",
      help: "counts \\ and\nlines",
      type: "counter",
      samples: [{ value: 1 }, { labels: { name: 'a"b\\c\nd', kind: "x" }, value: 0.5 }],
    },
    { name: "b", help: "nothing", type: "gauge", samples: [] },
  ]);
  expect(text).toBe(
    [
      "# HELP a_total counts \\\\ and\\nlines",
      "# TYPE a_total counter",
      "a_total 1",
      'a_total{name="a\\"b\\\\c\\nd",kind="x"} 0.5',
      "",
    ].join("\n"),
  );
});

test("renderMetrics() sums the buckets of a histogram up", () => {
  const spread = { bounds: [0.1, 1], counts: [2, 3, 1], sum: 4.5 };
  const text = renderMetrics([{ name: "t_seconds", help: "t", type: "histogram", spread }]);
  expect(text.split("\n").slice(2)).toEqual([
    't_seconds_bucket{le="0.1"} 2',
    't_seconds_bucket{le="1"} 5',
    't_seconds_bucket{le="+Inf"} 6',
    "t_seconds_sum 4.5",
    "t_seconds_count 6",
    "",
  ]);
});
