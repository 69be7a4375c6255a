// Starts an engine, asks it one question and removes it: exit code 0 says that live tests can run on this machine.
import { startEngine } from "./start-engine.ts";

const engine = await startEngine();
try {
  process.stdout.write((await engine.docker(["version"])).stdout);
} finally {
  await engine.stop();
}
