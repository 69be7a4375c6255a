import { parseYaml } from "../../desired/parse-yaml.ts";
import type { Finding } from "../../model/finding.ts";
import type { Documents } from "../../ports/documents.ts";

/**
 * Documents whose `requires` can be looked at though the agent refuses them as long as it does not act on it. Their findings
 * are warnings here, and `isError` tells which of them are not.
 */
export function keepRequires(documents: Documents): {
  readonly documents: Documents;
  readonly isError: (finding: Finding) => boolean;
} {
  const refused = new Set<string>();
  const identify = ({ path, line, message }: Finding): string => [path, line, message].join("\n");
  return {
    isError: (finding) => finding.severity === "error" || refused.has(identify(finding)),
    documents: {
      ...documents,
      parse(kind, path, content) {
        const result = documents.parse(kind, path, content);
        const errors = result.findings.filter((finding) => finding.severity === "error");
        const only = errors.every(({ rule, message }) => rule === "not-supported-yet" && message.startsWith("requires "));
        const { document } = errors.length > 0 && only ? parseYaml(path, content) : {};
        if (document === undefined) return result;
        for (const finding of errors) refused.add(identify(finding));
        return {
          document: { path, value: document.value as never, locate: (pointer) => document.locate(pointer) },
          findings: result.findings.map((finding) => ({ ...finding, severity: "warning" })),
        };
      },
    },
  };
}
