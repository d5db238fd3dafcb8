import { expect, test } from "vitest";
import { openLiveScreen } from "../../src/cli/live-screen.ts";
import type { Output } from "../../src/cli/session.ts";

function recorder(terminal: Partial<Output>): Output & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    write: (text) => written.push(text) > 0,
    once: () => undefined,
    on: () => undefined,
    off: () => undefined,
    ...terminal,
  };
}

test("openLiveScreen() draws over itself on a terminal and gives it back", () => {
  const stdout = recorder({ isTTY: true, rows: 3 });
  {
    using screen = openLiveScreen(stdout, true);
    screen.draw("a\nb\n");
    screen.draw("1\n2\n3\n4\n5\n");
  }
  expect(stdout.written).toEqual([
    "\u001b[?1049h\u001b[?25l",
    "\u001b[Ha\u001b[K\r\nb\u001b[K\u001b[J",
    "\u001b[H1\u001b[K\r\n2\u001b[K\r\n… 3 more lines\u001b[K\u001b[J",
    "\u001b[?25h\u001b[?1049l",
  ]);
});

test("openLiveScreen() prints blocks where there is no terminal, and none twice", () => {
  const stdout = recorder({});
  {
    using screen = openLiveScreen(stdout, false);
    screen.draw("a\n");
    screen.draw("a\n");
    screen.draw("b\n");
  }
  expect(stdout.written).toEqual(["a\n", "\nb\n"]);
});
