import type { Command } from "commander";
import { type AdminClient, createAdminClient } from "../../admin-client/admin-client.ts";
import { socketsToTry } from "../../admin-client/sockets-to-try.ts";
import type { GlobalOptions, Session } from "../session.ts";

/** Adds the options that every command takes; commander finds a program's options anywhere among the words. */
export function addGlobalOptions(program: Command): Command {
  return program
    .option("--socket <path>", "netwatchd's socket (or NETWATCH_SOCKET)")
    .option("--json", "print JSON as the admin API gives it, one value a line");
}

/** A client for the daemon that the options name, else for the one of this user or of the system. */
export function clientFor(session: Session, options: GlobalOptions): AdminClient {
  return createAdminClient(socketsToTry(session, options.socket));
}
