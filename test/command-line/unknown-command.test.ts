import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createProgram as createClient } from "../../src/cli/program.ts";
import type { Session } from "../../src/cli/session.ts";
import {
  clientCommands,
  daemonCommands,
  explainUnknownCommand,
} from "../../src/command-line/unknown-command.ts";
import { createProgram as createDaemon } from "../../src/daemon/program.ts";

const nothing = new Writable();
const session: Session = {
  platform: "linux",
  uid: 0,
  env: {},
  stdout: nothing,
  stderr: nothing,
  now: () => 0,
};

test("each program knows the commands of the other", async () => {
  const client = await createClient(["--help"], session);
  expect(clientCommands.commands).toEqual(client.commands.map((command) => command.name()));
  const no = (): Promise<void> => Promise.resolve();
  const daemon = createDaemon(
    { socket: "", stateDirectory: "", configFile: "" },
    { start: no, checkConfig: no, installService: no, uninstallService: no },
  );
  expect(daemonCommands.commands).toEqual(daemon.commands.map((command) => command.name()));
});

test("explainUnknownCommand() names the program that has it, and leaves the rest to commander", () => {
  expect(
    explainUnknownCommand(
      "error: unknown command 'start'\n(Did you mean status?)\n",
      daemonCommands,
    ),
  ).toBe("error: unknown command 'start'\n(Did you mean netwatchd start?)\n");
  const typo = "error: unknown command 'statsu'\n(Did you mean status?)\n";
  expect(explainUnknownCommand(typo, daemonCommands)).toBe(typo);
});
