import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Checkup } from "../../src/admin-api/checkup-schema.ts";
import { openNamespace, type TestNamespace } from "../namespace/namespace.ts";
import { type CommandResult, netwatch, runCommand } from "./daemon-process.ts";
import { manageHost } from "./managed-host.ts";

interface Patient {
  readonly host: TestNamespace;
  readonly root: string;
  /** Runs `netwatch doctor` as a user in the namespace, with files beneath the root only. */
  doctor(words?: readonly string[], before?: readonly string[]): Promise<CommandResult>;
  codes(): Promise<readonly string[]>;
}

let patient: Patient & Disposable;

async function openPatient(): Promise<Patient & Disposable> {
  const host = await openNamespace();
  const root = mkdtempSync(join(tmpdir(), "netwatch-doctor-"));
  host.ipBatch([
    "link set lo up",
    "link add up0 type veth peer name up0p",
    "link set up0 up",
    "link set up0p up",
    "address add 10.0.0.2/24 dev up0",
    "route add default via 10.0.0.1",
  ]);
  const doctor = (words: readonly string[] = [], before: readonly string[] = []) =>
    runCommand("nsenter", [
      ...[`--net=${host.path}`, "--", ...before, process.execPath, netwatch, "doctor"],
      ...["--root", root, "--state-dir", join(root, "state")],
      ...(words.includes("--config") ? [] : ["--config", emptyConfig(root)]),
      ...(words.includes("--socket") ? [] : ["--socket", join(root, "netwatchd.sock")]),
      ...words,
    ]);
  return {
    host,
    root,
    doctor,
    async codes() {
      const { stdout, stderr } = await doctor(["--json"]);
      if (stdout === "") throw new Error(stderr);
      return (JSON.parse(stdout) as Checkup).findings.map(({ code }) => code);
    },
    [Symbol.dispose]() {
      host[Symbol.dispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function emptyConfig(root: string): string {
  const file = join(root, "config.toml");
  writeFileSync(file, "");
  return file;
}

describe.skipIf(process.platform !== "linux")("netwatch doctor", () => {
  beforeEach(async () => {
    patient = await openPatient();
  });
  afterEach(() => patient[Symbol.dispose]());

  test("says what to do where no daemon runs", async () => {
    const { code, stdout } = await patient.doctor();
    expect(code).toBe(1);
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      "1 to mend",
      "! netwatchd is not running: nothing watches the network or looks after routes",
      "  → start it as root: netwatchd start",
    ]);
  });

  test("finds nothing on a host that netwatchd looks after", async () => {
    using managed = manageHost(patient.host);
    await using daemon = await managed.start();
    const { code, stdout } = await patient.doctor(["--socket", daemon.socketPath]);
    // In a user namespace the kernel refuses a large receive buffer, and that is found.
    const { receiveBufferBytes } = (await daemon.status()).source;
    if ((receiveBufferBytes ?? 0) >= 1 << 20) {
      expect(stdout).toBe("ok: nothing is wrong here for netwatch\n");
      expect(code).toBe(0);
    } else {
      expect(stdout).toMatch(
        /^1 to mend\n! the kernel gave netwatchd a receive buffer of \d+ bytes/,
      );
      expect(stdout.match(/^[!✗]/gm)).toHaveLength(1);
      expect(code).toBe(1);
    }
  });

  test("finds rules of netwatch that outlived a daemon", async () => {
    using managed = manageHost(patient.host);
    const daemon = await managed.start();
    await daemon.stop("SIGKILL");
    expect(await patient.codes()).toContain("stale-rules");
    await managed.restore();
    expect(await patient.codes()).not.toContain("stale-rules");
  });

  test("finds strict reverse path filtering", async () => {
    expect(await patient.codes()).not.toContain("rp-filter-strict");
    patient.host.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/up0/rp_filter");
    expect(await patient.codes()).toContain("rp-filter-strict");
  });

  test("finds a rule that decides before netwatch's", async () => {
    patient.host.ipBatch([
      "rule add pref 100 lookup 77",
      "route add default via 10.0.0.1 table 77",
    ]);
    expect(await patient.codes()).toContain("rule-shadows");
  });

  test("finds that the rule for the host's own addresses was moved, as VRFs do", async () => {
    patient.host.ipBatch(["rule add pref 32765 lookup local", "rule del pref 0"]);
    expect(await patient.codes()).toContain("local-rule-moved");
  });

  test("finds a kill switch, somebody else in netwatch's places, and another VPN", async () => {
    patient.host.ipBatch([
      "route add unreachable default metric 9999",
      "rule add pref 5104 lookup 9",
      "rule add pref 5270 lookup 52",
    ]);
    const codes = await patient.codes();
    expect(codes).toEqual(expect.arrayContaining(["kill-switch", "slot-taken", "other-vpn"]));
  });

  test("finds that systemd-networkd takes routes of others away", async () => {
    mkdirSync(join(patient.root, "run/systemd/netif"), { recursive: true });
    expect(await patient.codes()).toContain("networkd-manages-foreign");
  });

  test("finds a journal that cannot be used", async () => {
    const state = join(patient.root, "state");
    mkdirSync(state, { mode: 0o700 });
    symlinkSync("/etc/passwd", join(state, "journal"));
    expect(await patient.codes()).toContain("journal-unusable");
  });

  test("finds a bad configuration, and goes on", async () => {
    const file = join(patient.root, "bad.toml");
    writeFileSync(file, "[routes]\nscooped = 1\n");
    const { stdout } = await patient.doctor(["--config", file]);
    expect(stdout).toMatch(/^1 wrong, 1 to mend\n✗ .*bad\.toml/);
  });

  test("works without any rights", async () => {
    const { code, stdout } = await patient.doctor([], ["unshare", "--user"]);
    expect(code).toBe(1);
    expect(stdout).toContain("you are not root");
    expect(stdout).not.toContain("✗");
  });
});
