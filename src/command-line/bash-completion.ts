import {
  type CommandTree,
  type PlacedCommand,
  placedCommands,
  type ValueKind,
} from "./command-tree.ts";
import { indented, singleQuoted } from "./shell-word.ts";

/** The completion of a program for bash, from 3.2 on, which is what macOS has. */
export function bashCompletion(tree: CommandTree): string {
  const commands = placedCommands(tree);
  const name = `_${tree.name}`;
  return `# Completion of ${tree.name} for bash: source <(${tree.name} completion bash)

# Sets what may stand behind an option, or at a place among the arguments.
${name}_value() {
  case "$1 $2" in
${indented(4, commands.flatMap(valueArms))}
    *) return 1 ;;
  esac
}

# Sets the words that may stand here.
${name}_words() {
  case "$1" in
${indented(4, commands.map(wordsArm))}
  esac
}

${name}_offer() {
  case "$value" in
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    directory) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
    interface)
      if [[ -d /sys/class/net ]]; then value=$(command ls /sys/class/net); else value=$(ifconfig -l); fi
      COMPREPLY=($(compgen -W "$value" -- "$current")) ;;
    command) COMPREPLY=($(compgen -c -- "$current")) ;;
    other) ;;
    *) COMPREPLY=($(compgen -W "$value" -- "$current")) ;;
  esac
}

${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} at=${tree.name} place=0 i word value commands options
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    ${name}_words "$at"
    if [[ $word == -- ]]; then
      value=command
      ${name}_offer
      return
    elif [[ $word == -* ]] && ${name}_value "$at" "$word"; then
      # bash takes --name=value apart at the sign.
      if [[ \${COMP_WORDS[i + 1]} == "=" ]]; then i=$((i + 1)); fi
      i=$((i + 1))
      if ((i < COMP_CWORD)); then continue; fi
      if [[ $current == "=" ]]; then current=""; fi
      ${name}_offer
      return
    elif [[ " $commands " == *" $word "* ]]; then
      at=$at/$word place=0
    elif [[ $word != -* ]]; then
      place=$((place + 1))
    fi
  done
  ${name}_words "$at"
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $commands ]] && ((place == 0)); then
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  elif ${name}_value "$at" "$place"; then
    ${name}_offer
  fi
}

complete -F ${name} ${tree.name}
`;
}

function wordsArm({ path, command, options }: PlacedCommand): string {
  const commands = command.commands.map(({ name }) => name).join(" ");
  const names = options.flatMap((option) => option.names).join(" ");
  return `${path.join("/")}) commands=${singleQuoted(commands)} options=${singleQuoted(names)} ;;`;
}

function valueArms({ path, command, options }: PlacedCommand): readonly string[] {
  const arm = (words: readonly string[], value: ValueKind): string => {
    const patterns = words.map((word) => singleQuoted(`${path.join("/")} ${word}`));
    const offered = value.kind === "choice" ? value.words.join(" ") : value.kind;
    return `${patterns.join(" | ")}) value=${singleQuoted(offered)} ;;`;
  };
  return [
    ...options.flatMap(({ names, value }) => (value === null ? [] : [arm(names, value)])),
    ...command.arguments.map(({ value }, place) => arm([String(place)], value)),
  ];
}
