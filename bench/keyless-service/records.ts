/**
 * Records sealed through trees of their own: every second a tree over as many records as are asked for, its root signed by the service as one request,
 * and the signatures of some of the records taken out of it and verified. A process of its own, as a department would run it beside its register;
 * told what to do by its only argument (JSON), answers one line of JSON.
 */
import { randomBytes } from 'node:crypto';
import { imprint, RecordTree, readSignature, verifyInternal } from '@jingwei/keyless';
import { AggregatorClient } from '@jingwei/keyless/service';

/** What to seal. */
export interface Records {
  url: string;
  login: string;
  key: string;
  /** Records of a tree, and trees; one tree a second. */
  perTree: number;
  trees: number;
  /** Bytes of a record. */
  recordBytes: number;
  /** Records of each tree whose signature is taken out and verified. */
  sample: number;
}

/** What came of it; times in milliseconds. */
export interface Sealed {
  records: number;
  /** Records a second, from the beginning of the first tree to the last signature. */
  perSecond: number;
  /** Hashing and building one tree. */
  build: { p50: number; max: number };
  /** From a tree's due second to its signature. */
  latency: { p50: number; max: number };
  verified: number;
  wrong: number;
  signatureBytes: number;
  /** Processor seconds of this process per second. */
  processor: number;
}

const { url, login, key, perTree, trees, recordBytes, sample } = JSON.parse(process.argv[2]!) as Records;
const client = new AggregatorClient({ url, login, key: new TextEncoder().encode(key) });
/** Records as they lie in a register: cut from random bytes, no two of a tree alike. */
const register = randomBytes(perTree + recordBytes);
const recordAt = (i: number) => register.subarray(i, i + recordBytes);
const builds: number[] = [];
const latencies: number[] = [];
const waiting: Promise<{ tree: RecordTree; signature: Uint8Array }>[] = [];
const began = performance.now();
const processorBefore = process.cpuUsage();
for (let t = 0; t < trees; t++) {
  const due = began + t * 1000;
  const early = due - performance.now();
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  const start = performance.now();
  const tree = new RecordTree(1, { expected: perTree });
  for (let i = 0; i < perTree; i++) tree.add(imprint(1, recordAt(i)));
  const { root, level } = tree.close();
  builds.push(performance.now() - start);
  waiting.push(
    client.sign(root, { level }).then((signature) => {
      latencies.push(performance.now() - due);
      return { tree, signature };
    }),
  );
  // Trees that are signed already give their sample and go: memory is that of few trees.
  await new Promise((resolve) => setImmediate(resolve));
}
let [verified, wrong, signatureBytes] = [0, 0, 0];
const signed = await Promise.all(waiting);
const lasted = (performance.now() - began) / 1000;
const processor = process.cpuUsage(processorBefore);
for (const { tree, signature } of signed) {
  tree.attach(signature);
  for (let k = 0; k < sample; k++) {
    const i = Math.floor((k * perTree) / sample);
    const bytes = tree.signatureOf(i);
    signatureBytes = Math.max(signatureBytes, bytes.length);
    const { verdict } = verifyInternal(readSignature(bytes), { hash: imprint(1, recordAt(i)) });
    if (verdict.outcome === 'ok') verified += 1;
    else wrong += 1;
  }
}
const median = (all: number[]) => Math.round([...all].sort((a, b) => a - b)[all.length >> 1]!);
const answer: Sealed = {
  records: perTree * trees,
  perSecond: Math.round((perTree * trees) / lasted),
  build: { p50: median(builds), max: Math.round(Math.max(...builds)) },
  latency: { p50: median(latencies), max: Math.round(Math.max(...latencies)) },
  ...{ verified, wrong, signatureBytes },
  processor: Math.round(((processor.user + processor.system) / 1e6 / lasted) * 100) / 100,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
