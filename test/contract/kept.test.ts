import { openKept } from "../../agent/git/open-kept.ts";
import { createFakeKept } from "../fakes/fake-kept.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { testKept } from "./kept.contract.ts";

testKept("the fake memory of verified revisions", () => ({ kept: createFakeKept(), close: () => undefined }));

testKept("verified revisions on disk", () => {
  const stateDir = createTemporaryDirectory("hf-kept-");
  return { kept: openKept({ stateDir }), close: () => removeTemporaryDirectory(stateDir) };
});
