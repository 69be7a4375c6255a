import type { IncomingHttpHeaders } from "node:http";

/** What a delivery of a forge is about. */
export type Delivery =
  | { readonly kind: "ping" }
  /** A ref was created, moved or deleted: its full name, or undefined when the delivery does not say which. */
  | { readonly kind: "push"; readonly ref?: string }
  | { readonly kind: "other"; readonly event: string }
  | { readonly kind: "unreadable" };

const EVENT_HEADERS = ["x-github-event", "x-forgejo-event", "x-gitea-event", "x-gogs-event", "x-gitlab-event"] as const;
/** `create` and `delete` of GitHub and its likes, whose `ref` is short in some; the others are GitLab's. */
const PUSHES = ["push", "create", "delete", "Push Hook", "Tag Push Hook"];

/** Whether the payload is a field of a form, as GitHub, Gitea and Gogs can send it. */
export function isForm(headers: IncomingHttpHeaders): boolean {
  return headers["content-type"]?.toLowerCase().startsWith("application/x-www-form-urlencoded") ?? false;
}

/** The JSON of a body: as it is, or the field `payload` of a form. Undefined when a form has none. */
export function extractPayload(headers: IncomingHttpHeaders, body: Buffer): string | undefined {
  const text = body.toString("utf8");
  return isForm(headers) && text !== "" ? (new URLSearchParams(text).get("payload") ?? undefined) : text;
}

/** What a delivery says; nothing of its content is taken for true but which ref to look at. */
export function readPush(headers: IncomingHttpHeaders, payload: string | undefined): Delivery {
  const event = EVENT_HEADERS.map((name) => headers[name]).find((value) => typeof value === "string");
  if (event === "ping") return { kind: "ping" };
  // GitLab's system hooks name their event in the payload only; and who uses no forge names none.
  const named = typeof event === "string" && event !== "System Hook" ? event : undefined;
  if (named !== undefined && !PUSHES.includes(named)) return { kind: "other", event: named };
  if (payload === "") return { kind: "push" };
  const content = parseObject(payload);
  if (content === undefined) return { kind: "unreadable" };
  const { ref, ref_type: type, event_name: systemEvent } = content;
  if (event === "System Hook" && !["push", "tag_push"].includes(String(systemEvent)))
    return { kind: "other", event: String(systemEvent) };
  if (typeof ref !== "string") return { kind: "push" };
  return { kind: "push", ref: ref.startsWith("refs/") ? ref : `refs/${type === "tag" ? "tags" : "heads"}/${ref}` };
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
