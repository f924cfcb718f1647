/**
 * A load generator of the signing service: separate requests of the aggregation protocol at a fixed rate, each with an id and a MAC of its own and
 * on a connection that waits for nothing else, as that many clients would send them. Open loop: a request is due at its time whether or not earlier
 * ones were answered, and its latency counts from then. A process of its own; told what to do by its only argument (JSON), answers one line of JSON.
 */
import { createHash, createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import {
  aggregationRequest,
  answerOf,
  imprint,
  PDU,
  readPdu,
  readSignature,
  showPdu,
  verifyInternal,
  writePdu,
  writeSignature,
} from '@jingwei/keyless';

/** What to send, and where. */
export interface Load {
  host: string;
  port: number;
  login: string;
  key: string;
  /** Requests a second. */
  rate: number;
  /** Seconds that are measured, and seconds before them that are not. */
  seconds: number;
  warmUp: number;
  /** Every how many-th signature is verified. */
  verifyEvery: number;
  /** Connections at most. */
  connections: number;
}

/** What came of it; times in milliseconds. */
export interface Loaded {
  sent: number;
  signed: number;
  refused: number;
  /** Connections that broke, and requests that no connection was left for. */
  broken: number;
  unsent: number;
  verified: number;
  wrong: number;
  connections: number;
  latency: { p50: number; p95: number; p99: number; max: number };
  /** How late requests were sent: the generator's own share. */
  sendDelay: { p50: number; p99: number; max: number };
  signatureBytes: { median: number; max: number };
  /** Processor seconds of this process per second. */
  processor: number;
  refusals: Record<string, number>;
}

const load = JSON.parse(process.argv[2]!) as Load;
const key = new TextEncoder().encode(load.key);
const total = load.rate * (load.seconds + load.warmUp);
const firstMeasured = load.rate * load.warmUp;
const latencies = new Float64Array(total);
const delays = new Float64Array(total);
const sizes = new Uint32Array(total);
const kept: { n: number; bytes: Buffer }[] = [];
const refusals: Record<string, number> = {};
let [sent, signed, refused, broken, unsent, open] = [0, 0, 0, 0, 0, 0];

/** The document of a request: its own number is what is signed. */
const documentOf = (n: number): Uint8Array => imprint(1, Buffer.from(`document ${n}`));

/**
 * A request as its bytes stand in the connection. A model is written once and then patched: id, digest and MAC of every request have the same
 * places, since ids begin where they take four bytes.
 */
const FIRST_ID = 0x10000000;
const model = writePdu(
  PDU.aggregationRequest,
  { login: load.login },
  [aggregationRequest({ id: BigInt(FIRST_ID), hash: documentOf(0), level: 0 })],
  key,
  1,
);
const idAt = Buffer.from(model).indexOf(Buffer.from([0x10, 0, 0, 0]));
const hashAt = Buffer.from(model).indexOf(Buffer.from(documentOf(0)));
const head = Buffer.from(
  `POST /keyless/aggregator HTTP/1.1\r\nhost: ${load.host}:${load.port}\r\ncontent-type: application/ksi-request\r\ncontent-length: ${model.length}\r\n\r\n`,
);

function requestOf(n: number): Buffer {
  const out = Buffer.allocUnsafe(head.length + model.length);
  head.copy(out);
  out.set(model, head.length);
  const at = head.length;
  out.writeUInt32BE(FIRST_ID + n, at + idAt);
  createHash('sha256')
    .update(`document ${n}`)
    .digest()
    .copy(out, at + hashAt + 1);
  const mac = createHmac('sha256', key)
    .update(out.subarray(at, out.length - 32))
    .digest();
  mac.copy(out, out.length - 32);
  return out;
}

interface Line {
  socket: Socket;
  /** The request under way, -1 when there is none. */
  n: number;
  due: number;
  parts: Buffer[];
  length: number;
  expected: number;
}

const idle: Line[] = [];
let finished: () => void;
const end = new Promise<void>((resolve) => {
  finished = resolve;
});
const done = () => {
  if (signed + refused + broken + unsent >= total) finished();
};

/** Status and words of a refusal, wherever in the message they stand. */
function statusOf(body: Buffer): string {
  try {
    const { pdu } = showPdu(body);
    const { status, message } = pdu.error ?? pdu.aggregationResponses[0] ?? {};
    return `0x${(status ?? 0n).toString(16)} ${message ?? ''}`;
  } catch {
    return 'no message of the protocol';
  }
}

function answered(line: Line, body: Buffer): void {
  const { n, due } = line;
  line.n = -1;
  idle.push(line);
  if (body[0] !== 0x82 || body[1] !== 0x21 || body.length < 300) {
    refused += 1;
    const why = statusOf(body);
    refusals[why] = (refusals[why] ?? 0) + 1;
  } else {
    signed += 1;
    latencies[n] = performance.now() - due;
    sizes[n] = body.length;
    if (n % load.verifyEvery === 0) kept.push({ n, bytes: Buffer.from(body) });
  }
  done();
}

function heard(line: Line, chunk: Buffer): void {
  line.parts.push(chunk);
  line.length += chunk.length;
  if (line.expected < 0) {
    const all = line.parts.length === 1 ? chunk : Buffer.concat(line.parts);
    const at = all.indexOf('\r\n\r\n');
    if (at < 0) return;
    const length = /content-length: (\d+)/i.exec(all.toString('latin1', 0, at))?.[1];
    line.parts = [all];
    line.expected = at + 4 + Number(length ?? 0);
  }
  if (line.length < line.expected) return;
  const all = line.parts.length === 1 ? line.parts[0]! : Buffer.concat(line.parts);
  const body = all.subarray(all.indexOf('\r\n\r\n') + 4, line.expected);
  [line.parts, line.length, line.expected] = [[], 0, -1];
  answered(line, body);
}

function newLine(): Line {
  const socket = connect({ host: load.host, port: load.port, noDelay: true });
  const line: Line = { socket, n: -1, due: 0, parts: [], length: 0, expected: -1 };
  open += 1;
  socket.on('data', (chunk) => heard(line, chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    open -= 1;
    const at = idle.indexOf(line);
    if (at >= 0) idle.splice(at, 1);
    if (line.n >= 0) {
      broken += 1;
      done();
    }
  });
  return line;
}

// The first connections are made before the clock starts: a rush of handshakes is not what is measured.
for (let made = 0; made < load.connections; ) {
  const some = Array.from({ length: Math.min(200, load.connections - made) }, newLine);
  await Promise.all(some.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
  idle.push(...some);
  made += some.length;
}
const most = open;
const began = performance.now();
const processorBefore = process.cpuUsage();
await new Promise<void>((resolve) => {
  const pump = () => {
    const elapsed = performance.now() - began;
    const due = Math.min(total, Math.floor((elapsed * load.rate) / 1000) + 1);
    while (sent < due) {
      const n = sent++;
      const line = idle.pop();
      if (!line) {
        unsent += 1;
        continue;
      }
      line.n = n;
      line.due = began + (n * 1000) / load.rate;
      line.socket.write(requestOf(n));
      delays[n] = performance.now() - line.due;
    }
    if (sent < total) setTimeout(pump, 1);
    else resolve();
  };
  pump();
});
const processor = process.cpuUsage(processorBefore);
const lasted = (performance.now() - began) / 1000;
await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 15_000))]);

