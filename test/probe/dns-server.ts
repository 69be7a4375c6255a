import { createSocket } from "node:dgram";
import { once } from "node:events";

export type DnsType = "A" | "CNAME" | "MX" | "TXT" | "SRV" | "AAAA" | "NS" | "PTR";

/** What the server does with a question: records as their bytes, a response code, silence, or bytes that are no DNS. */
export type DnsAnswer = { readonly records: readonly Buffer[] } | { readonly code: number } | "silence" | "nonsense";

export interface DnsServer {
  readonly port: number;
  /** Every question: `A www.lan`. */
  readonly questions: readonly string[];
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<number, DnsType>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  12: "PTR",
  15: "MX",
  16: "TXT",
  28: "AAAA",
  33: "SRV",
};

/** A name server on 127.0.0.1 that answers from a function, over UDP, in the wire format of RFC 1035. */
export async function startDnsServer(answer: (type: DnsType, name: string) => DnsAnswer): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const questions: string[] = [];
  socket.on("message", (query, from) => {
    const { name, type, end } = readQuestion(query);
    questions.push(`${TYPES[type] ?? type} ${name}`);
    const said = answer(TYPES[type] ?? "A", name);
    if (said === "silence") return;
    const reply = said === "nonsense" ? Buffer.from("this is no DNS at all") : describeReply(query, end, type, said);
    socket.send(reply, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    questions,
    async stop() {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** A name as the wire has it: each label after its length. */
export function encodeName(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export function encodeNumber(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString());
    at += 1 + length;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function describeReply(query: Buffer, end: number, type: number, said: { records?: readonly Buffer[]; code?: number }): Buffer {
  const { records = [], code = 0 } = said as { records?: readonly Buffer[]; code?: number };
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  const answers = records.map((data) =>
    // The name of a record is that of the question, which stands at byte 12.
    Buffer.concat([
      encodeNumber(0xc00c),
      encodeNumber(type),
      encodeNumber(1),
      Buffer.from([0, 0, 0, 60]),
      encodeNumber(data.length),
      data,
    ]),
  );
  return Buffer.concat([header, query.subarray(12, end), ...answers]);
}
