/** Serves the repositories below a directory over HTTP, in whatever network namespace it is started; prints its address. */
import { startGitServer } from "../servers/git-server.ts";

const git = await startGitServer({ root: process.argv[2] ?? "" });
process.stdout.write(`${git.url}\n`);
// The server by itself keeps no process alive.
setInterval(() => undefined, 60_000);
