import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bashCompletion } from "../../src/command-line/bash-completion.ts";
import { treeOf } from "../../src/command-line/command-tree.ts";
import { fishCompletion } from "../../src/command-line/fish-completion.ts";
import { zshCompletion } from "../../src/command-line/zsh-completion.ts";
import { hasProgram } from "../installed-program.ts";

/** A program with everything that ours have: choices, files, an interface, commands below commands, a command to run. */
function sampleProgram(): Command {
  const program = new Command("sample")
    .helpCommand(false)
    .option("--socket <path>", "a socket's path");
  program
    .command("list")
    .description("list: what [there] is, it's said")
    .addOption(new Option("--order <kind>", "which first").choices(["newest", "oldest", "named"]))
    .option("-q, --quiet", "say less");
  const routes = program.command("routes").description("routes").helpCommand(false);
  routes.command("install").description("make one").argument("<interface>", "where");
  routes.command("remove").description("take one away").argument("<interface>", "where");
  program.command("secret", { hidden: true }).description("not shown");
  program
    .command("hold")
    .description("hold it")
    .addArgument(new Argument("<what>", "what to hold").choices(["uplink", "default"]))
    .argument("[command...]", "while this runs")
    .option("--via <interface>", "by which");
  program.command("load").description("load it").option("--from <directory>", "where from");
  return program;
}

interface Shell {
  readonly name: string;
  readonly script: string;
  /** The interfaces that it sees: zsh asks for those of the namespace, the others look at what is mounted. */
  readonly interfaces: readonly string[];
  /** What is offered for a line that ends at the cursor, sorted. */
  complete(words: readonly string[]): readonly string[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "netwatch-completion-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(shell: string, args: readonly string[], script: string): readonly string[] {
  const file = join(folder, `${shell}-script`);
  writeFileSync(file, script);
  const output = execFileSync(shell, [...args, file], {
    encoding: "utf8",
    cwd: folder,
    timeout: 20_000,
  });
  return output
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

const tree = treeOf(sampleProgram(), () => []);
const mounted = execFileSync("ls", ["/sys/class/net"], { encoding: "utf8" }).trim().split("\n");
const quote = (word: string): string => `'${word}'`;

const bash: Shell = {
  name: "bash",
  script: bashCompletion(tree),
  interfaces: mounted.toSorted(),
  complete: (words) => {
    // As readline does: the sign is a word of its own.
    const split = ["sample", ...words].flatMap((word) =>
      word.split(/(=)/).filter((part, at, all) => part !== "" || at === all.length - 1),
    );
    return run(
      "bash",
      ["--norc"],
      `${bash.script}
COMP_WORDS=(${split.map(quote).join(" ")}) COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_sample
printf '%s\\n' "\${COMPREPLY[@]}"
`,
    );
  },
};

const fish: Shell = {
  name: "fish",
  script: fishCompletion(tree),
  interfaces: mounted.toSorted(),
  complete: (words) => {
    const line = ["sample", ...words].join(" ");
    const offered = run(
      "fish",
      ["--no-config"],
      `${fish.script}
complete --do-complete "${line}"
`,
    );
    return offered.map((one) => one.split("\t")[0] ?? "").sort();
  },
};

const zsh: Shell = {
  name: "zsh",
  script: zshCompletion(tree),
  interfaces: ["lo"],
  complete: (words) => {
    // A terminal of its own, where what compadd is given is printed instead of shown.
    const line = ["sample", ...words].join(" ");
    return run(
      "zsh",
      ["-f"],
      `
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner 'PS1= RPS1= PS2='
zpty -w inner 'autoload -Uz compinit && compinit -D -u'
zpty -w inner ${quote(`source ${join(folder, "sample.zsh")}`)}
zpty -w inner ${quote(`source ${join(folder, "spy.zsh")}`)}
zpty -r inner seen '*spy-is-ready*' || exit 1
zpty -n -w inner ${quote(`${line}\t`)}
zpty -r inner seen '*<end>*' || exit 1
zpty -d inner
for part in "\${(@f)seen}"; do
  [[ $part == *'<offer>'* ]] && print -r -- "\${\${part#*<offer>}%%$'\\r'*}"
done
exit 0
`,
    );
  },
};

const zshSpy = `
compadd() {
  local -a __matches
  if [[ " $* " == *" -O "* || " $* " == *" -A "* || " $* " == *" -D "* ]]; then builtin compadd "$@"; return; fi
  builtin compadd -A __matches "$@"
  local __match
  for __match in $__matches; do print -r -- "<offer>$__match"; done
  builtin compadd "$@"
}
spied() { local __result; _main_complete "$@"; print -r -- '<end>'; compstate[insert]= compstate[list]=; }
zle -C spied complete-word spied
bindkey '\\t' spied
print 'spy-is-'ready
`;

beforeAll(() => {
  writeFileSync(join(folder, "sample.zsh"), zsh.script);
  writeFileSync(join(folder, "spy.zsh"), zshSpy);
});

describe.each([bash, fish, zsh].filter(({ name }) => hasProgram(name)))("$name", (shell) => {
  test("offers the commands, without the hidden ones", () => {
    expect(shell.complete([""])).toEqual(["hold", "list", "load", "routes"]);
  });
  test("offers the commands below a command", () => {
    expect(shell.complete(["routes", ""])).toEqual(["install", "remove"]);
  });
  test("goes on where a word was begun", () => {
    expect(shell.complete(["ro"])).toEqual(["routes"]);
  });
  test("knows a command behind an option with a value", () => {
    expect(shell.complete(["--socket", "/x", "routes", "inst"])).toEqual(["install"]);
  });
  test("offers the options of a command and of those above it", () => {
    expect(shell.complete(["list", "--"])).toEqual(["--help", "--order", "--quiet", "--socket"]);
  });
  test("offers what an option chooses from", () => {
    expect(shell.complete(["list", "--order", ""])).toEqual(["named", "newest", "oldest"]);
    expect(shell.complete(["list", "--order", "n"])).toEqual(["named", "newest"]);
  });
  test("offers what an argument chooses from", () => {
    expect(shell.complete(["hold", ""])).toEqual(["default", "uplink"]);
  });
  test("offers the interfaces", () => {
    expect(shell.complete(["routes", "install", ""])).toEqual(shell.interfaces);
    expect(shell.complete(["hold", "default", "--via", ""])).toEqual(shell.interfaces);
  });
});

describe.skipIf(!hasProgram("bash"))("bash", () => {
  test("takes an option and its value apart at the sign", () => {
    expect(bash.complete(["list", "--order=n"])).toEqual(["named", "newest"]);
    expect(bash.complete(["list", "--order="])).toEqual(["named", "newest", "oldest"]);
    expect(bash.complete(["list", "--order=newest", "-q"])).toEqual(["-q"]);
  });
  test("offers commands behind the double dash", () => {
    expect(bash.complete(["hold", "default", "--", "unshar"])).toContain("unshare");
  });
});
