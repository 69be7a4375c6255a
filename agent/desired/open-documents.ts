import { posix } from "node:path";
import { parseEnv } from "node:util";
import type { Finding } from "../model/finding.ts";
import type { Documents, ScanRequest } from "../ports/documents.ts";
import { describeMissing } from "./describe-missing.ts";
import { readDocument } from "./read-document.ts";
import { readEnvNames } from "./read-env-names.ts";
import { scanCompose } from "./scan-compose.ts";
import { writeEnvFile } from "./write-env-file.ts";

/** Reading and checking the files of the desired state, with a place for everything that is wrong. */
export function openDocuments(): Documents {
  return {
    parse: readDocument,
    async scanCompose(request) {
      const { findings, variables, services, composeFiles, explainRender, locate } = await scanCompose({
        ...request,
        rootPath: request.root,
        allNamesKnown: request.variablesComplete,
      });
      const unknown = variables.filter((name) => !request.variables.has(name));
      return {
        findings: [...(await checkEnvFiles(request)), ...findings],
        services,
        unknownVariables: request.variablesComplete ? [] : unknown,
        variables,
        composeFiles,
        explainRender,
        locate,
      };
    },
    readEnv: (content) => ({ ...parseEnv(Buffer.from(content).toString("utf8")) }) as Record<string, string>,
    writeEnv: writeEnvFile,
  };
}

/** The committed environment files: they have to be there, and must not steer Compose itself. */
async function checkEnvFiles({ root, tree, composeFiles, envFiles, read, place }: ScanRequest): Promise<Finding[]> {
  const findings: Finding[] = [];
  // Compose takes it by itself, so nobody has to name it.
  const beside = posix.join(posix.dirname(composeFiles[0] ?? ""), ".env");
  const content = await read(beside);
  if (content !== undefined) findings.push(...readEnvNames(posix.join(root, beside), content).findings);
  for (const [index, path] of envFiles.entries()) {
    const content = await read(path);
    if (content === undefined) {
      findings.push({
        ...place(["compose", "envFiles", index]),
        message: describeMissing(path, tree),
        rule: "file-missing",
        severity: "error",
      });
    } else findings.push(...readEnvNames(posix.join(root, path), content).findings);
  }
  return findings;
}
