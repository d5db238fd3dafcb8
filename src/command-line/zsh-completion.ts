import {
  type CommandTree,
  type PlacedCommand,
  placedCommands,
  type ValueKind,
} from "./command-tree.ts";
import { indented, singleQuoted } from "./shell-word.ts";

/** The completion of a program for zsh 5 and later: to be sourced, or put as `_NAME` into a folder of `fpath`. */
export function zshCompletion(tree: CommandTree): string {
  return `#compdef ${tree.name}
# Completion of ${tree.name} for zsh: source <(${tree.name} completion zsh)

${placedCommands(tree).map(functionOf).join("\n\n")}

if [[ $funcstack[1] == _${tree.name} ]]; then
  _${tree.name} "$@"
else
  compdef _${tree.name} ${tree.name}
fi
`;
}

const nameOf = (path: readonly string[]): string => `_${path.join("_")}`;

function functionOf({ path, command, options }: PlacedCommand): string {
  const hasCommands = command.commands.length > 0;
  const specs = [
    ...options.map(optionSpec),
    ...command.arguments.map(({ term, value }, at) =>
      singleQuoted(
        value.kind === "command"
          ? `*:::${escaped(term)}:_normal`
          : `${at + 1}:${escaped(term)}:${actionOf(value)}`,
      ),
    ),
    ...(hasCommands ? [singleQuoted("1: :->command"), singleQuoted("*:: :->words")] : []),
  ];
  const listed = specs.map((spec) => `${spec}`).join(" \\\n");
  if (!hasCommands) {
    return `${nameOf(path)}() {
  _arguments -s \\
${indented(4, listed.split("\n"))}
}`;
  }
  const described = command.commands.map(({ name, description }) =>
    singleQuoted(`${name}:${description}`),
  );
  const arms = command.commands.map(({ name }) => `${name}) ${nameOf([...path, name])} ;;`);
  return `${nameOf(path)}() {
  local state line
  typeset -A opt_args
  _arguments -s -C \\
${indented(4, listed.split("\n"))}
  case $state in
    command)
      local -a commands=(
${indented(8, described)}
      )
      _describe -t commands command commands ;;
    words)
      case $line[1] in
${indented(8, arms)}
      esac ;;
  esac
}`;
}

function optionSpec({ names, description, value }: PlacedCommand["options"][number]): string {
  const rest = `[${escaped(description)}]${value === null ? "" : `: :${actionOf(value)}`}`;
  const spec = (name: string): string =>
    `${name}${value !== null && name.startsWith("--") ? "=" : ""}${rest}`;
  if (names.length === 1) return singleQuoted(spec(names[0] ?? ""));
  return names.map((name) => singleQuoted(`(${names.join(" ")})${spec(name)}`)).join(" ");
}

function actionOf(value: ValueKind): string {
  switch (value.kind) {
    case "choice":
      return `(${value.words.join(" ")})`;
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "interface":
      return "_net_interfaces";
    case "command":
      return "_normal";
    case "other":
      return "";
  }
}

/** Colons and brackets have a meaning in a specification. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, (sign) => `\\${sign}`);
}
