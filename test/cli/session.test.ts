import { expect, test } from "vitest";
import { type Output, type Session, viewOf } from "../../src/cli/session.ts";

const output: Output = {
  write: () => true,
  once: () => undefined,
  on: () => undefined,
  off: () => undefined,
};
const session: Session = {
  platform: "linux",
  uid: 1000,
  env: {},
  stdout: output,
  stderr: output,
  now: () => 0,
};

test("viewOf() takes a terminal's width and colour; a pipe has neither", () => {
  const terminal = { ...output, isTTY: true, columns: 132 };
  const view = (stdout: Output, env: Session["env"] = {}) => viewOf({ ...session, stdout, env });
  expect(view(terminal)).toEqual({ columns: 132, color: true, now: 0 });
  expect(view(terminal, { NO_COLOR: "1" }).color).toBe(false);
  expect(view(terminal, { NO_COLOR: "" }).color).toBe(true);
  expect(view(terminal, { TERM: "dumb" }).color).toBe(false);
  expect(view({ ...terminal, columns: 0 }).columns).toBe(80);
  expect(view({ ...terminal, columns: 5 }).columns).toBe(20);
  expect(view(output)).toEqual({ columns: Number.POSITIVE_INFINITY, color: false, now: 0 });
});
