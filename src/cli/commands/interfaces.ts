import { Command } from "commander";
import { interfacesPath } from "../../admin-api/paths.ts";
import { asInterface, asInterfaces } from "../../admin-client/admin-answer.ts";
import { print, printJson } from "../print.ts";
import { type GlobalOptions, type Session, viewOf } from "../session.ts";
import { clientFor } from "./global-options.ts";

/** `netwatch interfaces [NAME]`: all of them, or all about one. */
export function interfacesCommand(session: Session): Command {
  return new Command("interfaces")
    .description("the interfaces, or everything about one")
    .argument("[interface]", "an interface, such as eth0")
    .option("--all", "list containers' interfaces too")
    .action(async (name: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { all?: true }>();
      const client = clientFor(session, options);
      const action = name === undefined ? "list the interfaces" : `show the interface ${name}`;
      const path =
        name === undefined ? interfacesPath : `${interfacesPath}/${encodeURIComponent(name)}`;
      const answer = await client.get(path, action);
      if (options.json) return await printJson(session.stdout, answer);
      const { renderInterface, renderInterfaces } = await import("../render/interfaces.ts");
      const view = viewOf(session);
      const text =
        name === undefined
          ? renderInterfaces(asInterfaces(answer, action), { all: options.all === true }, view)
          : renderInterface(asInterface(answer, action), view);
      await print(session.stdout, text);
    });
}
