import { expect, test } from "vitest";
import { asSentence } from "../../src/command-line/hint-sentence.ts";

test("asSentence() begins with a capital and ends without a full stop", () => {
  expect(asSentence("end that one first, or ask to be stacked before it")).toBe(
    "End that one first, or ask to be stacked before it",
  );
  expect(asSentence("Is it busy? Its log says why.")).toBe("Is it busy? Its log says why");
});

test("asSentence() leaves what can be typed as it is", () => {
  expect(asSentence("netwatchd start --observe does without")).toMatch(/^netwatchd/);
  expect(asSentence("`netwatch routes` shows them …")).toBe("`netwatch routes` shows them …");
});
