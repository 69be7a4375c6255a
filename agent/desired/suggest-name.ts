import { distance } from "fastest-levenshtein";

/** How many names a message lists at most. */
const LIST_LIMIT = 20;

/** The end of a message about an unknown name: the one that was probably meant, else those that there are. */
export function suggestName(name: string, known: readonly string[]): string {
  const plain = simplify(name);
  const [best] = known
    .map((candidate) => ({ candidate, cost: measureMistake(plain, simplify(candidate)) }))
    .sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1));
  const affordable = name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3));
  if (best && best.cost <= affordable) return `did you mean "${best.candidate}"?`;
  if (known.length === 0) return "remove it";
  const listed = known.slice(0, LIST_LIMIT).join(", ");
  return `known here: ${listed}${known.length > LIST_LIMIT ? ", …" : ""}`;
}

// Letters in the wrong order are one mistake; the distance counts two.
function measureMistake(name: string, candidate: string): number {
  const sort = (text: string): string => [...text].sort().join("");
  return name !== candidate && sort(name) === sort(candidate) ? 1 : distance(name, candidate);
}

// depends_on, depends-on and DependsOn are one mistake away from dependsOn.
function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, "");
}
