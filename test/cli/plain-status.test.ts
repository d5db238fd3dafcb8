import { test as propertyTest } from "@fast-check/vitest";
import { Command } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addGlobalOptions } from "../../src/cli/commands/global-options.ts";
import { plainStatusOptions } from "../../src/cli/plain-status.ts";

test("plainStatusOptions() takes status and the options that every command has", () => {
  expect(plainStatusOptions(["status"])).toEqual({});
  expect(plainStatusOptions(["--socket", "/s", "status", "--json"])).toEqual({
    socket: "/s",
    json: true,
  });
  expect(plainStatusOptions(["status", "--watch"])).toBeNull();
  expect(plainStatusOptions(["status", "--socket"])).toBeNull();
  expect(plainStatusOptions(["status", "status"])).toBeNull();
  expect(plainStatusOptions([])).toBeNull();
});

const word = fc.constantFrom(
  "status",
  "--json",
  "--socket",
  "--socket=/x",
  "/s",
  "--",
  "-h",
  "",
  "x",
);

/** What commander makes of the line, null where it refuses it or asks for something else. */
function commanderOptions(words: readonly string[]): unknown {
  let found: unknown = null;
  const silent = { writeOut: () => undefined, writeErr: () => undefined };
  const program = addGlobalOptions(new Command("netwatch")).exitOverride().configureOutput(silent);
  program.command("status").action((_: unknown, command: Command) => {
    found = command.optsWithGlobals();
  });
  try {
    program.parse([...words], { from: "user" });
  } catch {
    return null;
  }
  return found;
}

propertyTest.prop([fc.array(word, { maxLength: 6 })], { numRuns: 500 })(
  "plainStatusOptions() reads a line as commander does, or leaves it to commander",
  (words) => {
    const plain = plainStatusOptions(words);
    if (plain !== null) expect(plain).toEqual(commanderOptions(words));
  },
);
