import { Command, Option } from "commander";
import { CommandEnd } from "../command-end.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ExplainFlags } from "../explain-here.ts";
import { listenForInterruption } from "../interruption.ts";
import { print, printJson } from "../print.ts";
import { type GlobalOptions, type Session, viewOf } from "../session.ts";

/** `netwatch explain DST`: where a packet goes, and why. */
export function explainCommand(session: Session): Command {
  return new Command("explain")
    .description("where a packet goes, and every rule and route that had a say in it")
    .argument("<destination>", "an address, or a name that has one")
    .option("--bind <interface>", "as from a socket that is bound to an interface")
    .option("--from <address>", "as from a socket that is bound to an address")
    .option("--mark <number>", "the socket's mark, such as 0xca6c")
    .option("--uid <number>", "the user whose socket it is; without it, you")
    .option("--iif <interface>", "as a packet that comes in there to be passed on (with --from)")
    .option("--protocol <name>", "tcp, udp or icmp; without it, udp")
    .option("--sport <port>", "its source port")
    .option("--dport <port>", "its destination port")
    .option("--tos <number>", "its type of service byte, such as 0x10")
    .addOption(new Option("-4, --ipv4", "of a name, the IPv4 address").conflicts("ipv6"))
    .addOption(new Option("-6, --ipv6", "of a name, the IPv6 address"))
    .action(async (target: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions & ExplainFlags>();
      const { explainHere } = await import("../explain-here.ts");
      using interruption = listenForInterruption();
      const explanation = await explainHere(session, target, flags, interruption.signal);
      const { renderExplanation, isLost } = await import("../render/explanation.ts");
      if (flags.json) await printJson(session.stdout, explanation);
      else await print(session.stdout, renderExplanation(explanation, viewOf(session)));
      if (isLost(explanation)) throw new CommandEnd(exitCodes.failed);
    });
}
