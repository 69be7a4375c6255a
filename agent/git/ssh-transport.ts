import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";
import { networkFailure, refused } from "./http-failure.ts";
import { encodeLsRefs, parseAdvertisement, parseLsRefs } from "./ls-refs.ts";
import type { SshAddress } from "./parse-ssh-address.ts";
import { flushPkt, splitPktLines } from "./pkt-line.ts";
import type { SourceTimeouts } from "./source-options.ts";
import { isPlainPath, knownHostsFiles, sshArguments } from "./ssh-arguments.ts";
import { explainRefusal, sshFailure } from "./ssh-failure.ts";
import { type SshProcess, startSsh } from "./ssh-process.ts";
import type { Transport } from "./transport.ts";

interface SshTransportOptions {
  readonly address: SshAddress;
  /** The address for messages. */
  readonly shown: string;
  /** Absolute paths. */
  readonly keyFile: string;
  readonly knownHostsFile?: string;
  readonly timeouts: SourceTimeouts;
  readonly onReceived?: (bytes: number) => void;
}

/** A list of refs is held in memory, as over HTTP. */
const refsBytes = 16 * 1024 * 1024;

const flush = Buffer.from(flushPkt);

/** Git's protocol through the `ssh` of this machine: one process for each operation. Throws `configuration-invalid` for unusable paths. */
export function sshTransport(options: SshTransportOptions): Transport {
  const { address, shown, keyFile, timeouts } = options;
  const files = knownHostsFiles(keyFile, options.knownHostsFile);
  for (const path of [keyFile, files.own]) {
    if (isPlainPath(path)) continue;
    throw holdfastError("configuration-invalid", `ssh cannot be given the path ${JSON.stringify(path)}`, {
      handling: "stalled",
      hint: "rename it: repository.sshKeyFile and repository.knownHostsFile must not contain quotes, backslashes or ${",
    });
  }
  const context = { shown, address, keyFile, knownHostsFile: files.own };
  const args = sshArguments({ address, keyFile, knownHostsFiles: files, connectMs: timeouts.connectMs });
  // From the start to the first byte: connecting, proving who both are, and the other side's own start.
  const firstMs = timeouts.connectMs + timeouts.headersMs;

  /** An abort, or what `ssh` said when its answer ended too early. */
  async function failure(ssh: SshProcess, signal: AbortSignal): Promise<HoldfastError> {
    if (signal.aborted) return networkFailure(undefined, shown, signal);
    return sshFailure(await ssh.ended(), context);
  }

  /** All up to the next flush: the other side waits for us then, so that nothing follows it. */
  async function readList(ssh: SshProcess, waitMs: number, signal: AbortSignal): Promise<Uint8Array> {
    const lines: Uint8Array[] = [];
    let size = 0;
    let ended = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let wait = waitMs; !ended; wait = timeouts.idleMs) {
        const chunk = await ssh.read(wait);
        ended = chunk === undefined;
        options.onReceived?.(chunk?.length ?? 0);
        if (chunk !== undefined) yield chunk;
      }
    }
    try {
      for await (const line of splitPktLines(chunks())) {
        lines.push(line);
        size += line.length;
        if (size > refsBytes) throw tooManyRefs(shown);
        if (line.length === flushPkt.length && Buffer.from(line).equals(flush)) return Buffer.concat(lines);
      }
    } catch (error) {
      if (isHoldfastError(error)) throw error;
      if (!ended) throw refused(`${shown} sent something else than refs`, "nothing may be printed when that user logs in by ssh");
    }
    // Some servers say what is wrong in a line, and end.
    const answer = parseLsRefs(Buffer.concat(lines));
    throw answer.kind === "error" ? explainRefusal(shown, answer.text) : await failure(ssh, signal);
  }

  async function* receive(ssh: SshProcess, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      let waitMs = timeouts.headersMs;
      for (;;) {
        const chunk = await ssh.read(waitMs);
        if (chunk === undefined) break;
        waitMs = timeouts.idleMs;
        options.onReceived?.(chunk.length);
        yield chunk;
      }
      const end = await ssh.ended();
      // What was refused within the answer is told there, better than by the code.
      if (signal.aborted || end.exitCode === undefined || end.exitCode === 255) throw await failure(ssh, signal);
    } finally {
      await ssh.close();
    }
  }

  return {
    shown,
    async listRefs(prefix, signal) {
      if (signal.aborted) throw networkFailure(undefined, shown, signal);
      const ssh = startSsh(args, true, signal);
      try {
        let answer = parseAdvertisement(await readList(ssh, firstMs, signal), prefix);
        if (answer.kind === "version-2") {
          ssh.write(encodeLsRefs(prefix));
          answer = parseLsRefs(await readList(ssh, timeouts.headersMs, signal));
        }
        ssh.end(flushPkt);
        if (answer.kind === "refs") return answer.refs;
        if (answer.kind === "error") throw explainRefusal(shown, answer.text);
        throw refused(`${shown} sent no list of refs that can be read`, "its objects must be SHA-1");
      } finally {
        await ssh.close();
      }
    },
    async requestPack(request, signal) {
      if (signal.aborted) throw networkFailure(undefined, shown, signal);
      const ssh = startSsh(args, false, signal);
      try {
        await readList(ssh, firstMs, signal);
      } catch (error) {
        await ssh.close();
        throw error;
      }
      ssh.end(request);
      return receive(ssh, signal);
    },
  };
}

function tooManyRefs(shown: string): HoldfastError {
  return holdfastError("source-too-large", `${shown} lists refs in more than ${refsBytes} bytes`, {
    handling: "stalled",
    hint: "delete branches and tags, or let the server accept GIT_PROTOCOL (AcceptEnv in sshd_config)",
  });
}
