/**
 * A signing service under load that somebody will kill: `node --import tsx kill-child.ts <folder> <answers> <first second> <requests at once> <speed>`.
 * Its seconds pass `speed` times as fast as real ones. Every signature that it was answered goes to the file `answers`, one JSON line each, written
 * before the next request is made; the first one is told on the standard output.
 */
import { randomBytes } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { imprint } from '../hash/imprint.ts';
import { SigningService } from './service.ts';

const [folder, file, first, atOnce, speed] = process.argv.slice(2);
const begin = performance.now();
const fast = Number(speed);
const steady = () => (performance.now() - begin) * fast;
const service = await SigningService.open({
  folder: folder!,
  now: () => Number(first) * 1000 + steady(),
  steady,
  later(milliseconds, run) {
    const timer = setTimeout(run, milliseconds / fast);
    return () => clearTimeout(timer);
  },
});
const answers = openSync(file!, 'w');
let told = false;

async function client(): Promise<never> {
  for (;;) {
    const hash = imprint(1, randomBytes(16));
    const signature = await service.sign(hash);
    const line = { hash: Buffer.from(hash).toString('hex'), signature: Buffer.from(signature).toString('base64') };
    writeSync(answers, `${JSON.stringify(line)}\n`);
    if (!told) process.stdout.write('signing\n');
    told = true;
  }
}
await Promise.all(Array.from({ length: Number(atOnce) }, client));
