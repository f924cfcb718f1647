/**
 * Changes keyless signatures, publications files, CMS signatures, certificates and messages at random and hands them to every reader: nothing
 * but a KeylessError may come of it, no file may take long, and memory must not grow. The vectors are used where they are given.
 *
 *   node --import tsx bench/keyless-fuzz.ts [--files 1000000] [--seed 20261121] [--vectors <folder>] [--out bench/results/keyless-fuzz.json]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { aggregationRequest, PDU, readPublicationsFile, writePdu } from '@jingwei/keyless';
import { Authority, writePublicationsFile } from '@jingwei/keyless/publish';
import { fuzz, seedsOf } from '../packages/keyless/src/fuzz-testing.ts';
import { imprintOfText, makeSignature } from '../packages/keyless/src/testing.ts';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '20261121' },
    vectors: { type: 'string' },
    out: { type: 'string' },
  },
});

const time = 1_780_000_001n;
const email = 'publications@city.example';
const signatures: Uint8Array[] = [];
const publications: Uint8Array[] = [];
const pdus: Uint8Array[] = [];
const document = imprintOfText('document');
const authorities = (['rsa', 'ecdsa', 'sm2'] as const).map((kind) =>
  Authority.make({ kind, subject: { organisation: '慈溪市', country: 'CN' }, email, now: Number(time) * 1000 }),
);
for (const authority of authorities) {
  signatures.push(makeSignature({ time, document, authority }).bytes);
  publications.push(
    writePublicationsFile({
      authority,
      created: time,
      publications: [
        { time, hash: document, references: ['慈溪日报, 2026-11-21'], repositories: ['https://city.example'] },
      ],
    }),
  );
}
for (const algorithm of [1, 5, 8, 11])
  signatures.push(
    makeSignature({ time, publicationTime: time + 30n, document, algorithm, leaves: 40, published: true }).bytes,
  );
pdus.push(
  writePdu(
    PDU.aggregationRequest,
    { login: 'anon', instance: 1n },
    [aggregationRequest({ id: 1n, hash: document, level: 3 })],
    new Uint8Array(4),
    1,
  ),
);
if (values.vectors) {
  for (const name of readdirSync(values.vectors, { recursive: true, encoding: 'utf8' })) {
    const list = /\.ksig$|signature.*\.tlv$/.test(name)
      ? signatures
      : /publications-file[^/]*\.bin$|pub\.bin$/.test(name)
        ? publications
        : /^pdu\/|extender-response.*\.tlv$/.test(name)
          ? pdus
          : undefined;
    if (list && /\.\w+$/.test(name)) list.push(new Uint8Array(readFileSync(join(values.vectors, name))));
  }
}
const readable = publications.filter((bytes) => {
  try {
    return readPublicationsFile(bytes) !== undefined;
  } catch {
    return false;
  }
});
const seeds = seedsOf(signatures, readable, pdus);
const trust = {
  publicationsFile: readPublicationsFile(readable[0]!),
  roots: authorities.map(({ root }) => root),
  email,
};

const files = Number(values.files);
const first = Number(values.seed);
const STEP = 50_000;
const total = { accepted: 0, refused: {} as Record<string, number>, crashes: 0, slowest: 0 };
const began = performance.now();
let settled = 0;
for (let done = 0; done < files; done += STEP) {
  const report = fuzz(seeds, Math.min(STEP, files - done), first + done / STEP, trust);
  total.accepted += report.accepted;
  total.crashes += report.crashes.length;
  total.slowest = Math.max(total.slowest, report.slowest);
  for (const [code, n] of Object.entries(report.refused)) total.refused[code] = (total.refused[code] ?? 0) + n;
  for (const crash of report.crashes) process.stdout.write(`${JSON.stringify(crash)}\n`);
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
  if (done === STEP) settled = memory;
  process.stdout.write(
    `${done + STEP} files, ${total.crashes} crashes, slowest ${total.slowest.toFixed(0)} ms, ${memory} MiB\n`,
  );
}
const result = {
  day: new Date().toISOString().slice(0, 10),
  machine: { cores: availableParallelism(), model: cpus()[0]?.model, node: process.version },
  files,
  seed: first,
  seeds: seeds.length,
  seconds: Math.round((performance.now() - began) / 1000),
  accepted: total.accepted,
  refused: Object.values(total.refused).reduce((a, b) => a + b, 0),
  byCode: Object.fromEntries(Object.entries(total.refused).sort(([, a], [, b]) => b - a)),
  crashes: total.crashes,
  slowestMs: Math.round(total.slowest),
  memoryMiB: { after100000: settled, atEnd: Math.round(process.memoryUsage().rss / 2 ** 20) },
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
process.exit(total.crashes > 0 ? 1 : 0);
