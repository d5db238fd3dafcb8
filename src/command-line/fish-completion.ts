import {
  type CommandTree,
  type PlacedCommand,
  placedCommands,
  type ValueKind,
} from "./command-tree.ts";
import { fishQuoted, indented } from "./shell-word.ts";

/** The completion of a program for fish 3 and later. */
export function fishCompletion(tree: CommandTree): string {
  const commands = placedCommands(tree);
  const name = `__${tree.name}`;
  return `# Completion of ${tree.name} for fish: ${tree.name} completion fish | source

# The command that the words before the cursor lead to, and how many arguments of it stand there.
function ${name}_place
    set -l at ${tree.name}
    set -l place 0
    set -l skip 0
    for word in (commandline --tokenize --cut-at-cursor --current-process)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$at $word"
${indented(12, commands.flatMap(stepCases))}
            case '* --'
                echo run
                return
            case '* -*'
            case '*'
                set place (math $place + 1)
        end
    end
    echo "$at $place"
end

function ${name}_at
    set -l here (string split ' ' (${name}_place))
    test "$here[1]" = $argv[1]; and begin
        not set -q argv[2]; or test "$here[2]" = $argv[2]
    end
end

complete --command ${tree.name} --no-files
complete --command ${tree.name} --condition '${name}_at run' --arguments '(__fish_complete_command)'
${commands.flatMap((placed) => completions(tree.name, placed)).join("\n")}
`;
}

function stepCases({ path, command, options }: PlacedCommand): readonly string[] {
  const at = path.join("/");
  const steps = command.commands.flatMap(({ name }) => [
    `case ${fishQuoted(`${at} ${name}`)}`,
    `    set at ${fishQuoted(`${at}/${name}`)}`,
    "    set place 0",
  ]);
  const taking = options.filter(({ value }) => value !== null).flatMap(({ names }) => names);
  if (taking.length === 0) return steps;
  const patterns = taking.map((name) => fishQuoted(`${at} ${name}`)).join(" ");
  return [...steps, `case ${patterns}`, "    set skip 1"];
}

function completions(program: string, placed: PlacedCommand): readonly string[] {
  const { path, command, options } = placed;
  const at = path.join("/");
  const line = (condition: string, rest: string): string =>
    `complete --command ${program} --condition ${fishQuoted(`__${program}_at ${condition}`)} ${rest}`;
  return [
    ...command.commands.map(({ name, description }) =>
      line(`${at} 0`, `--arguments ${name} --description ${fishQuoted(description)}`),
    ),
    ...options.map(({ names, description, value }) => {
      const spelled = names.map((name) =>
        name.startsWith("--")
          ? `--long-option ${name.slice(2)}`
          : `--short-option ${name.slice(1)}`,
      );
      const taken = value === null ? "" : ` --require-parameter ${offered(value)}`;
      return line(at, `${spelled.join(" ")} --description ${fishQuoted(description)}${taken}`);
    }),
    ...command.arguments.map(({ value }, place) => line(`${at} ${place}`, offered(value))),
  ].map((text) => text.trimEnd());
}

function offered(value: ValueKind): string {
  switch (value.kind) {
    case "choice":
      return `--no-files --arguments ${fishQuoted(value.words.join(" "))}`;
    case "file":
      return "--force-files";
    case "directory":
      return "--no-files --arguments '(__fish_complete_directories)'";
    case "interface":
      return "--no-files --arguments '(__fish_print_interfaces)'";
    case "command":
      return "--no-files --arguments '(__fish_complete_command)'";
    case "other":
      return "--no-files";
  }
}
