import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkupSchema } from "../../src/admin-api/checkup-schema.ts";
import { checkUp } from "../../src/doctor/checkup.ts";
import { absent, cases, journal } from "./cases.ts";
import { localRule, quietRouting, wellFacts } from "./facts.ts";

describe("checkUp()", () => {
  test("finds nothing where nothing is wrong", () => {
    expect(checkUp(wellFacts())).toEqual({ healthy: true, findings: [] });
  });

  test.each(cases)("%s is %s", (code, gravity, text, facts) => {
    const checkup = checkUp({ ...wellFacts(), ...facts });
    const found = checkup.findings.find((one) => one.code === code);
    expect(found).toMatchObject({ gravity, text: expect.stringMatching(text) });
    expect(found?.remedy).toMatch(/\w{2}/);
    expect(checkup.healthy).toBe(checkup.findings.every((one) => one.gravity === "note"));
    expect(checkupSchema.parse(checkup)).toEqual(checkup);
  });

  test("finds exactly what docs/doctor.md lists, as grave as it says there", () => {
    const page = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");
    const marks = { "✗": "bad", "!": "warn", "·": "note" } as const;
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \| ([✗!· ]+) \|/gm)].flatMap(
      ([, code, signs = ""]) =>
        signs.split(" ").map((sign) => `${code} ${marks[sign as keyof typeof marks]}`),
    );
    const tried = cases.map(([code, gravity]) => `${code} ${gravity}`);
    expect(listed.toSorted()).toEqual([...new Set(tried)].toSorted());
  });

  test("says the worst first", () => {
    const { findings } = checkUp({ ...wellFacts(), ...absent, uid: 1, configTrouble: "bad" });
    const gravities = findings.map(({ gravity }) => gravity);
    expect(gravities).toEqual(["bad", "warn", "note"]);
  });

  test("names only the setting of systemd-networkd that is on", () => {
    const remedyWith = (takesRoutes: boolean, takesRules: boolean): string =>
      checkUp({
        ...wellFacts(),
        managers: { networkd: { takesRoutes, takesRules }, networkManager: false },
      })
        .findings.map(({ remedy }) => remedy)
        .join();
    expect(remedyWith(true, false)).toContain("ManageForeignRoutes=no");
    expect(remedyWith(true, false)).not.toContain("Policy");
    expect(remedyWith(false, true)).toContain("ManageForeignRoutingPolicyRules=no");
    expect(remedyWith(false, false)).toBe("");
  });

  test("leaves the rule for this host's own addresses to the kernel, wherever it was moved", () => {
    const moved = localRule({ preference: 32_765, owner: "wg-quick" });
    const rules = { ipv4: [moved], ipv6: [localRule()] };
    expect(checkUp({ ...wellFacts(), routing: { ...quietRouting, rules } }).findings).toEqual([]);
  });

  test("what a daemon owes while it runs is its own affair", () => {
    const owed = { ...journal, debts: ["default via 10.0.0.1"] };
    expect(checkUp({ ...wellFacts(), journal: owed }).findings).toEqual([]);
  });
});
