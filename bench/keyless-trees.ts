/**
 * Hash trees of keyless signatures: leaves a second of trees of 16,384 and of a million leaves, chains taken out of them, threads, and 200,000 records
 * sealed end to end. The yardstick is one plain SHA-256 of Node for every join, in the same run.
 *
 *   node --import tsx bench/keyless-trees.ts
 *
 * Prints one JSON object. Rates are medians of several turns, by the clock and by the processor time that was used.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainHead, readSignature, TreeBuilder, verifyInternal } from '@jingwei/keyless';
import { SigningService, TreeThreads } from '@jingwei/keyless/service';

const SMALL = 16_384;
const LARGE = 1_000_000;
const RECORDS = 200_000;
const CHAINS = 300_000;

const random = randomBytes(32 * LARGE);
const packed = new Uint8Array(new SharedArrayBuffer(33 * LARGE));
for (let i = 0; i < LARGE; i++) {
  packed[33 * i] = 1;
  packed.set(random.subarray(32 * i, 32 * (i + 1)), 33 * i + 1);
}
const leaf = (i: number) => packed.subarray(33 * i, 33 * (i + 1));
const leaves = Array.from({ length: LARGE }, (_, i) => Uint8Array.from(leaf(i)));

/** Seconds of the clock, and of the processor: other work on the machine does not count in these. */
interface Time {
  clock: number;
  processor: number;
}
async function median(turns: number, work: () => unknown): Promise<Time> {
  const all: Time[] = [];
  for (let i = 0; i < turns; i++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(used);
    all.push({ clock: (performance.now() - start) / 1000, processor: (user + system) / 1e6 });
  }
  const middle = (of: (time: Time) => number) => all.map(of).sort((a, b) => a - b)[turns >> 1]!;
  return { clock: middle((time) => time.clock), processor: middle((time) => time.processor) };
}
const rate = (n: number, { clock, processor }: Time) => ({
  clock: Math.round(n / clock),
  processor: Math.round(n / processor),
});

function build(size: number): TreeBuilder {
  const tree = new TreeBuilder(1, { expected: size });
  for (let i = 0; i < size; i++) tree.add(leaves[i]!);
  tree.close();
  return tree;
}

const yardstick = await median(5, () => {
  const message = Buffer.alloc(67, 1);
  for (let i = 0; i < 100_000; i++) createHash('sha256').update(message).digest();
});
for (let i = 0; i < 8; i++) build(SMALL);
const small = await median(31, () => build(SMALL));
const large = await median(3, () => build(LARGE));
const tree = build(LARGE);
const head = chainHead(1_790_000_000n, [3n]);
const links = await median(3, () => {
  for (let i = 0; i < CHAINS; i++) tree.chainOf(i);
});
const written = await median(3, () => {
  for (let i = 0; i < CHAINS; i++) tree.writeChainOf(i, head);
});

async function threaded(threads: number): Promise<Time> {
  const pool = new TreeThreads(threads);
  await pool.build(packed);
  const time = await median(3, () => pool.build(packed));
  await pool.close();
  return time;
}
const one = await threaded(1);
const two = await threaded(2);

/** Records hashed already, one request for them all, a signature for each written out; seconds end as soon as they are full. */
const folder = mkdtempSync(join(tmpdir(), 'keyless-trees-'));
let wall = 1_790_000_000_000;
const service = await SigningService.open({ folder, now: () => wall, steady: () => wall, later: () => () => {} });
let bytes = 0;
const sealed = await median(3, async () => {
  const waiting = service.signMany(leaves.slice(0, RECORDS));
  wall += 1000;
  await service.tick();
  const records = await waiting;
  for (let i = 0; i < RECORDS; i++) bytes = records.signatureOf(i).length;
  const { verdict } = verifyInternal(readSignature(records.signatureOf(RECORDS - 1)), { hash: leaves[RECORDS - 1]! });
  if (verdict.outcome !== 'ok') throw new Error('a signature does not hold');
});
await service.close();
rmSync(folder, { recursive: true });

console.log(
  JSON.stringify(
    {
      measured: new Date().toISOString().slice(0, 10),
      node: process.version,
      plainHashesPerSecond: rate(100_000, yardstick),
      leavesPerSecond: { small: rate(SMALL, small), million: rate(LARGE, large) },
      chainsPerSecond: { links: rate(CHAINS, links), written: rate(CHAINS, written) },
      threads: {
        one: rate(LARGE, one).clock,
        two: rate(LARGE, two).clock,
        ratio: Number((one.clock / two.clock).toFixed(2)),
      },
      recordsSealedPerSecond: rate(RECORDS, sealed),
      signatureBytes: bytes,
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    },
    undefined,
    2,
  ),
);
