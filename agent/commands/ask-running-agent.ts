import { holdfastError, isHoldfastError } from "../model/error.ts";
import { type AgentRequest, askAgent, isNobodyThere } from "../server/ask-agent.ts";

/** What a command does when no agent runs: tells the reader what works without one, or does it by itself. */
export type WithoutAgent<T> = { readonly hint: string } | { readonly instead: () => T | Promise<T> };

/** Asks the agent of this host. Throws what the agent refuses, in its words, and in a readable line that it does not answer. */
export async function askRunningAgent<T>(request: AgentRequest, without: WithoutAgent<T>): Promise<T> {
  try {
    return await askAgent<T>(request);
  } catch (cause) {
    if (isHoldfastError(cause)) throw cause;
    const nobody = isNobodyThere(cause);
    if (nobody && "instead" in without) return without.instead();
    const hint =
      "hint" in without ? `is it running? \`systemctl status holdfast\`; ${without.hint}` : "`systemctl status holdfast`";
    throw nobody || !isForbidden(cause) ? describeSilence(request.path, hint, cause) : describeForbidden(request.path, cause);
  }
}

function isForbidden(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EACCES";
}

function describeForbidden(path: string, cause: unknown): Error {
  return holdfastError("source-refused", `${path} may not be opened by this user`, {
    handling: "stalled",
    hint: "ask as root, or as a member of the socket's group",
    cause,
  });
}

function describeSilence(path: string, hint: string, cause: unknown): Error {
  const reason = isNobodyThere(cause) ? "" : `: ${cause instanceof Error ? cause.message : String(cause)}`;
  return holdfastError("source-unreachable", `no agent answers at ${path}${reason}`, { handling: "transient", hint, cause });
}
