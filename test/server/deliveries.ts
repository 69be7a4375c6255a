import { createHmac, randomUUID } from "node:crypto";

/** What a forge sends: header names in the spelling of its own code, and the body to the byte. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PushOptions {
  readonly ref?: string;
  /** The ref was deleted. */
  readonly deleted?: boolean;
  /** As a form with the field `payload`, instead of JSON. */
  readonly form?: boolean;
  readonly secret?: string;
}

const ZERO = "0".repeat(40);
const BEFORE = "1f0c9e0d5f3a4b6c7d8e9f00112233445566778a";
const AFTER = "9c8b7a6f5e4d3c2b1a00112233445566778899ab";
export const SECRET = "correct horse battery";

/** HMAC-SHA256 in hexadecimal digits. */
export function sign(text: string, secret = SECRET): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

/** The body of a form as browsers and Go's url.Values write it: spaces as plus signs. */
export function toForm(payload: string): string {
  return new URLSearchParams({ payload }).toString();
}

const commit = (message: string) => ({
  id: AFTER,
  message,
  timestamp: "2026-03-01T12:00:00+01:00",
  author: { name: "Zoë Ångström", email: "zoe@example.org", username: "zoe" },
  committer: { name: "Zoë Ångström", email: "zoe@example.org", username: "zoe" },
  added: [],
  removed: [],
  modified: ["desired-state/stacks/web/compose.yaml"],
});
const ends = ({ deleted = false }: PushOptions) => ({ before: BEFORE, after: deleted ? ZERO : AFTER });

/** GitHub signs the body as it is sent, also that of a form. */
export function fromGitHub(event: string, payload: object, { form = false, secret = SECRET }: PushOptions = {}): Delivery {
  const body = form ? toForm(JSON.stringify(payload)) : JSON.stringify(payload);
  return {
    headers: {
      Accept: "*/*",
      "Content-Type": form ? "application/x-www-form-urlencoded" : "application/json",
      "User-Agent": "GitHub-Hookshot/0c1d2e3",
      "X-GitHub-Delivery": randomUUID(),
      "X-GitHub-Event": event,
      "X-GitHub-Hook-ID": "481516234",
      "X-GitHub-Hook-Installation-Target-ID": "99001122",
      "X-GitHub-Hook-Installation-Target-Type": "repository",
      "X-Hub-Signature": `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`,
      "X-Hub-Signature-256": `sha256=${sign(body, secret)}`,
    },
    body,
  };
}

export function pushFromGitHub(options: PushOptions = {}): Delivery {
  const { ref = "refs/heads/main", deleted = false } = options;
  const payload = {
    ref,
    ...ends(options),
    repository: { id: 5, name: "infra", full_name: "me/infra", private: true, default_branch: "main", master_branch: "main" },
    pusher: { name: "zoe", email: "zoe@example.org" },
    sender: { login: "zoe", id: 7, type: "User" },
    created: false,
    deleted,
    forced: false,
    base_ref: null,
    compare: "https://github.com/me/infra/compare/1f0c9e0d5f3a...9c8b7a6f5e4d",
    commits: deleted ? [] : [commit("Give it more memory & a <name>")],
    head_commit: deleted ? null : commit("Give it more memory & a <name>"),
  };
  return fromGitHub("push", payload, options);
}

export function pingFromGitHub(options: PushOptions = {}): Delivery {
  const config = { content_type: "json", insecure_ssl: "0", secret: "********", url: "http://gpu-box.lan:9616/hooks/git" };
  const hook = { type: "Repository", id: 481516234, name: "web", active: true, events: ["push"], config };
  return fromGitHub(
    "ping",
    { zen: "Design for failure.", hook_id: 481516234, hook, repository: { full_name: "me/infra" } },
    options,
  );
}

