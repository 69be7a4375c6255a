/** The one line of Compose's standard error that says what failed; progress lines and repetitions are left out. */
export function describeFailure(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map(stripColour)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !isWarning(line));
  const told = lines.findLast((line) =>
    /error|cannot|failed|denied|not found|invalid|undefined|no such|already|conflict|must|unsupported|unknown/i.test(line),
  );
  return (told ?? lines.at(-1) ?? "failed without a message")
    .replace(/^Error response from daemon: /, "")
    .replace(/^\S+ Error /, "");
}

// `time="…" level=warning msg="…"` tells of something that did not stop the command.
function isWarning(line: string): boolean {
  return /level=warning/.test(line);
}

function stripColour(line: string): string {
  return line.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
}
