import {
  type CommandTree,
  type Example,
  type OptionWords,
  placedCommands,
} from "../../src/command-line/command-tree.ts";

/** What a manual page says beside what the program itself knows. */
export interface ManualPage {
  readonly section: 1 | 8;
  readonly version: string;
  /** What the program is, in paragraphs. */
  readonly description: readonly string[];
  /** Lists of terms: files, environment, exit status. */
  readonly lists: readonly { readonly title: string; readonly terms: readonly Term[] }[];
  /** Pages of the same package, `netwatchd(8)`. */
  readonly seeAlso: readonly string[];
}

interface Term {
  readonly term: string;
  readonly meaning: string;
}

/** The manual page of a program, in the man(7) language that groff and mandoc read. */
export function manualPage(tree: CommandTree, page: ManualPage): string {
  const [program, ...commands] = placedCommands(tree);
  const lines = [
    `.TH ${tree.name.toUpperCase()} ${page.section} "" "${tree.name} ${page.version}" "netwatch"`,
    ".SH NAME",
    `${tree.name} \\- ${roff(phrase(tree.description))}`,
    ".SH SYNOPSIS",
    `.B ${roff(tree.name)}`,
    "[\\fIoptions\\fR] \\fIcommand\\fR",
    ".SH DESCRIPTION",
    ...page.description.flatMap((paragraph, at) => [...(at === 0 ? [] : [".PP"]), roff(paragraph)]),
    ".SH OPTIONS",
    ...optionLines(program?.options ?? []),
    ".SH COMMANDS",
    ...commands
      .filter(({ command }) => command.commands.length === 0)
      .flatMap(({ path, command }) => [
        `.SS ${quoted([...path.slice(1), ...command.arguments.map(({ term }) => term)].join(" "))}`,
        roff(sentence(command.description)),
        ...command.arguments
          .filter(({ description }) => description !== "")
          .flatMap(({ term, description }) => termLines({ term, meaning: description })),
        ...optionLines(command.options.filter(({ names }) => !names.includes("--help"))),
        ...exampleLines(command.examples),
      ]),
    ...(tree.examples.length === 0 ? [] : [".SH EXAMPLES", ...exampleLines(tree.examples)]),
    ...page.lists.flatMap(({ title, terms }) => [
      `.SH ${quoted(title.toUpperCase())}`,
      ...terms.flatMap(termLines),
    ]),
    ".SH SEE ALSO",
    page.seeAlso.map(reference).join(",\n"),
  ];
  return `.\\" Made from the program itself; a test holds it to that.\n${lines.join("\n")}\n`;
}

function optionLines(options: readonly OptionWords[]): readonly string[] {
  return options.flatMap(({ flags, description }) =>
    termLines({ term: flags, meaning: description }),
  );
}

function termLines({ term, meaning }: Term): readonly string[] {
  return [".TP", `.B ${roff(term)}`, roff(sentence(meaning))];
}

function exampleLines(examples: readonly Example[]): readonly string[] {
  return examples.flatMap(({ line, purpose }) => [
    ".PP",
    `${roff(sentence(purpose).replace(/\.$/, ":"))}`,
    ".PP",
    ".RS 4",
    ".EX",
    roff(line),
    ".EE",
    ".RE",
  ]);
}

function sentence(text: string): string {
  // A program's name is written as it is typed.
  const capital = /^netwatch/.test(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function phrase(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`.replace(/\.$/, "");
}

function reference(page: string): string {
  const [, name = page, section = ""] = /^(.*)\((\d)\)$/.exec(page) ?? [];
  return `.BR ${roff(name)} (${section})`.replace(/,$/, "");
}

const quoted = (text: string): string => `"${roff(text).replaceAll('"', '""')}"`;

/** Text that roff leaves as it is: a hyphen stays one that can be copied, a dot begins no request. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");
}
