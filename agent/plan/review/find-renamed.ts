import type { DesiredService, DesiredStack, Json } from "../../model/desired.ts";
import type { StackReview } from "../../model/generated/review.ts";
import { canonicalJson } from "../desire/digest-service.ts";
import { listMounts } from "./list-mounts.ts";

/** The service of `there` that is the same as one of `here` under another name; undefined where no or more than one could be. */
export function findRenamedService(
  name: string,
  here: DesiredStack | undefined,
  there: DesiredStack | undefined,
): string | undefined {
  const own = here?.services.find((service) => service.name === name);
  if (own === undefined || here === undefined || there === undefined) return undefined;
  const lacks = (stack: DesiredStack, service: DesiredService): boolean =>
    !stack.services.some((other) => other.name === service.name);
  const text = (service: DesiredService): string => canonicalJson(service.fields as Json);
  const found = there.services.filter((other) => lacks(here, other) && text(other) === text(own));
  const rivals = here.services.filter((other) => lacks(there, other) && text(other) === text(own));
  return found.length === 1 && rivals.length === 1 ? found[0]?.name : undefined;
}

/**
 * A stack that comes with the services of one that goes is likely to be the same under another name, which is another project to
 * Compose: its volumes are other volumes. Says so where somebody could miss their data.
 */
export function noteRenamedStacks(
  reviews: readonly StackReview[],
  before: ReadonlyMap<string, DesiredStack>,
  after: ReadonlyMap<string, DesiredStack>,
  rootOf: (stack: string) => string,
): StackReview[] {
  const services = (stack: DesiredStack | undefined): string =>
    (stack?.services ?? [])
      .map(({ name }) => name)
      .sort()
      .join();
  const volumes = (stack: DesiredStack | undefined, name: string): string[] => {
    const mounts = stack === undefined ? [] : listMounts(stack, rootOf(name)).filter(({ kind }) => kind === "volume");
    return [...new Set(mounts.map(({ source }) => source))].sort();
  };
  const gone = reviews.filter(({ change }) => change === "removed");
  return reviews.map((review) => {
    if (review.change !== "added") return review;
    const same = gone.filter(({ stack }) => services(before.get(stack)) === services(after.get(review.stack)));
    const [old] = same;
    if (old === undefined || same.length > 1) return review;
    const [left, now] = [volumes(before.get(old.stack), old.stack), volumes(after.get(review.stack), review.stack)];
    const fresh = now.filter((volume) => !left.includes(volume));
    const data =
      left.length === 0 || fresh.length === 0
        ? ""
        : `: it begins with new volumes (${fresh.join(", ")}), and the data stays in those of before (${left.join(", ")})`;
    return { ...review, notes: [`it has the services of ${old.stack}, which is removed${data}`, ...review.notes] };
  });
}
