import type { ServicePrograms } from "./service-programs.ts";
import { serviceFileMark } from "./systemd-unit.ts";

/** The job's name, and that of its file in /Library/LaunchDaemons. */
export const launchdLabel = "netwatchd";

/** The service as launchd starts it (launchd.plist(5)). */
export function renderLaunchdJob(facts: {
  readonly version: string;
  readonly programs: ServicePrograms;
}): string {
  const { node, netwatchd } = facts.programs;
  const words = [node, netwatchd, "start", "--log", "json"];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${serviceFileMark}, ${facts.version}; \`netwatchd uninstall-service\` removes it. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${launchdLabel}</string>
  <key>ProgramArguments</key>
  <array>
${words.map((word) => `    <string>${escapeXml(word)}</string>`).join("\n")}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>20</integer>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>/var/log/netwatchd.log</string>
</dict>
</plist>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
