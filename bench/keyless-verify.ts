/**
 * Verifies keyless signatures on one thread: every signature distinct, read from its bytes and verified anew, nothing remembered between them. The
 * signatures are as a service makes them: a tree a second with origins, a tree above it, the calendar, and RSA-2048 over its root.
 *
 *   node --import tsx bench/keyless-verify.ts [--seconds 10] [--leaves 1024] [--rounds 5] [--out bench/results/keyless-verify.json]
 *
 * Rates are of the processor time that was used, so that other work on the machine does not count; those of the clock are given beside them.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import {
  type KeylessSignature,
  readPublicationsFile,
  readSignature,
  TreeBuilder,
  type Verdict,
  verifyByKey,
  verifyInternal,
} from '@jingwei/keyless';
import { Authority, writePublicationsFile } from '@jingwei/keyless/publish';
import { prependChain } from '../packages/keyless/src/sign/write.ts';
import { imprintOfText, makeSignature } from '../packages/keyless/src/testing.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    leaves: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const leaves = Number(values.leaves);
const start = 1_780_000_001n;

function signatures(algorithm: number): { bytes: Uint8Array[]; file: Uint8Array } {
  const authority = Authority.make({
    kind: 'rsa',
    subject: { organisation: '慈溪市' },
    email: 'publications@city.example',
    now: Number(start) * 1000,
  });
  const bytes: Uint8Array[] = [];
  for (let second = 0; second < seconds; second++) {
    const time = start + BigInt(second);
    const tree = new TreeBuilder(algorithm, { expected: 4 * leaves });
    const documents = Array.from({ length: leaves }, (_, i) => imprintOfText(`record ${second} ${i}`, algorithm));
    documents.forEach((document, i) => {
      tree.add(document, {
        origin: { clientId: 'city:archive', machineId: 'node-1', sequence: BigInt(i), requestTime: time * 1_000_000n },
      });
    });
    const { root, level } = tree.close();
    const above = readSignature(makeSignature({ time, document: root, algorithm, authority, level }).bytes);
    documents.forEach((hash, i) => {
      bytes.push(prependChain(above, { hash, links: tree.chainOf(i), algorithm }));
    });
  }
  return { bytes, file: writePublicationsFile({ authority, created: start + 100n, publications: [] }) };
}

interface Rate {
  /** Signatures a second of processor time, median and best of the rounds. */
  median: number;
  best: number;
  /** A second of the clock, best. */
  clock: number;
}

function rate(list: readonly Uint8Array[], judge: (signature: KeylessSignature) => Verdict): Rate {
  const perCpu: number[] = [];
  const perClock: number[] = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const cpu = process.cpuUsage();
    const clock = performance.now();
    for (const bytes of list) {
      const verdict = judge(readSignature(bytes));
      if (verdict.outcome !== 'ok') throw new Error(`not verified: ${verdict.code}`);
    }
    const { user, system } = process.cpuUsage(cpu);
    // The first round warms up.
    if (round === 0) continue;
    perCpu.push(Math.round((list.length / (user + system)) * 1e6));
    perClock.push(Math.round((list.length / (performance.now() - clock)) * 1000));
  }
  perCpu.sort((a, b) => b - a);
  return { median: perCpu[perCpu.length >> 1]!, best: perCpu[0]!, clock: Math.max(...perClock) };
}

const result: Record<string, unknown> = {
  day: new Date().toISOString().slice(0, 10),
  machine: { cores: availableParallelism(), model: cpus()[0]?.model, node: process.version },
};
for (const [name, algorithm] of [
  ['sha256', 1],
  ['sm3', 11],
] as const) {
  const { bytes, file } = signatures(algorithm);
  const publicationsFile = readPublicationsFile(file);
  const sizes = bytes.map((one) => one.length).sort((a, b) => a - b);
  result[name] = {
    signatures: bytes.length,
    medianBytes: sizes[sizes.length >> 1],
    links: readSignature(bytes[0]!).chains.reduce((n, { links }) => n + links.length, 0),
    internal: rate(bytes, (signature) => verifyInternal(signature).verdict),
    key: rate(bytes, (signature) => verifyByKey(signature, { publicationsFile })),
  };
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
