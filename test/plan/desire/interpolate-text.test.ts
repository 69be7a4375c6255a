import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { interpolateText } from "../../../agent/plan/desire/interpolate-text.ts";

const VARIABLES = { IP: "10.0.0.1", EMPTY: "", DOLLAR: "$IP" };

const CASES: readonly (readonly [string, string])[] = [
  ["no variable", "no variable"],
  ["${IP}:443", "10.0.0.1:443"],
  ["$IP:443", "10.0.0.1:443"],
  ["$${IP} ${IP}", "${IP} 10.0.0.1"],
  ["${IP}$$${IP}$$", "10.0.0.1$10.0.0.1$"],
  ["${EMPTY}", ""],
  ["${EMPTY:-${IP}}", "10.0.0.1"],
  ["${EMPTY-x}", ""],
  ["${NONE-x}${NONE:-y}", "xy"],
  ["${IP:+set}${NONE:+set}${EMPTY+set}${EMPTY:+set}", "setset"],
  ["${DOLLAR}", "$IP"],
  ["100 $ and $1", "100 $ and $1"],
];

describe("filling in variables", () => {
  for (const [text, expected] of CASES)
    test(`${text} must become ${expected}`, () => assert.deepEqual(interpolateText(text, VARIABLES), { text: expected }));

  const PROBLEMS: readonly (readonly [string, string])[] = [
    ["${NONE}", "${NONE} has no value; define NONE under vars"],
    ["${EMPTY:?say where}", "${EMPTY:?say where} has no value (say where); define EMPTY under vars"],
    ["${NONE:-${ALSO}}", "${ALSO} has no value; define ALSO under vars"],
    ["${toString}", "${toString} has no value; define toString under vars"],
    ["${A B}", "${A B} is not a variable; write ${NAME}, ${NAME:-default} or, for a dollar sign, $$"],
  ];
  for (const [text, problem] of PROBLEMS)
    test(`${text} must be refused`, () => assert.deepEqual(interpolateText(text, VARIABLES), { problem }));
});
