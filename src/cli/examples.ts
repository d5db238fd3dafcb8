import type { Example } from "../command-line/command-tree.ts";

/** Lines to type, by the words that lead to a command: for its help and for the manual. */
const examples: Readonly<Record<string, readonly Example[]>> = {
  status: [
    { line: "netwatch status", purpose: "what is wrong, and by which way packets leave" },
    { line: "netwatch status --watch", purpose: "the same, drawn anew at each change" },
    {
      line: "netwatch status --json | jq -r '.defaults.ipv4.effective.interface'",
      purpose: "the interface that carries IPv4 traffic",
    },
  ],
  interfaces: [
    { line: "netwatch interfaces --all", purpose: "each interface, those of containers too" },
    { line: "netwatch interfaces eth0", purpose: "everything about one" },
  ],
  events: [
    { line: "netwatch events --since 1h", purpose: "what happened within the last hour" },
    {
      line: "netwatch events --follow --severity effective",
      purpose: "each change of what carries traffic, as it comes",
    },
    {
      line: "netwatch events --follow --json | jq -r .kind",
      purpose: "one JSON object a line, for a script",
    },
  ],
  "routes list": [{ line: "netwatch routes", purpose: "every default, and whose it is" }],
  "routes plan": [{ line: "netwatch routes plan", purpose: "what would be done, before it is" }],
  "routes install": [
    {
      line: "netwatch routes install wwan0",
      purpose: "sockets bound to wwan0 leave by its gateway",
    },
  ],
  "routes remove": [
    { line: "netwatch routes remove wwan0", purpose: "the same interface as netwatch found it" },
  ],
  "routes restore": [
    { line: "netwatch routes restore --dry-run", purpose: "what a restore would do" },
    {
      line: "sudo netwatch routes restore",
      purpose: "the host's own routing again, daemon or not",
    },
  ],
  "routes forget": [
    { line: "netwatch routes forget", purpose: "after a default was given up for good" },
  ],
  explain: [
    { line: "netwatch explain 1.1.1.1", purpose: "by which interface a packet leaves, and why" },
    {
      line: "netwatch explain 1.1.1.1 --bind wwan0",
      purpose: "the same for a socket that is bound to wwan0",
    },
    {
      line: "netwatch explain example.com --protocol tcp --dport 443",
      purpose: "where rules look at ports",
    },
  ],
  "lease uplink": [
    {
      line: "netwatch lease uplink --via wwan0 -- curl --interface wwan0 https://example.com",
      purpose: "wwan0 has a way of its own while curl runs",
    },
  ],
  "lease default": [
    {
      line: "sudo netwatch lease default --via tun0 --mode split --endpoint 203.0.113.7 -- my-vpn",
      purpose: "everything goes through the tunnel while my-vpn runs",
    },
    {
      line: "sudo netwatch lease default --via tun0 --on-lost block",
      purpose: "until Ctrl-C, and nothing leaves in clear when tun0 dies",
    },
  ],
  doctor: [
    { line: "sudo netwatch doctor", purpose: "what is wrong here, and what to do about it" },
    {
      line: "netwatch doctor --json | jq -r '.findings[].code'",
      purpose: "the same, for a script",
    },
  ],
  completion: [
    { line: "source <(netwatch completion bash)", purpose: "for this bash" },
    {
      line: "netwatch completion zsh > ~/.zfunc/_netwatch",
      purpose: "for zsh, in a folder of its fpath",
    },
    {
      line: "netwatch completion fish > ~/.config/fish/completions/netwatch.fish",
      purpose: "for fish",
    },
  ],
};

/** Those of one command, by its path without the program's name. */
export function examplesOf(path: readonly string[]): readonly Example[] {
  return examples[path.join(" ")] ?? [];
}

/** The commands that have examples: each of them must exist. */
export const commandsWithExamples: readonly string[] = Object.keys(examples);
