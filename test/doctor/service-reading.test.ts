import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderLaunchdJob } from "../../src/daemon/service/launchd-job.ts";
import { renderSystemdUnit } from "../../src/daemon/service/systemd-unit.ts";
import { readNetworkdSettings } from "../../src/doctor/networkd-settings.ts";
import { readManagers, readService } from "../../src/doctor/service-reading.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "netwatch-doctor-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text = ""): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const installed = {
  version: "1.0.0",
  programs: {
    node: process.execPath,
    netwatchd: "/opt/net watch/netwatchd.js",
    netwatch: "/opt/netwatch.js",
  },
};

describe("readNetworkdSettings()", () => {
  test("what is not set is yes", () => {
    expect(readNetworkdSettings(root)).toEqual({ takesRoutes: true, takesRules: true });
  });

  test("takes the main file of the first folder that has one", () => {
    put("etc/systemd/networkd.conf", "[Network]\nManageForeignRoutes=no\n");
    put("usr/lib/systemd/networkd.conf", "[Network]\nManageForeignRoutingPolicyRules=no\n");
    expect(readNetworkdSettings(root)).toEqual({ takesRoutes: false, takesRules: true });
  });

  test("a drop-in counts more than the main file, and a later name more than an earlier one", () => {
    put("etc/systemd/networkd.conf", "[Network]\nManageForeignRoutes=yes\n");
    put("usr/lib/systemd/networkd.conf.d/10-a.conf", "[Network]\nManageForeignRoutes = off\n");
    put("etc/systemd/networkd.conf.d/20-b.conf", "[Network]\nManageForeignRoutingPolicyRules=0\n");
    expect(readNetworkdSettings(root)).toEqual({ takesRoutes: false, takesRules: false });
    put("run/systemd/networkd.conf.d/30-c.conf", "[Network]\nManageForeignRoutes=true\n");
    expect(readNetworkdSettings(root)).toEqual({ takesRoutes: true, takesRules: false });
  });

  test("a drop-in in /etc hides the one of its name in /usr/lib", () => {
    put("usr/lib/systemd/networkd.conf.d/10-a.conf", "[Network]\nManageForeignRoutes=no\n");
    put("etc/systemd/networkd.conf.d/10-a.conf", "");
    expect(readNetworkdSettings(root).takesRoutes).toBe(true);
  });

  test("takes no comment, no other section and no other file for a setting", () => {
    put(
      "etc/systemd/networkd.conf",
      "#[Network]\n[DHCPv4]\nManageForeignRoutes=no\n[Network]\n;ManageForeignRoutes=no\n",
    );
    put("etc/systemd/networkd.conf.d/notes.txt", "[Network]\nManageForeignRoutes=no\n");
    expect(readNetworkdSettings(root).takesRoutes).toBe(true);
  });
});

describe("readManagers()", () => {
  test("sees what runs", () => {
    expect(readManagers(root)).toEqual({ networkd: null, networkManager: false });
    put("run/systemd/netif/state");
    put("run/NetworkManager/resolv.conf");
    expect(readManagers(root)).toEqual({
      networkd: { takesRoutes: true, takesRules: true },
      networkManager: true,
    });
  });
});

describe("readService()", () => {
  test("a host without systemd has no service to miss", () => {
    expect(readService(root, "linux")).toMatchObject({ manager: null, isInstalled: false });
  });

  test("reads the unit that install-service writes, and what of it is not there", () => {
    put("run/systemd/system/x");
    expect(readService(root, "linux")).toMatchObject({ manager: "systemd", isInstalled: false });
    put("etc/systemd/system/netwatchd.service", renderSystemdUnit(installed));
    expect(readService(root, "linux")).toEqual({
      manager: "systemd",
      isInstalled: true,
      isEnabled: false,
      missingPrograms: ["/opt/net watch/netwatchd.js"],
    });
    mkdirSync(join(root, "etc/systemd/system/multi-user.target.wants"));
    symlinkSync(
      "/etc/systemd/system/netwatchd.service",
      join(root, "etc/systemd/system/multi-user.target.wants/netwatchd.service"),
    );
    expect(readService(root, "linux").isEnabled).toBe(true);
  });

  test("reads the job that install-service writes", () => {
    expect(readService(root, "darwin")).toMatchObject({ manager: "launchd", isInstalled: false });
    put("Library/LaunchDaemons/netwatchd.plist", renderLaunchdJob(installed));
    expect(readService(root, "darwin")).toEqual({
      manager: "launchd",
      isInstalled: true,
      isEnabled: true,
      missingPrograms: ["/opt/net watch/netwatchd.js"],
    });
  });
});
