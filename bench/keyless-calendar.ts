/**
 * A calendar of many signed seconds: how long it takes to open, to write one more second, to give a chain and a root.
 *
 *   node --import tsx bench/keyless-calendar.ts [seconds, default 10000000]
 *
 * Prints one JSON object; latencies in milliseconds.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Calendar } from '@jingwei/keyless/service';

const seconds = Number(process.argv[2] ?? 10_000_000);
const folder = mkdtempSync(join(tmpdir(), 'keyless-calendar-'));
const FIRST = 1_790_000_000;
const GROUP = 50_000;
const root = (i: number) => {
  const out = Buffer.alloc(33, 7);
  out[0] = 1;
  out.writeUInt32BE(i, 1);
  return out;
};
async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
const summary = (all: number[]) => {
  all.sort((a, b) => a - b);
  const at = (q: number) => Number(all[Math.min(all.length - 1, Math.floor(q * all.length))]!.toFixed(3));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};

let calendar = Calendar.open(folder);
const filled = await milliseconds(() => {
  for (let i = 0; i < seconds; i += GROUP)
    calendar.append(
      Array.from({ length: Math.min(GROUP, seconds - i) }, (_, k) => ({ time: FIRST + i + k, root: root(i + k) })),
    );
});
calendar.close();
const opened = await milliseconds(() => {
  calendar = Calendar.open(folder);
});
const last = FIRST + seconds - 1;
const firstChain = await milliseconds(() => calendar.chain(FIRST, last));
const random = () => FIRST + Math.floor(Math.random() * seconds);
const measure = async (turns: number, work: () => unknown) => {
  const all: number[] = [];
  for (let i = 0; i < turns; i++) all.push(await milliseconds(work));
  return summary(all);
};
const own = await measure(2000, () => {
  const time = random();
  calendar.chain(time, time);
});
const extended = await measure(2000, () => calendar.chain(random(), last));
const published = await measure(500, () => calendar.publish(random()));
let next = last;
const appended = await measure(300, () => {
  next += 1;
  calendar.append([{ time: next, root: root(next) }]);
});
calendar.close();
const bytes = statSync(join(folder, 'calendar.log')).size;
rmSync(join(folder, 'calendar.blocks'));
const rebuilt = await milliseconds(() => Calendar.open(folder).close());
rmSync(folder, { recursive: true });
console.log(
  JSON.stringify(
    {
      measured: new Date().toISOString().slice(0, 10),
      node: process.version,
      seconds,
      logMiB: Math.round(bytes / 2 ** 20),
      fillSecondsPerSecond: Math.round(seconds / (filled / 1000)),
      openMs: Math.round(opened),
      openWithoutBlocksMs: Math.round(rebuilt),
      firstChainMs: Number(firstChain.toFixed(1)),
      chainOfOneSecondMs: own,
      chainToNewestMs: extended,
      publishMs: published,
      appendMs: appended,
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    },
    undefined,
    2,
  ),
);
