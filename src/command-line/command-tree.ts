import type { Argument, Command, Option } from "commander";

/** What can stand where a value is asked for. */
export type ValueKind =
  | { readonly kind: "choice"; readonly words: readonly string[] }
  | { readonly kind: "file" | "directory" | "interface" | "command" | "other" };

export interface OptionWords {
  /** As the help shows it: `-h, --help`, `--since <when>`. */
  readonly flags: string;
  /** `-h` and `--help`: each way to write it. */
  readonly names: readonly string[];
  readonly description: string;
  /** Null for a flag without a value. */
  readonly value: ValueKind | null;
}

interface ArgumentWords {
  /** `<interface>`, `[interface]`, `[command...]`. */
  readonly term: string;
  readonly description: string;
  readonly value: ValueKind;
}

/** A line to type, and what it is for. */
export interface Example {
  readonly line: string;
  readonly purpose: string;
}

/** A program or one of its commands, as data: the help, the completions and the manual are made from it. */
export interface CommandTree {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  readonly arguments: readonly ArgumentWords[];
  readonly commands: readonly CommandTree[];
  readonly examples: readonly Example[];
}

/**
 * Reads a commander program with all that is below it; what is hidden from the help is left out.
 *
 * @param examplesOf gives the examples of a command by its path, `["routes", "restore"]`; the program's is `[]`
 */
export function treeOf(
  command: Command,
  examplesOf: (path: readonly string[]) => readonly Example[],
  path: readonly string[] = [],
): CommandTree {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(optionWords),
    arguments: command.registeredArguments.map(argumentWords),
    commands: help
      .visibleCommands(command)
      .map((below) => treeOf(below, examplesOf, [...path, below.name()])),
    examples: examplesOf(path),
  };
}

function optionWords(option: Option): OptionWords {
  const { flags, short, long, description, argChoices } = option;
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? null;
  return {
    flags,
    names: [short, long].flatMap((name) => name ?? []),
    description,
    value: placeholder === null ? null : valueKind(placeholder, argChoices),
  };
}

function argumentWords(argument: Argument): ArgumentWords {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return {
    term: argument.required ? `<${name}>` : `[${name}]`,
    description: argument.description,
    value: valueKind(argument.name(), argument.argChoices),
  };
}

/** The placeholder's name says what may stand there: that is the convention of every command of ours. */
function valueKind(placeholder: string, choices: readonly string[] | undefined): ValueKind {
  if (choices !== undefined) return { kind: "choice", words: choices };
  switch (placeholder) {
    case "file":
    case "path":
      return { kind: "file" };
    case "directory":
      return { kind: "directory" };
    case "interface":
      return { kind: "interface" };
    case "command":
      return { kind: "command" };
    default:
      return { kind: "other" };
  }
}

/** A command with the words that lead to it, `["netwatch", "routes", "restore"]`. */
export interface PlacedCommand {
  readonly path: readonly string[];
  readonly command: CommandTree;
  /** Its own options, and those of every command above it, which may stand behind it too. */
  readonly options: readonly OptionWords[];
}

/** Every command of a tree, each before those below it. */
export function placedCommands(tree: CommandTree): readonly PlacedCommand[] {
  const place = (
    command: CommandTree,
    above: readonly string[],
    inherited: readonly OptionWords[],
  ): readonly PlacedCommand[] => {
    const path = [...above, command.name];
    const known = new Set(command.options.flatMap(({ names }) => names));
    const handedDown = inherited.filter(({ names }) => !names.some((name) => known.has(name)));
    const below = [...command.options, ...handedDown].filter(
      ({ names }) => !names.includes("--version"),
    );
    return [
      { path, command, options: [...command.options, ...handedDown] },
      ...command.commands.flatMap((next) => place(next, path, below)),
    ];
  };
  return place(tree, [], []);
}
