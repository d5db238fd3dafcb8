import type { Finding } from "../admin-api/checkup-schema.ts";
import type { Facts } from "./facts.ts";

/** What is to be said of other programs that manage the network. */
export function managerFindings({ managers }: Facts): readonly Finding[] {
  const { networkd, networkManager } = managers;
  const found: Finding[] = [];
  const taken = [
    ...(networkd?.takesRoutes === true ? ["ManageForeignRoutes"] : []),
    ...(networkd?.takesRules === true ? ["ManageForeignRoutingPolicyRules"] : []),
  ];
  if (taken.length > 0)
    found.push({
      code: "networkd-manages-foreign",
      gravity: "warn",
      text: "systemd-networkd takes routes and rules away that it did not make, each time it starts or a link comes back",
      remedy: `write into /etc/systemd/networkd.conf.d/netwatch.conf, beneath [Network]: ${taken.map((key) => `${key}=no`).join(" and ")}`,
    });
  if (networkManager)
    found.push({
      code: "network-manager",
      gravity: "note",
      text: "NetworkManager runs: it puts its own defaults back at each renewal",
      remedy: "none is needed: netwatch follows, and leaves what NetworkManager made alone",
    });
  return found;
}
