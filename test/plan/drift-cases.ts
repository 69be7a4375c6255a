import type { DesiredStack } from "../../agent/model/desired.ts";
import type { ObservedContainer, ObservedImage } from "../../agent/model/observed.ts";
import type { AppliedStack } from "../../agent/plan/applied-stack.ts";
import { buildContainer, buildExited, buildForeignContainer, buildImage, buildService, buildStack, IMAGE } from "./build.ts";

export const WEB = buildService("web", { fields: { image: IMAGE, "environment PORT": "aa" }, files: { "conf/a.conf": "01" } });
export const SHOP = buildStack("shop", [WEB]);
const JOB = buildStack("shop", [buildService("job", { oneShot: true })]);

/** What a host runs, and how it differs: `kind mode: cause` of each. */
export interface DriftCase {
  readonly what: string;
  readonly stack?: DesiredStack;
  readonly containers: readonly ObservedContainer[];
  readonly images?: readonly ObservedImage[];
  readonly applied?: AppliedStack | "none";
  readonly drift: readonly string[];
}

export const driftCases: readonly DriftCase[] = [
  { what: "a converged stack", containers: [buildContainer("shop", "web")], drift: [] },
  {
    what: "a missing service",
    containers: [],
    drift: ["service-missing heal: service web has no container"],
  },
  {
    what: "a one-off run, which is no replica",
    containers: [buildContainer("shop", "web", { oneOff: true, digest: "other" })],
    drift: ["service-missing heal: service web has no container"],
  },
  {
    what: "too few replicas",
    stack: buildStack("shop", [{ ...WEB, replicas: 3 }]),
    containers: [buildContainer("shop", "web"), buildContainer("shop", "web", { number: 2 })],
    drift: ["replicas heal: service web has 2 containers of 3"],
  },
  {
    what: "too many replicas",
    containers: [buildContainer("shop", "web"), buildContainer("shop", "web", { number: 2 })],
    drift: ["replicas heal: service web has 2 containers of 1"],
  },
  {
    what: "a service that should have no replica",
    stack: buildStack("shop", [{ ...WEB, replicas: 0 }]),
    containers: [],
    drift: [],
  },
  {
    what: "a service that was stopped by hand, although it ended with code 0",
    containers: [buildExited("shop", "web", 0)],
    drift: ["stopped heal: container shop-web-1 is exited with code 0"],
  },
  {
    what: "a service that crashed",
    containers: [buildExited("shop", "web", 137)],
    drift: ["stopped heal: container shop-web-1 is exited with code 137"],
  },
  {
    what: "a container that was created and never started",
    containers: [buildContainer("shop", "web", { state: "created" })],
    drift: ["stopped heal: container shop-web-1 is created but not started"],
  },
  {
    what: "a dead container",
    containers: [buildContainer("shop", "web", { state: "dead" })],
    drift: ["stopped heal: container shop-web-1 is dead"],
  },
  {
    what: "a container that is being removed, which the next observation settles",
    containers: [buildContainer("shop", "web", { state: "removing" })],
    drift: [],
  },
  { what: "a one-shot that has done its work", stack: JOB, containers: [buildExited("shop", "job", 0)], drift: [] },
  { what: "a one-shot at work", stack: JOB, containers: [buildContainer("shop", "job")], drift: [] },
  {
    what: "a one-shot that failed",
    stack: JOB,
    containers: [buildExited("shop", "job", 2)],
    drift: ["stopped heal: container shop-job-1 is exited with code 2"],
  },
  {
    what: "a one-shot that never started",
    stack: JOB,
    containers: [buildContainer("shop", "job", { state: "created" })],
    drift: ["stopped heal: container shop-job-1 is created but not started"],
  },
  {
    what: "a paused container",
    containers: [buildContainer("shop", "web", { state: "paused" })],
    drift: ["paused heal: container shop-web-1 is paused"],
  },
  {
    what: "a crash loop",
    containers: [buildContainer("shop", "web", { state: "restarting", exitCode: 1 })],
    drift: ["restarting report: container shop-web-1 is restarting with code 1"],
  },
  {
    what: "an unhealthy container",
    containers: [buildContainer("shop", "web", { health: "unhealthy" })],
    drift: ["unhealthy report: container shop-web-1 is unhealthy"],
  },
  { what: "a health check that has not decided", containers: [buildContainer("shop", "web", { health: "starting" })], drift: [] },
  {
    what: "another definition, of a container that Holdfast no longer remembers",
    containers: [buildContainer("shop", "web", { digest: "1.old.files" })],
    drift: ["definition heal: service web: its definition has changed"],
  },
  {
    what: "another definition, whatever the container's state: it is replaced anyway",
    containers: [buildContainer("shop", "web", { digest: "1.old.files", state: "exited", exitCode: 1 })],
    drift: ["definition heal: service web: its definition has changed"],
  },
  {
    what: "another file, of a container that Holdfast no longer remembers",
    containers: [buildContainer("shop", "web", { digest: "1.def.old" })],
    drift: ["files heal: service web: a file it was started with has changed"],
  },
  {
    what: "a container of ours that was made again by hand, without our labels",
    containers: [buildForeignContainer("shop", "web")],
    drift: ["definition heal: container shop-web-1 was not created by Holdfast"],
  },
  {
    what: "a label that is none of ours",
    containers: [buildContainer("shop", "web", { digest: "v2" })],
    drift: ["definition heal: container shop-web-1 was not created by Holdfast"],
  },
  {
    what: "a tag that names another local image",
    containers: [buildContainer("shop", "web", { image: "sha256:1111" })],
    images: [buildImage(IMAGE, "sha256:2222")],
    drift: [`image-local heal: ${IMAGE} now names another local image than that of container shop-web-1`],
  },
  {
    what: "a tag that is gone: nothing to go to",
    containers: [buildContainer("shop", "web", { image: "sha256:1111" })],
    images: [buildImage("other:1", "sha256:2222")],
    drift: [],
  },
  {
    what: "a tag that may have moved, while nobody asked for the images",
    containers: [buildContainer("shop", "web", { image: "sha256:1111" })],
    drift: [],
  },
  {
    what: "an orphan",
    containers: [buildContainer("shop", "web"), buildContainer("shop", "old")],
    drift: ["orphan heal: container shop-old-1 belongs to service old, which the stack does not have"],
  },
  {
    what: "somebody's own container in a project of ours",
    containers: [buildContainer("shop", "web"), buildForeignContainer("shop", "debug")],
    drift: ["foreign report: container shop-debug-1 belongs to service debug, which the stack does not have"],
  },
  {
    what: "a project that runs here without Holdfast",
    containers: [buildForeignContainer("shop", "web"), buildForeignContainer("shop", "db")],
    applied: "none",
    drift: [
      "not-adopted report: project shop already runs here without Holdfast (shop-db-1, shop-web-1); set adopt: true in its stack.yaml to take it over",
    ],
  },
  {
    what: "a project that is to be adopted",
    stack: { ...SHOP, adopt: true },
    containers: [buildForeignContainer("shop", "web")],
    applied: "none",
    drift: ["definition heal: container shop-web-1 was not created by Holdfast"],
  },
  {
    what: "a project of ours after the store was lost",
    containers: [buildContainer("shop", "web", { state: "paused" })],
    applied: "none",
    drift: ["paused heal: container shop-web-1 is paused"],
  },
  {
    what: "the container of another project with a service of this name",
    containers: [buildContainer("shop", "web"), buildContainer("store", "old", { stack: "shop" })],
    drift: [],
  },
];
