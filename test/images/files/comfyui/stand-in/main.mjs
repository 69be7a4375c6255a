// Stands in for ComfyUI: the page, the queue and the statistics that name the GPU.
import { serve } from "./serve.mjs";

serve(8188, {
  "/": "<!doctype html><title>ComfyUI</title>",
  "/system_stats": {
    system: { os: "posix", comfyui_version: "0.2.7", python_version: "3.10.12" },
    devices: [{ name: "cuda:0 NVIDIA GeForce RTX 3060", type: "cuda", index: 0, vram_total: 12884901888, vram_free: 12000000000 }],
  },
  "/queue": { queue_running: [], queue_pending: [] },
});
