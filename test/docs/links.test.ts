import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** The names that a page's headings have in links, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(pages)("%s: every link leads somewhere", (page) => {
  const broken = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].filter(([, link = ""]) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

// What a reader shall put a name into is written in capitals.
test.each(pages)("%s: every file of the project that it names is there", (page) => {
  const named = textOf(page).matchAll(/`((?:src|test|native-bindings|docs)\/[\w/.-]+)`/g);
  const missing = [...named]
    .map(([, path = ""]) => path)
    .filter((path) => !/[A-Z]{3}/.test(path) && !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

test("README.md leads to every page", () => {
  const readme = textOf("README.md");
  expect(pages.filter((page) => page !== "README.md" && !readme.includes(`(${page})`))).toEqual([]);
});
