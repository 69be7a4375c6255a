import { parseFollowed } from "../git/followed.ts";
import { followsRef } from "../git/follows-ref.ts";
import type { MetricFamily } from "../model/metric.ts";
import type { Clock, Log } from "../ports.ts";
import type { Loop } from "../reconcile/loop.ts";
import type { Memory } from "../reconcile/memory.ts";
import { apiRoutes } from "../server/api-routes.ts";
import { openHostCheck } from "../server/check-host.ts";
import { gitHook } from "../server/git-hook.ts";
import { keepListening } from "../server/keep-listening.ts";
import { metricsRoute } from "../server/metrics-route.ts";
import { openAccess } from "../server/open-access.ts";
import { openBudget } from "../server/open-budget.ts";
import { openEventStream } from "../server/open-event-stream.ts";
import { type HttpLimits, openHttpServer } from "../server/open-http-server.ts";
import { pageRoutes } from "../server/page-routes.ts";
import { readSecret } from "../server/read-secret.ts";
import { standardRoutes } from "../server/standard-routes.ts";
import { openTellSeldom } from "../server/tell-seldom.ts";
import type { Configuration } from "./read-configuration.ts";
import type { Front } from "./with-agent.ts";

export interface ServeHttpRequest {
  readonly configuration: Configuration;
  readonly loop: Pick<Loop, "nudge">;
  readonly memory: Memory;
  readonly front: Front;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<HttpLimits>;
  /** What Prometheus is told. */
  readonly metrics?: () => Promise<readonly MetricFamily[]>;
}

/** A browser that follows a busy host asks twice a second; a script that asks all the time is slowed down. */
const REQUESTS = { burst: 200, everyMs: 50 };

/** What the agent serves at `listen`, until the signal is aborted; whatever goes wrong here is a warning. */
export async function serveHttp(request: ServeHttpRequest, signal: AbortSignal): Promise<void> {
  const { configuration, loop, memory, front, clock, log, limits } = request;
  const { listen, allowedHosts, tls, tokenFile, webhookSecretFile: secretFile, repository } = configuration;
  const { warnings, api } = front;
  const tellSeldom = openTellSeldom(log, clock);
  const follows = followsRef(parseFollowed(repository));
  const hook = { follows, nudge: loop.nudge, warnings, log, tellSeldom };
  const token = tokenFile === undefined ? {} : { tokenFile };
  const access = openAccess({ listen, ...token, clock, warnings, tellSeldom });
  const events = openEventStream({ api, memory, clock, signal });
  const routes = [
    ...standardRoutes({ status: front.status, isReady: () => memory.last !== undefined }),
    ...(request.metrics === undefined ? [] : [metricsRoute(request.metrics)]),
    ...apiRoutes(api, events),
    ...pageRoutes({ host: configuration.host, api, access, clock, log }),
    ...(secretFile === undefined ? [] : [gitHook({ ...hook, secretFile })]),
  ];
  // Better found out now than at the first push.
  for (const [about, path] of Object.entries({ tokenFile, webhookSecretFile: secretFile })) {
    const secret = path === undefined ? undefined : await readSecret(path);
    if (secret !== undefined && "problem" in secret) warnings.set(about, secret.problem);
  }
  const options = {
    ...{ listen, routes, clock, log, warnings, tellSeldom },
    checkHost: openHostCheck(listen, allowedHosts),
    ...{ access, budget: openBudget(REQUESTS, clock) },
    ...(tls === undefined ? {} : { tls }),
    ...(limits === undefined ? {} : { limits }),
  };
  await keepListening(() => openHttpServer(options), { clock, log, warnings }, signal);
}
