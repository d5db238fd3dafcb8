import type { Finding } from "../admin-api/checkup-schema.ts";
import type { Facts } from "./facts.ts";

/** Two thirds of what the kernel gives without being asked: too little for a burst of some thousand changes. */
const smallReceiveBuffer = 1 << 20;

/** What is to be said of the daemon and its configuration. */
export function daemonFindings(facts: Facts): readonly Finding[] {
  const { daemon, configTrouble, version } = facts;
  const config: readonly Finding[] =
    configTrouble === null
      ? []
      : [
          {
            code: "bad-configuration",
            gravity: "bad",
            text: configTrouble,
            remedy: "mend the file; `netwatchd check-config` says when it is good",
          },
        ];
  switch (daemon.kind) {
    case "absent":
      return [
        ...config,
        {
          code: "no-daemon",
          gravity: "warn",
          text: "netwatchd is not running: nothing watches the network or looks after routes",
          remedy: startRemedy(facts),
        },
      ];
    case "silent":
      return [
        ...config,
        {
          code: "daemon-silent",
          gravity: "bad",
          text: `netwatchd does not answer: ${daemon.why}`,
          remedy: "ask as root, or look at its log",
        },
      ];
    case "answers":
      return [...config, ...answeredFindings(daemon.status, version)];
  }
}

function startRemedy({ service }: Facts): string {
  if (service.manager === "systemd" && service.isInstalled)
    return "start it: systemctl start netwatchd";
  return service.isInstalled ? "start its service" : "start it as root: netwatchd start";
}

type Status = Extract<Facts["daemon"], { readonly kind: "answers" }>["status"];

function answeredFindings(status: Status, version: string): readonly Finding[] {
  const { daemon, source, defaults } = status;
  const found: Finding[] = [];
  if (daemon.version !== version)
    found.push({
      code: "other-version",
      gravity: "warn",
      text: `netwatchd is of version ${daemon.version}, this netwatch of ${version}`,
      remedy: "restart netwatchd, so that both come from one installation",
    });
  for (const reason of daemon.reasons)
    found.push({
      code: "degraded",
      gravity: source.alive ? "warn" : "bad",
      text: `netwatchd is degraded: ${reason}`,
      remedy: "look at its log for what came before",
    });
  if (daemon.mode === "observe")
    found.push({
      code: "observe-mode",
      gravity: "note",
      text: "netwatchd only watches: it looks after no routes",
      remedy: "to have it do so, start it as root and without --observe",
    });
  const { receiveBufferBytes } = source;
  if (source.kind === "netlink" && (receiveBufferBytes ?? Infinity) < smallReceiveBuffer)
    found.push({
      code: "small-receive-buffer",
      gravity: "warn",
      text: `the kernel gave netwatchd a receive buffer of ${receiveBufferBytes} bytes: bursts of changes overflow it`,
      remedy: "run netwatchd as root, or raise net.core.rmem_max to 8388608",
    });
  if (defaults.ipv4.effective === null && defaults.ipv6.effective === null)
    found.push({
      code: "no-default",
      gravity: "bad",
      text: "there is no default route, neither IPv4 nor IPv6",
      remedy: "netwatch routes restore brings back the last known good one, if there was one",
    });
  for (const { interface: name, family } of status.scoped.filter(({ state }) => state === "fight"))
    found.push({
      code: "fight",
      gravity: "bad",
      text: `somebody keeps taking the ${family === "ipv4" ? "IPv4" : "IPv6"} scoped default of ${name} away; netwatchd has stopped putting it back`,
      remedy: `netwatch events names who; when that has ended: netwatch routes install ${name}`,
    });
  return found;
}
