import { describe, expect, test } from "vitest";
import { createEvidenceLog, type LastStood } from "../../../src/routes/guard/evidence-log.ts";
import { evidence, manager, viaEth0, viaTun0, viaWlan0, vpn } from "./host.ts";

/** Seen at time 1,000 with these metrics, when so much had been heard. */
function stood(heard: number, ...metrics: readonly number[]): LastStood {
  return { at: 1_000, heard, metrics };
}

describe("createEvidenceLog()", () => {
  test("removerOf() is who removed it", () => {
    const log = createEvidenceLog();
    log.add(evidence("removed", viaWlan0, manager), 1);
    log.add(evidence("removed", viaEth0, vpn), 2);
    expect(log.removerOf(viaEth0, stood(0, viaEth0.metric))).toBe(vpn);
  });

  test("removerOf() is who replaced it, and nobody who replaced what was gone", () => {
    const log = createEvidenceLog();
    log.add(evidence("replaced", { ...viaTun0, metric: 7 }, manager), 1);
    expect(log.removerOf(viaEth0, stood(0, viaEth0.metric))).toBeNull();
    log.add(evidence("replaced", viaTun0, vpn), 2);
    expect(log.removerOf(viaEth0, stood(0, viaEth0.metric))).toBe(vpn);
    log.add(evidence("added", viaEth0, manager), 3);
    log.add(evidence("removed", viaEth0, manager), 4);
    log.add(evidence("replaced", viaTun0, vpn), 5);
    expect(log.removerOf(viaEth0, stood(0, viaEth0.metric))).toBe(manager);
  });

  test("removerOf() of what stands by two metrics is who took the last", () => {
    const log = createEvidenceLog();
    const twin = { ...viaEth0, metric: 200 };
    log.add(evidence("removed", twin, vpn), 1);
    expect(log.removerOf(viaEth0, stood(0, 100, 200))).toBeNull();
    expect(log.removerOf(viaEth0, stood(0, 100))).toBeNull();
    log.add(evidence("removed", viaEth0, manager), 2);
    expect(log.removerOf(viaEth0, stood(0, 100, 200))).toBe(manager);
  });

  test("removerOf() follows a metric that changes", () => {
    const log = createEvidenceLog();
    log.add(evidence("added", { ...viaEth0, metric: 200 }, manager), 1);
    log.add(evidence("removed", viaEth0, manager), 2);
    expect(log.removerOf(viaEth0, stood(0, 100))).toBeNull();
    log.add(evidence("removed", { ...viaEth0, metric: 200 }, vpn), 3);
    expect(log.removerOf(viaEth0, stood(0, 100))).toBe(vpn);
  });

  test("removerOf() knows that it was put back", () => {
    const log = createEvidenceLog();
    log.add(evidence("removed", viaEth0, vpn), 1);
    log.add(evidence("added", viaEth0, manager), 2);
    expect(log.removerOf(viaEth0, stood(0, viaEth0.metric))).toBeNull();
  });

  test("removerOf() takes a message of up to 500 ms before the look, which a read may not show yet", () => {
    for (const [at, remover] of [
      [500, vpn],
      [499, null],
    ] as const) {
      const log = createEvidenceLog();
      log.add(evidence("removed", viaEth0, vpn), at);
      expect(log.removerOf(viaEth0, stood(1, 100))).toBe(remover);
    }
  });

  test("removerOf() takes what came after the look first", () => {
    const log = createEvidenceLog();
    log.add(evidence("added", { ...viaEth0, metric: 200 }, vpn), 900);
    log.add(evidence("removed", viaEth0, vpn), 901);
    log.add(evidence("removed", viaEth0, manager), 1_001);
    expect(log.removerOf(viaEth0, stood(2, 100))).toBe(manager);
    log.add(evidence("added", viaEth0, vpn), 1_002);
    expect(log.removerOf(viaEth0, stood(2, 100))).toBeNull();
  });

  test("adderOf() is who put it there last", () => {
    const log = createEvidenceLog();
    expect(log.adderOf(viaEth0)).toBeNull();
    log.add(evidence("added", viaEth0, manager), 1);
    log.add(evidence("replaced", viaEth0, vpn), 2);
    log.add(evidence("removed", viaEth0, manager), 3);
    expect(log.adderOf(viaEth0)).toBe(vpn);
    expect(log.adderOf({ ...viaEth0, metric: 200 })).toBeNull();
    expect(log.addersSince({ ...viaEth0, metric: 200 }, 0)).toEqual([manager, vpn]);
    expect(log.addersSince(viaEth0, 2)).toEqual([]);
  });

  test("keeps the newest of many, and forgets the old", () => {
    const log = createEvidenceLog();
    log.add(evidence("added", viaEth0, manager), 0);
    for (let at = 1; at <= 1_000; at += 1) log.add(evidence("removed", viaWlan0, vpn), at);
    expect(log.adderOf(viaEth0)).toBeNull();
    expect(log.removerOf(viaWlan0, stood(0, viaWlan0.metric))).toBe(vpn);
    log.forgetBefore(1_001);
    expect(log.removerOf(viaWlan0, stood(0, viaWlan0.metric))).toBeNull();
  });
});
