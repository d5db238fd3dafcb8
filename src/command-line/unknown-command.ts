/** The other program, and the commands that only it has. */
export interface OtherProgram {
  readonly name: string;
  readonly commands: readonly string[];
}

/** What commander says of a command that it does not know, or, where the other program has it, that. */
export function explainUnknownCommand(text: string, { name, commands }: OtherProgram): string {
  const word = /unknown command '([^']*)'/.exec(text)?.[1] ?? "";
  if (!commands.includes(word)) return text;
  const [first = ""] = text.split("\n");
  return `${first}\n(Did you mean ${name} ${word}?)\n`;
}

/** What `netwatch` does not have. */
export const daemonCommands: OtherProgram = {
  name: "netwatchd",
  commands: ["start", "check-config", "install-service", "uninstall-service"],
};

/** What `netwatchd` does not have. */
export const clientCommands: OtherProgram = {
  name: "netwatch",
  commands: [
    "status",
    "interfaces",
    "events",
    "routes",
    "explain",
    "lease",
    "doctor",
    "completion",
  ],
};
