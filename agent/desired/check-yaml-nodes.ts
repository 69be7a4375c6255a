import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, Scalar, visit } from "yaml";
import { isMerge } from "./find-yaml-node.ts";

/** How many values aliases may add to a document. */
const EXPANSION_LIMIT = 100_000;

/** Tags of values that JSON has. */
const PLAIN_TAGS = new Set(
  ["map", "seq", "str", "int", "float", "bool", "null", "merge"].map((name) => `tag:yaml.org,2002:${name}`),
);

export interface YamlProblem {
  readonly offset: number;
  readonly message: string;
  readonly rule: string;
}

export interface CheckedNodes {
  readonly problems: readonly YamlProblem[];
  /** The document must not be made into a value. */
  readonly unsafe: boolean;
}

/** Refuses what is YAML and has no place in a file of ours: aliases that explode, tags, keys that reach prototypes, old versions. */
export function checkYamlNodes(document: Document, tags: readonly string[]): CheckedNodes {
  const problems: YamlProblem[] = [];
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== "1.2") {
    problems.push({
      offset: 0,
      message: "the file asks for YAML 1.1, which reads yes and no as booleans; remove the %YAML line",
      rule: "yaml-version",
    });
  }
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === "__proto__") {
        problems.push({
          offset: offsetOf(pair.key),
          message: "the key __proto__ is not allowed; choose another name",
          rule: "forbidden-key",
        });
      }
      if (isMerge(pair)) problems.push(...checkMerge(document, pair.value));
    },
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) {
        problems.push({
          offset: offsetOf(alias),
          message: `the alias *${alias.source} has no anchor; put &${alias.source} before the value it means, above this line`,
          rule: "yaml-aliases",
        });
      }
    },
    Node(_, node) {
      const { tag } = node as { tag?: string };
      if (tag === undefined || PLAIN_TAGS.has(tag)) return;
      if (!tags.includes(tag)) problems.push(refuseTag(tag, tags, offsetOf(node)));
      if (tag !== "!reset") return;
      const empty = new Scalar(null);
      if (node.range) empty.range = node.range;
      return empty;
    },
  });
  problems.push(...checkExpansion(document));
  return { problems, unsafe: problems.some(({ rule }) => rule === "yaml-aliases" || rule === "forbidden-key") };
}

function refuseTag(tag: string, tags: readonly string[], offset: number): YamlProblem {
  const name = tag.replace("tag:yaml.org,2002:", "!!");
  const allowed = tags.length > 0 ? `only ${tags.join(" and ")} are known here` : "write a plain value";
  return { offset, message: `the tag ${name} is not supported; ${allowed}`, rule: "yaml-tag" };
}

function checkMerge(document: Document, value: unknown): YamlProblem[] {
  const sources = isSeq(value) ? value.items : [value];
  const wrong = sources.find((source) => !isMap(isAlias(source) ? (source.resolve(document) ?? source) : source));
  if (wrong === undefined) return [];
  return [
    {
      offset: offsetOf(wrong),
      message: "<< merges mappings; expected an alias of a mapping such as *defaults",
      rule: "yaml-aliases",
    },
  ];
}

// Counts the values that the document would have with every alias written out, without writing them out.
function checkExpansion(document: Document): YamlProblem[] {
  const sizes = new Map<unknown, number>();
  const open = new Set<unknown>();
  let own = 0;
  let worst: { offset: number; size: number } | undefined;
  let circular: number | undefined;
  const measure = (node: unknown): number => {
    if (isPair(node)) return measure(node.key) + measure(node.value);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) return 1;
      if (open.has(target)) {
        circular ??= offsetOf(node);
        return 1;
      }
      const size = sizes.get(target) ?? measure(target);
      if (!worst || size >= worst.size) worst = { offset: offsetOf(node), size };
      return size;
    }
    own += 1;
    if (!isMap(node) && !isSeq(node)) return 1;
    open.add(node);
    const items: readonly unknown[] = node.items;
    const size = items.reduce((sum: number, item) => sum + measure(item), 1);
    open.delete(node);
    sizes.set(node, size);
    return size;
  };
  const total = measure(document.contents);
  if (circular !== undefined) {
    return [
      {
        offset: circular,
        message: "this alias stands inside the value that it means; write the value out",
        rule: "yaml-aliases",
      },
    ];
  }
  if (total - own <= EXPANSION_LIMIT) return [];
  const message = `aliases would make ${total} values of the ${own} in the file; write out what is needed`;
  return [{ offset: worst?.offset ?? 0, message, rule: "yaml-aliases" }];
}

function offsetOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}
