import { statusPath } from "../admin-api/paths.ts";
import { asStatus } from "../admin-client/admin-answer.ts";
import { createAdminClient } from "../admin-client/admin-client.ts";
import { socketsToTry } from "../admin-client/sockets-to-try.ts";
import { print, printJson } from "./print.ts";
import { renderStatus } from "./render/status.ts";
import { type GlobalOptions, type Session, viewOf } from "./session.ts";

/** Asks for the status and prints it once. */
export async function showStatus(session: Session, options: GlobalOptions): Promise<void> {
  const action = "show the status";
  const client = createAdminClient(socketsToTry(session, options.socket));
  const answer = await client.get(statusPath, action);
  if (options.json) await printJson(session.stdout, answer);
  else await print(session.stdout, renderStatus(asStatus(answer, action), viewOf(session)));
}
