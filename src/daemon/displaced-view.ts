import type { Status } from "../admin-api/status-schema.ts";
import type { DebtView } from "../routes/debt-context.ts";
import { type InterfaceNames, viewDefault } from "./default-view.ts";

/** A displaced default as the admin API shows it. */
export function viewDisplaced(
  { family, route, since, by, state, reason }: DebtView,
  names: InterfaceNames,
): Status["displaced"][number] {
  return { family, route: viewDefault(route, "default", names), since, by, state, reason };
}
