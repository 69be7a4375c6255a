import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's Chromium, without a window. */
export interface Chromium {
  /** A page of a person of their own, on which every message of the console, failed request and request to elsewhere is noted. */
  open(options?: BrowserContextOptions): Promise<WatchedPage>;
  stop(): Promise<void>;
}

export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong on it, one line each; empty when nothing did. */
  readonly problems: string[];
  /** Origins that were asked for anything. */
  readonly origins: Set<string>;
}

const EXECUTABLE = "/usr/bin/chromium";

export async function startBrowser(): Promise<Chromium> {
  const browser: Browser = await chromium.launch({
    executablePath: EXECUTABLE,
    // Tests run as root, in containers with a small /dev/shm; and the network is loopback only.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server", "--font-render-hinting=none"],
  });
  return {
    async open(options = {}) {
      const context = await browser.newContext({ reducedMotion: "reduce", ...options });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      const problems: string[] = [];
      const origins = new Set<string>();
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
      });
      page.on("pageerror", (error) => problems.push(`script: ${error.message}`));
      page.on("request", (request) => origins.add(new URL(request.url()).origin));
      return { page, context, problems, origins };
    },
    stop: () => browser.close(),
  };
}
