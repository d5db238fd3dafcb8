import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { LeaseRequestInput } from "../../admin-api/lease-schema.ts";
import { CommandEnd } from "../command-end.ts";
import { parseDuration } from "../duration.ts";
import type { GlobalOptions, Session } from "../session.ts";
import { clientFor } from "./global-options.ts";

interface LeaseFlags extends GlobalOptions {
  readonly via?: string;
  readonly family?: "ipv4" | "ipv6" | "both";
  readonly ttl?: number;
  readonly mode?: "metric" | "split" | "displace";
  readonly onLost?: "restore" | "block";
  readonly endpoint?: readonly string[];
  readonly gateway?: readonly string[];
  readonly stack?: true;
}

/** `netwatch lease`: routes that live as long as a program, or until Ctrl-C. */
export function leaseCommand(session: Session): Command {
  const lease = new Command("lease").description(
    "routes that live as long as a program, or until Ctrl-C",
  );
  lease.addCommand(
    withCommon(new Command("uplink"), session, uplinkRequest)
      .description("sockets that the program binds to an uplink reach the internet by it")
      .option("--via <interface>", "the uplink; without it, the host's best one"),
  );
  lease.addCommand(
    withCommon(new Command("default"), session, defaultRequest)
      .description("unbound packets leave by an interface, such as a tunnel")
      .requiredOption("--via <interface>", "the interface")
      .addOption(
        new Option("--mode <mode>", "win by the metric, by two halves, or take the others away")
          .choices(["metric", "split", "displace"])
          .default("metric"),
      )
      .addOption(
        new Option(
          "--on-lost <what>",
          "when the interface dies first: as before, or nothing leaves",
        )
          .choices(["restore", "block"])
          .default("restore"),
      )
      .option("--endpoint <address>", "a server of the tunnel, reached by the uplink", collect)
      .option("--gateway <address>", "the neighbour to leave by, where one is needed", collect)
      .option("--stack", "stand before another lease's default"),
  );
  return lease;
}

type MakeRequest = (flags: LeaseFlags) => LeaseRequestInput;

function withCommon(command: Command, session: Session, requestOf: MakeRequest): Command {
  return command
    .addOption(new Option("--family <family>", "only this one").choices(["ipv4", "ipv6", "both"]))
    .option("--ttl <time>", "outlive a broken connection by so long, such as 30s", parseTtl)
    .addArgument(new Argument("[command...]", "behind `--`: a program to run while it is held"))
    .action(async (words: readonly string[], _: unknown, parsed: Command) => {
      const flags = parsed.optsWithGlobals<LeaseFlags>();
      const { holdLease } = await import("../hold-lease.ts");
      // proc(5): this is what the daemon calls the holder of the lease.
      process.title = "netwatch";
      const exitCode = await holdLease(clientFor(session, flags), session, {
        request: requestOf(flags),
        command: words,
        json: flags.json === true,
      });
      throw new CommandEnd(exitCode);
    });
}

function uplinkRequest(flags: LeaseFlags): LeaseRequestInput {
  return { kind: "uplink", via: flags.via ?? null, ...common(flags) };
}

function defaultRequest(flags: LeaseFlags): LeaseRequestInput {
  const { via = "", mode, onLost, endpoint = [], gateway = [], stack } = flags;
  return {
    kind: "default",
    via,
    ...common(flags),
    ...(mode === undefined ? {} : { mode }),
    ...(onLost === undefined ? {} : { onLost }),
    endpoints: [...endpoint],
    gateways: [...gateway],
    stack: stack === true,
  };
}

function common({
  family,
  ttl,
}: LeaseFlags): Pick<LeaseRequestInput, "ttlMs"> & { families?: ("ipv4" | "ipv6")[] } {
  return {
    ...(ttl === undefined ? {} : { ttlMs: ttl }),
    ...(family === undefined ? {} : { families: family === "both" ? ["ipv4", "ipv6"] : [family] }),
  };
}

function parseTtl(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError("Give a time such as 30s or 5m.");
  return Math.round(ms);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
