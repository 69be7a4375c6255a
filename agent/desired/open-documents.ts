import { parse } from "yaml";
import type { Documents } from "../ports.ts";
import { readEnv, writeEnv } from "./env-text.ts";
export function openDocuments(): Documents {
  return {
    parse: (_kind, path, content) => ({
      document: { path, value: parse(Buffer.from(content).toString()) ?? {}, locate: () => ({ line: 1, column: 1 }) },
      findings: [],
    }),
    scanCompose: async (request) => ({
      findings: [],
      unknownVariables: [],
      locate: () => ({ path: request.root + "/" + request.composeFiles[0], line: 1, column: 1 }),
    }),
    readEnv,
    writeEnv,
  };
}
