import { parse } from "plist";
import { expect, test } from "vitest";
import { renderLaunchdJob } from "../../../src/daemon/service/launchd-job.ts";

test("renderLaunchdJob() is a property list that launchd keeps alive", () => {
  const text = renderLaunchdJob({
    version: "0.1.0",
    programs: {
      node: "/opt/homebrew/bin/node",
      netwatchd: "/opt/a <b> & c/daemon/main.js",
      netwatch: "/opt/a <b> & c/cli/main.js",
    },
  });
  expect(parse(text)).toEqual({
    Label: "netwatchd",
    ProgramArguments: [
      "/opt/homebrew/bin/node",
      "/opt/a <b> & c/daemon/main.js",
      "start",
      "--log",
      "json",
    ],
    RunAtLoad: true,
    KeepAlive: true,
    ThrottleInterval: 10,
    ExitTimeOut: 20,
    ProcessType: "Interactive",
    Umask: 0o77,
    StandardErrorPath: "/var/log/netwatchd.log",
  });
});
