import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { listenToSignals } from "../../src/daemon/process-signals.ts";

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

test("listenToSignals() aborts with the first signal and exits at once with the second", () => {
  const source = new FakeProcess();
  const { signal } = listenToSignals(source);
  expect(signal.aborted).toBe(false);
  source.emit("SIGINT");
  expect([signal.aborted, source.exits]).toEqual([true, []]);
  source.emit("SIGTERM");
  expect(source.exits).toEqual([143]);
});

test("listenToSignals() calls back on SIGHUP until that is ended", () => {
  const source = new FakeProcess();
  const { onReload, signal } = listenToSignals(source);
  expect(source.emit("SIGHUP")).toBe(true);
  let calls = 0;
  const end = onReload(() => {
    calls += 1;
  });
  source.emit("SIGHUP");
  source.emit("SIGHUP");
  end();
  source.emit("SIGHUP");
  expect([calls, signal.aborted]).toEqual([2, false]);
});