/** Gitea and its kin sign the payload, whether it is the body or the field of a form, and carry each other's headers. */
export function fromGitea(
  kin: "Gitea" | "Forgejo" | "Gogs",
  event: string,
  payload: object,
  { form = false, secret = SECRET }: PushOptions = {},
): Delivery {
  const text = JSON.stringify(payload, undefined, 2);
  const digest = secret === "" ? "" : sign(text, secret);
  const uuid = randomUUID();
  const own = (name: string): Record<string, string> => ({
    [`X-${name}-Delivery`]: uuid,
    [`X-${name}-Event`]: event,
    ...(kin === "Gogs" ? {} : { [`X-${name}-Event-Type`]: event }),
    ...(name === "GitHub" ? {} : { [`X-${name}-Signature`]: digest }),
  });
  const names = { Gogs: ["Gogs", "GitHub"], Gitea: ["Gitea", "Gogs", "GitHub"], Forgejo: ["Forgejo", "Gitea", "Gogs", "GitHub"] };
  return {
    headers: {
      "User-Agent": kin === "Gogs" ? "GogsServer" : "Go-http-client/1.1",
      "Content-Type": form ? "application/x-www-form-urlencoded" : "application/json",
      ...Object.assign({}, ...names[kin].map(own)),
      ...(kin === "Gogs" ? {} : { "X-Hub-Signature": "sha1=", "X-Hub-Signature-256": `sha256=${digest}` }),
    },
    body: form ? toForm(text) : text,
  };
}

export function pushFromGitea(kin: "Gitea" | "Forgejo" | "Gogs", options: PushOptions = {}): Delivery {
  const { ref = "refs/heads/main" } = options;
  const user = { id: 1, login: "zoe", full_name: "Zoë Ångström", email: "zoe@example.org", username: "zoe" };
  const payload = {
    ref,
    ...ends(options),
    compare_url: "https://git.lan/me/infra/compare/1f0c9e0d...9c8b7a6f",
    commits: [{ ...commit("Give it more memory\n"), url: `https://git.lan/me/infra/commit/${AFTER}`, verification: null }],
    ...(kin === "Gogs" ? {} : { total_commits: 1, head_commit: commit("Give it more memory\n") }),
    repository: { id: 3, owner: user, name: "infra", full_name: "me/infra", private: true, default_branch: "main" },
    pusher: user,
    sender: user,
  };
  return fromGitea(kin, "push", payload, options);
}

/** GitLab sends the secret itself, and signs nothing. */
export function fromGitLab(event: string, payload: object, { secret = SECRET }: PushOptions = {}): Delivery {
  return {
    headers: {
      "Content-Type": "application/json",
      "User-Agent": "GitLab/18.5.1",
      "Idempotency-Key": randomUUID(),
      "X-Gitlab-Event": event,
      "X-Gitlab-Event-UUID": randomUUID(),
      "X-Gitlab-Instance": "https://gitlab.lan",
      "X-Gitlab-Webhook-UUID": randomUUID(),
      ...(secret === "" ? {} : { "X-Gitlab-Token": secret }),
    },
    body: JSON.stringify(payload),
  };
}

export function pushFromGitLab(options: PushOptions & { readonly system?: boolean } = {}): Delivery {
  const { ref = "refs/heads/main", deleted = false, system = false } = options;
  const kind = ref.startsWith("refs/tags/") ? "tag_push" : "push";
  const payload = {
    object_kind: kind,
    event_name: kind,
    ...ends(options),
    ref,
    ref_protected: true,
    checkout_sha: deleted ? null : AFTER,
    message: null,
    user_id: 4,
    user_username: "zoe",
    project_id: 15,
    project: { id: 15, name: "infra", path_with_namespace: "me/infra", default_branch: "main", visibility_level: 0 },
    commits: deleted ? [] : [commit("Give it more memory")],
    total_commits_count: deleted ? 0 : 1,
    push_options: {},
    repository: { name: "infra", url: "git@gitlab.lan:me/infra.git", visibility_level: 0 },
  };
  return fromGitLab(system ? "System Hook" : kind === "push" ? "Push Hook" : "Tag Push Hook", payload, options);
}
