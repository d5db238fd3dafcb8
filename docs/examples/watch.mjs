import { watch } from "netwatch";

for await (const event of watch({ signal: AbortSignal.timeout(60_000) })) {
  console.log(event.time, event.kind, event.interface ?? "");
  if (event.kind === "interface-removed") break;
}
