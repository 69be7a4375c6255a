import { registerHooks } from "node:module";

/** Given to the agent's process with `--import`: its adapters are wired by `wire-killing.ts`, and nothing else is different. */
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const isWiring =
      found.url.endsWith("/agent/commands/wire.ts") && context.parentURL?.endsWith("/agent/commands/with-agent.ts");
    return isWiring === true ? { ...found, url: new URL("wire-killing.ts", import.meta.url).href } : found;
  },
});
