import type { Route } from "./route.ts";

/** The route of a request, or which methods its path has: none when there is no such path. */
export type FoundRoute =
  | { readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  | { readonly allowed: readonly string[] };

/** Looks a path up as it was sent: `..`, `//` and `%2e` lead nowhere. */
export function findRoute(routes: readonly Route[], method: string, path: string): FoundRoute {
  const parts = path.split("/");
  const fitting = routes.flatMap((route) => {
    const parameters = matchPath(route.path.split("/"), parts);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const found = fitting.find(({ route }) => methodsOf(route).includes(method));
  return found ?? { allowed: [...new Set(fitting.flatMap(({ route }) => methodsOf(route)))] };
}

function methodsOf({ method }: Route): string[] {
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

function matchPath(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, want] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (want.startsWith(":") && /^[\w-]+$/.test(part)) parameters[want.slice(1)] = part;
    else if (want !== part) return undefined;
  }
  return parameters;
}
