import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startFleet } from "./scene.ts";
import { startBrowser } from "./start-browser.ts";

/** `npm run pictures`: the pages as docs/ shows them, of hosts that are made up. */
const DIRECTORY = process.argv[2] ?? join(import.meta.dirname, "../../docs/pictures");
const WIDE = { width: 1040, height: 800 };
const PHONE = { width: 390, height: 844 };

const browser = await startBrowser();
const fleet = await startFleet();
mkdirSync(DIRECTORY, { recursive: true });

async function open(size: { readonly width: number; readonly height: number }, scheme: "light" | "dark"): Promise<Page> {
  const { page } = await browser.open({ viewport: size, deviceScaleFactor: size === PHONE ? 1.5 : 1.25, colorScheme: scheme });
  return page;
}

/** As much as fits, of a page that is live. */
async function take(page: Page, url: string, name: string, height: number): Promise<void> {
  await page.goto(url);
  await page.setViewportSize({ width: page.viewportSize()?.width ?? WIDE.width, height });
  await page.locator(".live.on").waitFor();
  await page.screenshot({ path: join(DIRECTORY, `${name}.png`) });
}

try {
  const [, gpuBox] = fleet.agents;
  if (gpuBox === undefined) throw new Error("no fleet");
  const { url, token } = gpuBox;
  for (const scheme of ["light", "dark"] as const) await take(await open(WIDE, scheme), url, `dashboard-${scheme}`, 1180);
  await take(await open(PHONE, "light"), url, "dashboard-phone", PHONE.height);
  await take(await open(WIDE, "light"), `${url}/fleet`, "fleet", 1000);
  const person = await open(WIDE, "light");
  await person.goto(`${url}/login`);
  await person.fill("#token", token);
  await person.keyboard.press("Enter");
  await person.waitForURL(`${url}/`);
  await take(person, `${url}/stacks/ai`, "stack", 1060);
} finally {
  await fleet.stop();
  await browser.stop();
}
