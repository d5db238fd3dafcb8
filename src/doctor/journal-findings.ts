import type { Finding } from "../admin-api/checkup-schema.ts";
import type { Facts } from "./facts.ts";

const restore = "bring the host's own routing back: netwatch routes restore, as root";

/** What is to be said of the journal, and of what was left behind. */
export function journalFindings({ journal, daemon, routing, onStop }: Facts): readonly Finding[] {
  return [
    ...recordFindings(journal, daemon),
    ...(daemon.kind === "absent" && typeof routing !== "string" ? leftBehind(routing, onStop) : []),
  ];
}

function recordFindings(journal: Facts["journal"], daemon: Facts["daemon"]): readonly Finding[] {
  switch (journal.kind) {
    case "unseen":
      return [];
    case "unusable":
      return [
        {
          code: journal.isNewer ? "journal-newer" : "journal-unusable",
          gravity: "bad",
          text: journal.why,
          remedy: journal.isNewer
            ? "use the version of netwatch that wrote it"
            : "mend that: without its journal netwatchd changes no routes",
        },
      ];
    case "read": {
      const { debts, damaged, lost, quarantined, directory } = journal;
      const found: Finding[] = [];
      // A daemon that runs settles its debts, and shows in its status what it waits for.
      if (daemon.kind !== "answers")
        for (const debt of debts)
          found.push({
            code: "owed-default",
            gravity: "bad",
            text: `${debt} was displaced and not put back`,
            remedy: restore,
          });
      if (damaged + lost > 0)
        found.push({
          code: "journal-damaged",
          gravity: "warn",
          text: `the journal in ${directory} is damaged: ${damaged} bytes hold no record, ${lost} records are lost`,
          remedy: "check the disk; the next start of netwatchd keeps what can be read",
        });
      for (const name of quarantined)
        found.push({
          code: "journal-quarantined",
          gravity: "note",
          text: `a damaged journal was set aside as ${directory}/${name}`,
          remedy: "remove it when nobody needs it any more",
        });
      return found;
    }
  }
}

function leftBehind(
  { scoped, ownDefaults, nameOf }: Exclude<Facts["routing"], string>,
  onStop: Facts["onStop"],
): readonly Finding[] {
  const names = [...new Set(scoped.map(({ entry }) => nameOf(entry.interfaceIndex)))];
  const found: Finding[] = ownDefaults.map((route) => ({
    code: "stale-default",
    gravity: "bad",
    text: `${route} is netwatch's, and no netwatchd runs`,
    remedy: restore,
  }));
  if (names.length > 0)
    found.push({
      code: "stale-rules",
      gravity: onStop === "keep" ? "note" : "warn",
      text: `rules and routes of netwatch stand for ${names.join(", ")}, and no netwatchd runs: nothing follows their gateways`,
      remedy: "start netwatchd, which adopts them, or take them away: netwatch routes restore",
    });
  return found;
}
