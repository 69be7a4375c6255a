/** How a registry wants to be asked. */
export type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "bearer";
      /** The token service. */
      readonly realm: string;
      /** The registry's name there. */
      readonly service?: string;
    };

/** A name, and behind `=` its value: a name alone begins the next challenge. */
const part = /[\s,]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;

/** Reads a `WWW-Authenticate` header; undefined when it holds nothing that is understood. A token is preferred to a password. */
export function parseChallenge(header: string): Challenge | undefined {
  const challenges = listChallenges(header);
  const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.has("realm"));
  if (bearer !== undefined) {
    const service = bearer.parameters.get("service");
    return {
      scheme: "bearer",
      realm: bearer.parameters.get("realm") ?? "",
      ...(service === undefined ? {} : { service }),
    };
  }
  return challenges.some(({ scheme }) => scheme === "basic") ? { scheme: "basic" } : undefined;
}

function listChallenges(header: string): { scheme: string; parameters: Map<string, string> }[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  part.lastIndex = 0;
  for (let match = part.exec(header); match !== null; match = part.exec(header)) {
    const [, name = "", quoted, plain] = match;
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}
