import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { netwatchVersion } from "../../src/admin-api/version.ts";
import { commandsWithExamples, examplesOf } from "../../src/cli/examples.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { Session } from "../../src/cli/session.ts";
import { placedCommands, treeOf } from "../../src/command-line/command-tree.ts";
import { defaultPaths } from "../../src/daemon/paths.ts";
import {
  createProgram as createDaemonProgram,
  daemonExamplesOf,
} from "../../src/daemon/program.ts";
import { hasProgram } from "../installed-program.ts";
import { manualPage } from "./manual-page.ts";

const fileOf = (page: string): string =>
  fileURLToPath(new URL(`../../docs/man/${page}`, import.meta.url));

const silent = {
  isTTY: false,
  write: () => true,
  once: () => undefined,
  on: () => undefined,
  off: () => undefined,
};
const session: Session = {
  platform: "linux",
  uid: 0,
  env: {},
  stdout: silent,
  stderr: silent,
  now: () => 0,
};

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done",
  failed: "it failed",
  usage: "the words make no sense: see `netwatch --help`",
  noDaemon: "netwatchd is not running, or does not answer",
  notPermitted: "this user may not do that",
  conflict: "something else stands in the way, or it was done in part",
};

async function netwatchTree(): Promise<ReturnType<typeof treeOf>> {
  return treeOf(await createProgram(["--help"], session), examplesOf);
}

// To make them anew: npx vitest run --config test/vitest.config.ts test/command-line/manual.test.ts --update
test("docs/man/netwatch.1 says what the program says of itself", async () => {
  const page = manualPage(await netwatchTree(), {
    section: 1,
    version: netwatchVersion,
    description: [
      "netwatch asks netwatchd(8), over its Unix socket, what it knows of this host's network: which default route carries traffic and why the others do not, which interfaces have an address and a carrier, what changed and when.",
      "As root it also changes routes: it gives interfaces defaults of their own, and brings back what a VPN that died has left displaced. A restore works without netwatchd too.",
      "Results go to standard output, everything else to standard error. Colour is used on a terminal only.",
    ],
    lists: [
      {
        title: "Exit status",
        terms: Object.entries(exitCodes).map(([name, code]) => ({
          term: String(code),
          meaning: meanings[name as keyof typeof exitCodes],
        })),
      },
      {
        title: "Environment",
        terms: [
          { term: "NETWATCH_SOCKET", meaning: "the socket to ask, where --socket names none" },
          { term: "NO_COLOR", meaning: "when it is not empty, no colour is used" },
          {
            term: "XDG_RUNTIME_DIR",
            meaning: "where the socket of a user's own daemon is looked for",
          },
        ],
      },
      {
        title: "Files",
        terms: [
          {
            term: "/run/netwatch/netwatchd.sock",
            meaning: "the system's daemon; on macOS beneath /var/run",
          },
          { term: "/var/lib/netwatch", meaning: "what a restore without a daemon reads" },
        ],
      },
    ],
    seeAlso: ["netwatchd(8)", "ip-route(8)", "ip-rule(8)"],
  });
  await expect(page).toMatchFileSnapshot(fileOf("netwatch.1"));
});

test("docs/man/netwatchd.8 says what the program says of itself", async () => {
  const nothing = async (): Promise<void> => undefined;
  const program = createDaemonProgram(
    defaultPaths({ platform: "linux", uid: 0, env: {}, tmpdir: "/tmp", home: "/root" }),
    { start: nothing, checkConfig: nothing, installService: nothing, uninstallService: nothing },
  );
  const page = manualPage(treeOf(program, daemonExamplesOf), {
    section: 8,
    version: netwatchVersion,
    description: [
      "netwatchd watches this host's network through the kernel's routing socket, and tells what it knows over a Unix socket, where netwatch(1) asks.",
      "As root it keeps a scoped default for each uplink, so that sockets bound to it reach the internet whatever VPN owns the unscoped default, and writes every route into a journal before it is displaced. As another user, or with --observe, it changes nothing.",
      "SIGTERM and SIGINT bring back what was displaced and end it; SIGHUP reads the configuration again.",
    ],
    lists: [
      {
        title: "Exit status",
        terms: [
          { term: "0", meaning: "it was told to end" },
          { term: "1", meaning: "it failed" },
          { term: "2", meaning: "the words make no sense, or the configuration is bad" },
          { term: "3", meaning: "another netwatchd runs already" },
          { term: "4", meaning: "this user may not do that" },
          { term: "5", meaning: "something else stands in the way" },
        ],
      },
      {
        title: "Environment",
        terms: [
          {
            term: "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
            meaning: "systemd's, see sd_notify(3)",
          },
          {
            term: "XDG_RUNTIME_DIR, XDG_STATE_HOME, XDG_CONFIG_HOME",
            meaning: "where the files of a user's own daemon stand",
          },
        ],
      },
      {
        title: "Files",
        terms: [
          { term: "/etc/netwatch/config.toml", meaning: "the configuration; missing is good, too" },
          { term: "/run/netwatch/netwatchd.sock", meaning: "where it answers" },
          { term: "/var/lib/netwatch", meaning: "the journal" },
        ],
      },
    ],
    seeAlso: ["netwatch(1)", "systemd.service(5)", "ip-rule(8)"],
  });
  await expect(page).toMatchFileSnapshot(fileOf("netwatchd.8"));
});

test("each command with examples exists", async () => {
  const paths = placedCommands(await netwatchTree()).map(({ path }) => path.slice(1).join(" "));
  expect(paths).toEqual(expect.arrayContaining([...commandsWithExamples]));
});

test("each example names options that its command has", async () => {
  for (const { path, command, options } of placedCommands(await netwatchTree())) {
    const names = options.flatMap((option) => option.names);
    for (const { line } of command.examples) {
      const own = line.split(/ -- | [|>] |\)/)[0] ?? "";
      expect(own).toContain(path.join(" ").replace(/ list$/, ""));
      for (const [word] of own.matchAll(/(?<= )-[-\w]+/g)) expect(names, line).toContain(word);
    }
  }
});

describe.skipIf(!hasProgram("mandoc"))("mandoc", () => {
  test.each(["netwatch.1", "netwatchd.8"])("%s has nothing to complain of", (page) => {
    const complaints = execFileSync(
      "sh",
      ["-c", `mandoc -T lint -W warning ${fileOf(page)} || true`],
      {
        encoding: "utf8",
      },
    );
    expect(
      complaints.split("\n").filter((line) => line !== "" && !line.includes("missing date")),
    ).toEqual([]);
  });
});
