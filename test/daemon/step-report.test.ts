import { beforeEach, expect, test } from "vitest";
import { stepReporter } from "../../src/daemon/step-report.ts";
import type { StepOutcome } from "../../src/routes/apply.ts";
import type { Step } from "../../src/routes/step.ts";
import { defaultRoute } from "../routes/memory-host.ts";
import { silentLog } from "./admin-fixture.ts";

const record = { route: defaultRoute("ipv4", 2, "10.0.0.1"), raw: new Uint8Array() };
const add = (what: string): Step => ({
  kind: "add-default",
  debt: "debt",
  record,
  placement: "exclusive",
  deviation: null,
  reason: `${what}: was displaced`,
});
const outcome = (
  result: StepOutcome["result"],
  error: Error | null = null,
  what = "0.0.0.0/0 via 10.0.0.1 dev eth0",
): StepOutcome => ({ step: add(what), result, error });

let said: [level: string, message: string][];
let report: ReturnType<typeof stepReporter>;
beforeEach(() => {
  said = [];
  report = stepReporter({
    ...silentLog,
    info: (message) => said.push(["info", message]),
    warn: (message) => said.push(["warn", message]),
  });
});

const what = "add 0.0.0.0/0 via 10.0.0.1 dev eth0: was displaced";
const refused = new Error("cannot add a default: Nexthop has invalid gateway");

test("stepReporter() says what was done", () => {
  report([outcome("done")]);
  expect(said).toEqual([["info", "added 0.0.0.0/0 via 10.0.0.1 dev eth0: was displaced"]]);
});

test.each([
  ["failed", refused, "cannot add a default: Nexthop has invalid gateway"],
  ["conflict", null, "something of somebody else stands there"],
  ["skipped", null, "it rests on what could not be done before it"],
] as const)("stepReporter() says why a step %s", (result, error, why) => {
  report([outcome(result, error)]);
  expect(said).toEqual([["warn", `could not ${what}; ${why}`]]);
});

test("stepReporter() says the same refusal once, in one round and in those after it", () => {
  report([outcome("failed", refused), outcome("failed", refused)]);
  report([outcome("failed", refused)]);
  expect(said).toHaveLength(1);
});

test("stepReporter() is not made to forget by a round in which nothing was to be done", () => {
  report([outcome("failed", refused)]);
  report([]);
  report([outcome("failed", refused)]);
  expect(said).toHaveLength(1);
});

test("stepReporter() says it again when it went well between, or is refused for another reason", () => {
  report([outcome("failed", refused)]);
  report([outcome("done")]);
  report([outcome("failed", refused)]);
  report([outcome("failed", new Error("cannot add a default: Network is down"))]);
  expect(said.map(([level]) => level)).toEqual(["warn", "info", "warn", "warn"]);
});
