import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Dependent, findCycle, orderByDependency } from "../../agent/plan/order-stacks.ts";

/** `"a < b c"` is a, which comes after b and c. */
function read(...lines: string[]): Dependent[] {
  return lines.map((line) => {
    const [name = "", rest = ""] = line.split(" < ");
    return { name, dependsOn: rest.split(" ").filter((word) => word !== "") };
  });
}

describe("orderByDependency must", () => {
  const cases: [string, Dependent[], string][] = [
    ["be alphabetical without dependencies", read("c", "a", "b"), "a b c"],
    ["put dependencies first", read("a < b", "b < c", "c"), "c b a"],
    ["be level by level", read("a < d", "b", "c < b", "d"), "b d a c"],
    ["ignore what is not here", read("a < gone", "b"), "a b"],
    ["ignore a dependency on itself", read("a < a", "b < a"), "a b"],
    ["still name the members of a cycle, after the others", read("a < b", "b < a", "c"), "c a b"],
    ["still name what depends on a cycle", read("a < b", "b < b2", "b2 < b", "z"), "z a b b2"],
    ["be empty for nothing", [], ""],
  ];
  for (const [must, items, expected] of cases) {
    test(must, () => assert.equal(orderByDependency(items).join(" "), expected));
  }

  // Each name depends on earlier ones only, so there is no cycle.
  const acyclic = fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 12 }).map((rows) =>
    rows.map((row, index) => ({
      name: `n${index}`,
      dependsOn: row.filter((other) => other < index).map((other) => `n${other}`),
    })),
  );

  test("put every item once, after all that it depends on, whatever the order of the input", () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), (items, seed) => {
        const order = orderByDependency(items);
        assert.deepEqual([...order].sort(), items.map((item) => item.name).sort());
        for (const item of items) {
          for (const other of item.dependsOn) assert.ok(order.indexOf(other) < order.indexOf(item.name));
        }
        const turned = [...items.slice(seed % items.length), ...items.slice(0, seed % items.length)].reverse();
        assert.deepEqual(orderByDependency(turned), order);
        assert.equal(findCycle(items), undefined);
      }),
    );
  });
});

describe("findCycle must", () => {
  const cases: [string, Dependent[], string | undefined][] = [
    ["find none", read("a < b", "b < c", "c", "d < b c"), undefined],
    ["ignore what is not here", read("a < gone"), undefined],
    ["find a dependency on itself", read("a < a"), "a a"],
    ["find a pair", read("a < b", "b < a"), "a b a"],
    ["leave out what only leads to it", read("start < a", "a < b", "b < c", "c < a"), "a b c a"],
    ["find one behind a part without any", read("a < b", "b", "c < d", "d < c"), "c d c"],
  ];
  for (const [must, items, expected] of cases) {
    test(must, () => assert.equal(findCycle(items)?.join(" "), expected));
  }
});
