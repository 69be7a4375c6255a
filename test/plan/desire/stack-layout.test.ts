import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { joinPath, layOutStack, pathBelow } from "../../../agent/plan/desire/stack-layout.ts";

const DIRECTORY = "desired-state/stacks/shop";

describe("a stack must be laid out", () => {
  const lay = (root: string, composeFiles = ["compose.yaml"], envFiles: string[] = []) =>
    layOutStack({ directory: DIRECTORY, root, composeFiles, envFiles });

  test("in its own directory", () => {
    assert.deepEqual(lay("."), { root: DIRECTORY, composeFiles: ["compose.yaml"], projectDirectory: "", envFiles: [] });
  });
  test("below a wider root, with files named from the stack's directory", () => {
    assert.deepEqual(lay("..", ["compose.yaml", "../base/compose.yaml"], ["../common.env", "own.env"]), {
      root: "desired-state/stacks",
      composeFiles: ["shop/compose.yaml", "base/compose.yaml"],
      projectDirectory: "shop",
      envFiles: ["common.env", "shop/own.env"],
    });
  });
  test("in the repository itself", () => {
    assert.deepEqual(lay("../../.."), {
      root: "",
      composeFiles: [`${DIRECTORY}/compose.yaml`],
      projectDirectory: DIRECTORY,
      envFiles: [],
    });
  });
  test("in another directory, with files named from that one", () => {
    assert.deepEqual(lay("../../../project", ["deploy/compose.yaml"], ["deploy/a.env"]), {
      root: "project",
      composeFiles: ["deploy/compose.yaml"],
      projectDirectory: "deploy",
      envFiles: ["deploy/a.env"],
    });
  });
  test("in a directory below its own", () => {
    assert.equal(lay("app", ["compose.yaml"])?.root, `${DIRECTORY}/app`);
  });
  test("with the project in the directory of the first Compose file", () => {
    assert.equal(lay(".", ["a/compose.yaml", "b/compose.yaml"])?.projectDirectory, "a");
  });
  test("nowhere outside of the repository", () => {
    assert.equal(lay("../../../.."), undefined);
    assert.equal(lay("../../../../desired-state"), undefined);
  });
  test("so that a file outside of its root is seen to be outside", () => {
    assert.match(lay(".", ["../other/compose.yaml"])?.composeFiles[0] ?? "", /^\.\.\//);
    assert.match(lay(".", ["compose.yaml"], ["../../x.env"])?.envFiles[0] ?? "", /^\.\.\//);
    assert.match(lay("..", ["../../x.yaml"])?.composeFiles[0] ?? "", /^\.\.\//);
  });
});

describe("paths", () => {
  const joined: [string, string, string | undefined][] = [
    ["a/b", ".", "a/b"],
    ["a/b", "./c//d/", "a/b/c/d"],
    ["a/b", "../c", "a/c"],
    ["a/b", "../..", ""],
    ["a/b", "../../..", undefined],
    ["", "a", "a"],
    ["", "..", undefined],
    ["a", "..a/b", "a/..a/b"],
  ];
  for (const [base, path, expected] of joined) {
    test(`${base || "(root)"} and ${path} must be ${expected ?? "outside"}`, () => assert.equal(joinPath(base, path), expected));
  }
  test("must be below a directory only when whole names agree", () => {
    assert.equal(pathBelow("a/b/c", "a"), "b/c");
    assert.equal(pathBelow("a", "a"), "");
    assert.equal(pathBelow("ab/c", "a"), undefined);
    assert.equal(pathBelow("a/b", ""), "a/b");
  });
});
