import type { Output } from "./session.ts";

// ECMA-48 control sequences, and the private modes of xterm's "Control Sequences": 1049 the alternate screen,
// 25 the cursor.
const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
const clearToLineEnd = "\u001b[K";
const clearBelow = "\u001b[J";

/** A place where a text is shown and shown again; disposing of it gives the terminal back as it was. */
export interface LiveScreen extends Disposable {
  draw(text: string): void;
}

/**
 * On a terminal that understands it, draws each text over the one before, on a screen of its own; what does not fit is counted in
 * the last row. Elsewhere prints each text that differs as a new block.
 */
export function openLiveScreen(stdout: Output, isTerminal: boolean): LiveScreen {
  return isTerminal ? openOnTerminal(stdout) : openOnPipe(stdout);
}

function openOnTerminal(stdout: Output): LiveScreen {
  stdout.write(enter);
  return {
    draw(text) {
      const rows = Math.max(2, stdout.rows || 24);
      const lines = text.replace(/\n$/, "").split("\n");
      const shown = lines.length <= rows ? lines : lines.slice(0, rows - 1);
      const hidden = lines.length - shown.length;
      if (hidden > 0) shown.push(`… ${hidden} more lines`);
      const body = shown.map((line) => `${line}${clearToLineEnd}`).join("\r\n");
      // One write, so that the terminal shows no half of it.
      stdout.write(`${home}${body}${clearBelow}`);
    },
    [Symbol.dispose]: () => void stdout.write(leave),
  };
}

function openOnPipe(stdout: Output): LiveScreen {
  let last: string | null = null;
  return {
    draw(text) {
      if (text === last) return;
      stdout.write(last === null ? text : `\n${text}`);
      last = text;
    },
    [Symbol.dispose]: () => undefined,
  };
}
