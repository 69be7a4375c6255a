// Stands in for Ollama: its version and its list of models, which is what health checks and probes ask for.
import { serve } from "./serve.mjs";

serve(11434, {
  "/": "Ollama is running",
  "/api/version": { version: "0.13.5" },
  "/api/tags": { models: [{ name: "llama2:7b", model: "llama2:7b", size: 3826793677, details: { family: "llama" } }] },
  "/api/ps": { models: [] },
});
