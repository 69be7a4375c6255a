import { createHash } from "node:crypto";

/**
 * The only script: without it the pages show the same and are loaded anew now and then. It replaces the parts (`data-part`) that the
 * agent would show otherwise by now, and leaves focus, open details and half-filled forms alone.
 */
export const PAGE_SCRIPT = `"use strict";
(() => {
  const root = document.documentElement;
  const kind = root.dataset.live;
  if (kind === "none") return;
  const live = document.getElementById("live");
  const activity = document.getElementById("activity");
  let skew = Date.now() - Number(root.dataset.now);
  let busy = false;
  let again = false;

  function say(word, on) {
    if (live.textContent !== word) live.textContent = word;
    live.classList.toggle("on", on);
  }

  function distance(ms) {
    const seconds = Math.round(Math.abs(ms) / 1000);
    if (seconds < 2) return "now";
    const [size, unit] = [[86400, "d"], [3600, "h"], [60, "min"]].find(([one]) => seconds >= one * 1.5) || [1, "s"];
    const text = Math.round(seconds / size) + " " + unit;
    return ms < 0 ? text + " ago" : "in " + text;
  }
  function tick() {
    const now = Date.now() - skew;
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const text = distance(Date.parse(time.dateTime) - now);
      if (time.textContent !== text) time.textContent = text;
    }
  }

  const shape = (part) => part.className + part.innerHTML.replace(/(<time[^>]*>)[^<]*/g, "$1").replace(/ open=""/g, "");
  const isBeingFilled = (part) => {
    const { activeElement } = document;
    return part.contains(activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(activeElement.tagName);
  };
  function replace(next) {
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = next.querySelector('[data-part="' + part.dataset.part + '"]');
      if (other === null || isBeingFilled(part) || shape(part) === shape(other)) continue;
      const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
      const open = [...part.querySelectorAll("details[open]")].map((one) => one.id);
      part.className = other.className;
      part.replaceChildren(...other.childNodes);
      for (const id of open) {
        const details = document.getElementById(id);
        if (details !== null) details.open = true;
      }
      if (focused !== "") document.getElementById(focused)?.focus({ preventScroll: true });
    }
    document.title = next.title;
    const icon = 'link[rel="icon"]';
    document.querySelector(icon).href = next.querySelector(icon).getAttribute("href");
    skew = Date.now() - Number(next.documentElement.dataset.now);
    tick();
  }

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      // Without what was asked for once, such as a log or a word about what was done.
      const answer = await fetch(location.pathname, { cache: "no-store", redirect: "error" });
      if (!answer.ok) throw new Error(answer.statusText);
      replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (kind === "poll") say("Live", true);
    } catch {
      say("Not connected", false);
    } finally {
      busy = false;
      if (again) {
        again = false;
        setTimeout(refresh, 500);
      }
    }
  }

  let beat;
  function poll(ms) {
    clearInterval(beat);
    beat = setInterval(() => {
      if (!document.hidden) refresh();
    }, ms);
  }
  function follow() {
    const source = new EventSource("/v1/events");
    source.addEventListener("open", () => say("Live", true));
    source.addEventListener("error", () => {
      say("Not connected", false);
      // Refused, rather than interrupted: it is not tried again by itself.
      if (source.readyState === EventSource.CLOSED) poll(15000);
    });
    source.addEventListener("status", () => {
      activity.hidden = true;
      refresh();
    });
    source.addEventListener("happening", ({ data }) => {
      const { event, stack, text } = JSON.parse(data);
      if (event !== "step" && event !== "waiting") return;
      activity.textContent = (stack === undefined ? "" : stack + ": ") + text;
      activity.hidden = false;
    });
    addEventListener("pagehide", () => source.close());
  }

  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
  if (kind === "events") follow();
  else {
    say("Live", true);
    poll(10000);
  }
})();
`;

/** Changes with it, so that a browser may keep it. */
export const SCRIPT_VERSION: string = createHash("sha256").update(PAGE_SCRIPT).digest("hex").slice(0, 12);
