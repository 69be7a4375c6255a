import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** What the demo shows. On a terminal with colour and a line that tells what is waited for; quiet lines otherwise. */
export interface Screen {
  /** Whether colours are used, so that commands that are run can be asked for theirs. */
  readonly colour: boolean;
  heading(title: string): void;
  /** A sentence or more, wrapped to the width of the screen. */
  say(text: string): void;
  /** A command as a user would type it. */
  command(text: string): void;
  /** Several, to choose from, each with what it is for. */
  commands(list: readonly (readonly [purpose: string, command: string])[]): void;
  /** What a command printed. */
  output(text: string): void;
  /** Something that was done, and how long it took. */
  done(text: string, ms?: number): void;
  /** Something that happens by itself while the demo waits. */
  event(text: string, style?: Style): void;
  problem(text: string): void;
  blank(): void;
  /** Shows what is waited for until `work` has ended, then says how long that took. Rejects as `work` does. */
  wait<T>(what: string, work: Promise<T>, told?: (result: T) => string): Promise<T>;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const WIDEST = 110;

export function openScreen(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Screen {
  const live = stream.isTTY === true && environment["TERM"] !== "dumb";
  const colour = live && !environment["NO_COLOR"];
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const width = () => Math.min(stream.columns ?? 100, WIDEST);
  let status: (() => string) | undefined;

  const clear = () => {
    if (status !== undefined && live) stream.write("\r\x1b[2K");
  };
  const redraw = () => {
    if (status !== undefined && live) stream.write(`  ${status()}`);
  };
  // A terminal would break a long line at its edge; what is read by programs stays whole.
  const indent = (line: string) => {
    const long = live && line.length > (stream.columns ?? 100) - 4;
    const spaces = " ".repeat(4 + (/^ */.exec(line)?.[0].length ?? 0));
    if (line === "") return "";
    return long && !line.includes("\u001b")
      ? wrap(line.trim(), (stream.columns ?? 100) - spaces.length - 2)
          .join(`\n${spaces}  `)
          .replace(/^/, spaces)
      : `    ${line}`;
  };
  const draw = () => {
    clear();
    redraw();
  };
  const print = (text: string) => {
    clear();
    stream.write(`${text}\n`);
    redraw();
  };
  const mark = (sign: string, style: Style, text: string, ms?: number) => {
    const time = ms === undefined ? "" : ` ${paint("dim", formatTime(ms))}`;
    print(`  ${paint(style, sign)} ${text}${time}`);
  };

  return {
    colour,
    heading: (title) =>
      print(`\n${paint(["bold", "cyan"], title)}\n${paint("cyan", "─".repeat(Math.min(width(), title.length)))}`),
    say: (text) => print(wrap(text, width() - 2).join("\n")),
    command: (text) => print(`\n  ${paint("dim", "$")} ${paint("bold", text)}`),
    commands: (list) => {
      for (const [purpose, command] of list) {
        print(`\n  ${paint("dim", purpose)}`);
        for (const line of command.split("\n")) print(`    ${paint("bold", line)}`);
      }
    },
    output: (text) => {
      for (const line of text.replace(/\n+$/, "").split("\n")) print(indent(line));
    },
    done: (text, ms) => mark("✓", "green", text, ms),
    event: (text, style) => print(style === undefined ? indent(text) : paint(style, indent(text))),
    problem: (text) => mark("✗", "red", text),
    blank: () => print(""),
    wait: async (what, work, told) => {
      const startedAt = performance.now();
      const passed = () => performance.now() - startedAt;
      status = () => {
        const frame = FRAMES[Math.floor(passed() / FRAME_MS) % FRAMES.length] ?? "";
        const time = formatTime(passed());
        // A line that wraps could not be drawn over.
        const room = (stream.columns ?? 100) - time.length - 6;
        return `${paint("cyan", frame)} ${what.length > room ? `${what.slice(0, room - 1)}…` : what} ${paint("dim", time)}`;
      };
      const timer = live ? setInterval(draw, FRAME_MS) : undefined;
      try {
        const result = await work;
        clear();
        status = undefined;
        mark("✓", "green", told === undefined ? what : told(result), passed());
        return result;
      } finally {
        clear();
        status = undefined;
        clearInterval(timer);
      }
    },
  };
}

/** `850 ms`, `12.3 s`, `2 min 5 s`. */
export function formatTime(ms: number): string {
  if (ms < 995) return `${Math.round(ms / 10) * 10} ms`;
  const seconds = ms / 1000;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines = [""];
    for (const word of paragraph.split(" ")) {
      const line = lines.at(-1) ?? "";
      if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
      else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    }
    return lines;
  });
}
