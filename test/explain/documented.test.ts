import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { explanationSchema } from "../../src/admin-api/explanation-schema.ts";
import { openNamespace, type TestNamespace } from "../namespace/namespace.ts";
import { documentedHost, documentedVpn } from "./documented-host.ts";
import { runNetwatch } from "./running-explain.ts";

const path = join(import.meta.dirname, "../../docs/explain.md");
const fence = "```";

describe.skipIf(process.platform !== "linux")("docs/explain.md", () => {
  let host: TestNamespace;

  beforeAll(async () => {
    host = await openNamespace();
    enterNetworkNamespace(host.path);
    host.ipBatch(documentedHost);
  });
  afterAll(() => host[Symbol.dispose]());

  /** Does what is typed and gives what is printed, with the exit code that the page promises. */
  const type = async (typed: string): Promise<string> => {
    const [line = "", filter] = typed.replace(/^sudo /, "").split(" | ");
    const [command, ...words] = line.split(" ");
    switch (command) {
      case "ip":
        return host.ip(words.join(" "));
      case "wg-quick":
        host.ipBatch(documentedVpn);
        return "";
      case "sysctl": {
        const [name = "", value = ""] = (words[0] ?? "").split("=");
        writeFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, value);
        return `${name} = ${value}\n`;
      }
      default: {
        const { stdout, stderr, exitCode } = await runNetwatch(words);
        expect(stderr).toBe("");
        expect(exitCode, typed).toBe(stdout.startsWith("✗") ? 1 : 0);
        if (filter === undefined) return stdout;
        const { verdict } = explanationSchema.parse(JSON.parse(stdout));
        return `${JSON.stringify(verdict, null, 2)}\n`;
      }
    }
  };

  // The examples are one story: each command finds what those before it have done.
  test("its examples print what it says", async () => {
    const lines: string[] = [];
    let commands = 0;
    let inside = false;
    for (const line of readFileSync(path, "utf8").split("\n")) {
      if (line.startsWith(fence)) inside = line === `${fence}console`;
      if (!inside || line.startsWith(fence) || line.startsWith("$ ")) lines.push(line);
      if (!inside || !line.startsWith("$ ")) continue;
      commands += 1;
      lines.push(...(await type(line.slice(2))).split("\n").slice(0, -1));
    }
    expect(commands).toBeGreaterThan(8);
    await expect(lines.join("\n")).toMatchFileSnapshot(path);
  });
});
