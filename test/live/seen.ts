import { waitUntil } from "../engine/wait-until.ts";
import type { Host } from "./start-host.ts";

/** Does something by hand; the engine's list shows it a moment after the command has ended. */
export async function seen(host: Host, act: () => Promise<unknown>): Promise<void> {
  const list = async (): Promise<string> => JSON.stringify(await host.containers());
  const before = await list();
  await act();
  await waitUntil("the engine lists it", async () => (await list()) !== before);
}
