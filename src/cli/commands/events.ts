import { Command, Option } from "commander";
import type { EventLine } from "../../admin-api/event-schema.ts";
import type { AdminClient } from "../../admin-client/admin-client.ts";
import type { EventsQuestion } from "../../admin-client/event-follower.ts";
import { print, printJson } from "../print.ts";
import { type GlobalOptions, type Session, viewOf } from "../session.ts";
import { clientFor } from "./global-options.ts";

interface EventsOptions extends GlobalOptions {
  readonly follow?: true;
  readonly since?: string;
  readonly severity?: string;
}

type PrintEvent = (event: EventLine, signal?: AbortSignal) => Promise<void>;

/** `netwatch events`: what happened, and with `--follow` what happens. */
export function eventsCommand(session: Session): Command {
  return new Command("events")
    .description("what happened to the network, one line each")
    .option("--follow", "stay, and print each event as it comes")
    .option("--since <when>", "from 10m ago, from a time, or after an event's id")
    .addOption(
      new Option(
        "--severity <kind>",
        "effective: what carries traffic; churn: what does not; health: netwatch's own sight",
      ).choices(["effective", "churn", "health"]),
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<EventsOptions>();
      const { resolveSince } = await import("../since.ts");
      const { since, severity } = options;
      const question = {
        ...(since === undefined ? {} : { since: resolveSince(since, session.now()) }),
        ...(severity === undefined ? {} : { severity }),
      };
      const client = clientFor(session, options);
      const printEvent = options.json
        ? (event: EventLine, signal?: AbortSignal) => printJson(session.stdout, event, signal)
        : await textPrinter(session);
      if (options.follow) await follow(client, session, question, printEvent);
      else await list(client, session, question, printEvent, options.json === true);
    });
}

async function list(
  client: AdminClient,
  session: Session,
  question: EventsQuestion,
  printEvent: PrintEvent,
  json: boolean,
): Promise<void> {
  const { eventsQuery } = await import("../../admin-client/event-follower.ts");
  const { parseEventLine } = await import("../../admin-client/admin-answer.ts");
  const action = "list the events";
  const ending = new AbortController();
  const lines = await client.openLines(eventsQuery(question, false), action, ending.signal);
  let count = 0;
  for await (const line of lines) {
    await printEvent(parseEventLine(line, action));
    count += 1;
  }
  if (count === 0 && !json) await print(session.stderr, "no such events yet\n");
}

async function follow(
  client: AdminClient,
  session: Session,
  question: EventsQuestion,
  printEvent: PrintEvent,
): Promise<void> {
  const { followEvents } = await import("../../admin-client/event-follower.ts");
  const { listenForInterruption } = await import("../interruption.ts");
  using interruption = listenForInterruption();
  const { signal } = interruption;
  const say = (text: string): Promise<void> => print(session.stderr, `netwatch: ${text}\n`, signal);
  for await (const update of followEvents(client, question, signal)) {
    switch (update.kind) {
      case "event":
        await printEvent(update.event, signal);
        break;
      case "lost":
        await say("netwatchd went away; waiting for it (Ctrl-C ends this)");
        break;
      case "back":
        await say(
          update.restarted
            ? "netwatchd was restarted; what happened in between was not seen"
            : "netwatchd is back; nothing was missed",
        );
        break;
      case "open":
        break;
      default:
        update satisfies never;
    }
  }
}

/** Prints events as text, with a line for the day above those that are not of the day before them. */
async function textPrinter(session: Session): Promise<PrintEvent> {
  const { isSameDay, renderDay, renderEvent } = await import("../render/events.ts");
  let day: string | number = session.now();
  return async (event, signal) => {
    const view = viewOf(session);
    const heading = isSameDay(day, event.time) ? "" : renderDay(event.time, view);
    day = event.time;
    await print(session.stdout, `${heading}${renderEvent(event, view)}`, signal);
  };
}
