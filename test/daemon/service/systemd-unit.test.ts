import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ServicePrograms } from "../../../src/daemon/service/service-programs.ts";
import { renderSystemdUnit } from "../../../src/daemon/service/systemd-unit.ts";
import { hasProgram } from "../../installed-program.ts";
import { openTemporaryDirectory } from "../admin-client.ts";

const modules = "/usr/lib/node_modules/netwatch/dist/src";
const usual: ServicePrograms = {
  node: "/usr/bin/node",
  netwatchd: `${modules}/daemon/main.js`,
  netwatch: `${modules}/cli/main.js`,
};
const here: ServicePrograms = {
  node: process.execPath,
  netwatchd: fileURLToPath(new URL("../../../dist/bin/daemon/main.js", import.meta.url)),
  netwatch: fileURLToPath(new URL("../../../dist/bin/cli/main.js", import.meta.url)),
};

const render = (programs: ServicePrograms): string =>
  renderSystemdUnit({ version: "0.1.0", programs });

/** What the unit sets a name to, in order. */
function values(unit: string, name: string): string[] {
  const lines = unit.split("\n").filter((line) => line.startsWith(`${name}=`));
  return lines.map((line) => line.slice(name.length + 1));
}

test("renderSystemdUnit() starts the daemon, and settles after any end of it", () => {
  const unit = render(usual);
  expect(values(unit, "Type")).toEqual(["notify"]);
  expect(values(unit, "ExecStart")).toEqual([
    `/usr/bin/node ${modules}/daemon/main.js start --log json`,
  ]);
  expect(values(unit, "ExecStopPost")).toEqual([
    `/usr/bin/node ${modules}/cli/main.js routes restore --settle`,
  ]);
  expect(values(unit, "CapabilityBoundingSet")).toEqual(["CAP_NET_ADMIN CAP_NET_RAW"]);
  expect(values(unit, "MemoryDenyWriteExecute")).toEqual(["no"]);
});

test("renderSystemdUnit() quotes what systemd would read otherwise", () => {
  const unit = render({ ...usual, netwatchd: "/opt/50% off/main.js" });
  expect(values(unit, "ExecStart")).toEqual([
    '/usr/bin/node "/opt/50%% off/main.js" start --log json',
  ]);
});

test("renderSystemdUnit() hides no directory that the programs are in", () => {
  expect(values(render(usual), "ProtectHome")).toEqual(["yes"]);
  expect(values(render(usual), "PrivateTmp")).toEqual(["yes"]);
  const inHome = render({ ...usual, node: "/root/.nvm/versions/node/v20.19.0/bin/node" });
  expect(values(inHome, "ProtectHome")).toEqual(["read-only"]);
  const inTmp = render({ ...usual, netwatch: "/tmp/checkout/main.js" });
  expect(values(inTmp, "PrivateTmp")).toEqual([]);
});

describe.skipIf(!hasProgram("systemd-analyze"))("by systemd's own word", () => {
  const write = (directory: string, programs: ServicePrograms): string => {
    const file = join(directory, "netwatchd.service");
    writeFileSync(file, render(programs));
    return file;
  };

  test("renderSystemdUnit() is a unit that systemd understands", () => {
    using directory = openTemporaryDirectory();
    const odd = join(directory.path, "50% off", "node");
    mkdirSync(dirname(odd));
    writeFileSync(odd, "#!/bin/sh\n", { mode: 0o755 });
    for (const programs of [here, { ...here, node: odd }]) {
      const file = write(directory.path, programs);
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], {
        encoding: "utf8",
      });
      // It looks for the other units of a host, too, and complains of those that it does not find.
      const complaints = stderr.split("\n").filter((line) => line.includes("netwatchd.service"));
      expect([complaints, status]).toEqual([[], 0]);
    }
  });

  test("renderSystemdUnit() is rated 2.5 or better", () => {
    using directory = openTemporaryDirectory();
    const file = write(directory.path, usual);
    const words = ["security", "--offline=true", "--no-pager", "--threshold=25", file];
    const output = execFileSync("systemd-analyze", words, { encoding: "utf8" });
    expect(output).toMatch(/Overall exposure level for netwatchd\.service: [012]\.\d/);
  });
});