let [verified, wrong] = [0, 0];
for (const { n, bytes } of kept) {
  const pdu = readPdu(bytes, [PDU.aggregationResponse], () => key, 1);
  const { parts } = answerOf(pdu, pdu.aggregationResponses, BigInt(FIRST_ID + n));
  const signature = readSignature(writeSignature(parts.map((part) => part.bytes)));
  sizes[n] = signature.tlv.bytes.length;
  if (verifyInternal(signature, { hash: documentOf(n) }).verdict.outcome === 'ok') verified += 1;
  else wrong += 1;
}

const part = (sorted: Float64Array | Uint32Array, share: number) =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
const ofMeasured = (all: Float64Array) =>
  all
    .slice(firstMeasured)
    .filter((ms) => ms > 0)
    .sort();
const latency = ofMeasured(latencies);
const delay = ofMeasured(delays);
const bytes = Uint32Array.from(kept.map(({ n }) => sizes[n]!)).sort();
const answer: Loaded = {
  ...{ sent, signed, refused, broken, unsent, verified, wrong, connections: most },
  latency: { p50: part(latency, 0.5), p95: part(latency, 0.95), p99: part(latency, 0.99), max: part(latency, 1) },
  sendDelay: { p50: part(delay, 0.5), p99: part(delay, 0.99), max: part(delay, 1) },
  signatureBytes: { median: part(bytes, 0.5), max: part(bytes, 1) },
  processor: Math.round(((processor.user + processor.system) / 1e6 / lasted) * 100) / 100,
  refusals,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
