import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeFailure } from "../../agent/compose/describe-failure.ts";

const WARNING = 'time="2026-03-01T12:00:00Z" level=warning msg="the attribute `version` is obsolete"';

const cases: [string, string, string][] = [
  ["the only line", "yaml: line 1: did not find expected ',' or '}'\n", "yaml: line 1: did not find expected ',' or '}'"],
  ["no warning", `${WARNING}\nempty compose file\n`, "empty compose file"],
  ["no warning, even when it comes last", `Invalid hostPort: 99999\n${WARNING}\n`, "Invalid hostPort: 99999"],
  [
    "the cause, not its heading",
    "decoding failed due to the following error(s):\n\nerror decoding 'services[web].mem_limit': invalid size: 'lots'\n",
    "error decoding 'services[web].mem_limit': invalid size: 'lots'",
  ],
  [
    "the cause in newer words",
    "decoding failed due to the following error(s):\n\n'services[web].mem_limit' invalid size: 'lots'\n",
    "'services[web].mem_limit' invalid size: 'lots'",
  ],
  [
    "the doubled key",
    'yaml: unmarshal errors:\n  line 4: mapping key "web" already defined at line 2\n',
    'line 4: mapping key "web" already defined at line 2',
  ],
  [
    "the reason, not the advice after it",
    "invalid interpolation format for services.web.image.\nYou may need to escape any $ with another $.\n${X\n",
    "invalid interpolation format for services.web.image.",
  ],
  [
    "the engine's sentence",
    " Container shop-web-1  Creating\n Container shop-web-1  Error\nError response from daemon: No such image: nope:1\n",
    "No such image: nope:1",
  ],
  [
    "the last word of progress that is drawn over itself",
    "\u001b[1A\u001b[0m web Pulling \r\u001b[31m web Error\u001b[0m\rError response from daemon: pull access denied for nope\n",
    "pull access denied for nope",
  ],
  ["something, when nothing looks like an error", "one\ntwo\n", "two"],
  ["that there is nothing to tell", "", "failed without a message"],
  ["that there is nothing but warnings", `${WARNING}\n`, "failed without a message"],
];

describe("what failed must be told with", () => {
  for (const [what, stderr, expected] of cases) test(what, () => assert.equal(describeFailure(stderr), expected));
});
