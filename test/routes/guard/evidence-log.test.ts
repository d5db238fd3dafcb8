import { describe, expect, test } from "vitest";
import { createEvidenceLog } from "../../../src/routes/guard/evidence-log.ts";
import { evidence, manager, viaEth0, viaTun0, viaWlan0, vpn } from "./host.ts";

describe("createEvidenceLog()", () => {
  test("removerOf() is who removed it", () => {
    const log = createEvidenceLog();
    log.add(evidence("removed", viaWlan0, manager), 1);
    log.add(evidence("removed", viaEth0, vpn), 2);
    expect(log.removerOf(viaEth0, [viaEth0.metric], 0)).toBe(vpn);
    expect(log.removerOf(viaEth0, [viaEth0.metric], 3)).toBeNull();
  });

  test("removerOf() is who replaced it, and nobody who replaced what was gone", () => {
    const log = createEvidenceLog();
    log.add(evidence("replaced", { ...viaTun0, metric: 7 }, manager), 1);
    expect(log.removerOf(viaEth0, [viaEth0.metric], 0)).toBeNull();
    log.add(evidence("replaced", viaTun0, vpn), 2);
    expect(log.removerOf(viaEth0, [viaEth0.metric], 0)).toBe(vpn);
    log.add(evidence("added", viaEth0, manager), 3);
    log.add(evidence("removed", viaEth0, manager), 4);
    log.add(evidence("replaced", viaTun0, vpn), 5);
    expect(log.removerOf(viaEth0, [viaEth0.metric], 0)).toBe(manager);
  });

  test("removerOf() of what stands by two metrics is who took the last", () => {
    const log = createEvidenceLog();
    const twin = { ...viaEth0, metric: 200 };
    log.add(evidence("removed", twin, vpn), 1);
    expect(log.removerOf(viaEth0, [100, 200], 0)).toBeNull();
    expect(log.removerOf(viaEth0, [100], 0)).toBeNull();
    log.add(evidence("removed", viaEth0, manager), 2);
    expect(log.removerOf(viaEth0, [100, 200], 0)).toBe(manager);
  });

  test("removerOf() follows a metric that changes", () => {
    const log = createEvidenceLog();
    log.add(evidence("added", { ...viaEth0, metric: 200 }, manager), 1);
    log.add(evidence("removed", viaEth0, manager), 2);
    expect(log.removerOf(viaEth0, [100], 0)).toBeNull();
    log.add(evidence("removed", { ...viaEth0, metric: 200 }, vpn), 3);
    expect(log.removerOf(viaEth0, [100], 0)).toBe(vpn);
  });

  test("removerOf() knows that it was put back", () => {
    const log = createEvidenceLog();
    log.add(evidence("removed", viaEth0, vpn), 1);
    log.add(evidence("added", viaEth0, manager), 2);
    expect(log.removerOf(viaEth0, [viaEth0.metric], 0)).toBeNull();
  });

  test("adderOf() is who put it there last", () => {
    const log = createEvidenceLog();
    expect(log.adderOf(viaEth0)).toBeNull();
    log.add(evidence("added", viaEth0, manager), 1);
    log.add(evidence("replaced", viaEth0, vpn), 2);
    log.add(evidence("removed", viaEth0, manager), 3);
    expect(log.adderOf(viaEth0)).toBe(vpn);
  });

  test("keeps the newest of many, and forgets the old", () => {
    const log = createEvidenceLog();
    log.add(evidence("added", viaEth0, manager), 0);
    for (let at = 1; at <= 1_000; at += 1) log.add(evidence("removed", viaWlan0, vpn), at);
    expect(log.adderOf(viaEth0)).toBeNull();
    expect(log.removerOf(viaWlan0, [viaWlan0.metric], 1_000)).toBe(vpn);
    log.forgetBefore(1_001);
    expect(log.removerOf(viaWlan0, [viaWlan0.metric], 0)).toBeNull();
  });
});
