import { Argument, Command } from "commander";
import type { CommandTree } from "../../command-line/command-tree.ts";
import { examplesOf } from "../examples.ts";
import { print } from "../print.ts";
import type { Session } from "../session.ts";

type Shell = "bash" | "zsh" | "fish";

const shells: Readonly<Record<Shell, () => Promise<(tree: CommandTree) => string>>> = {
  bash: async () => (await import("../../command-line/bash-completion.ts")).bashCompletion,
  zsh: async () => (await import("../../command-line/zsh-completion.ts")).zshCompletion,
  fish: async () => (await import("../../command-line/fish-completion.ts")).fishCompletion,
};

/** `netwatch completion SHELL`: a script that knows every command and option of this version. */
export function completionCommand(session: Session): Command {
  return new Command("completion")
    .description("print what lets a shell complete netwatch's words")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(shells)))
    .action(async (shell: Shell, _: unknown, command: Command) => {
      const { treeOf } = await import("../../command-line/command-tree.ts");
      const complete = await shells[shell]();
      await print(session.stdout, complete(treeOf(command.parent ?? command, examplesOf)));
    });
}
