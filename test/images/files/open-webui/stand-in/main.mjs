// Stands in for Open WebUI, which listens where PORT says (8080 by default).
import { serve } from "./serve.mjs";

serve(Number(process.env.PORT ?? 8080), {
  "/": "<!doctype html><title>Open WebUI</title>",
  "/health": { status: true },
  "/api/version": { version: "0.6.41" },
});
