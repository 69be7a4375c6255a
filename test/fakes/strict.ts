/** What is given of a port; whatever else is used of it throws, so that a test never goes on with an answer that nobody gave. */
export function strict<T extends object>(name: string, given: Partial<T>): T {
  return new Proxy(given as T, {
    get(target, property, receiver) {
      // Awaiting asks every value for `then`, and printing for symbols.
      if (property in target || property === "then" || typeof property === "symbol")
        return Reflect.get(target, property, receiver);
      throw new Error(`${name} has no ${property}`);
    },
  });
}
