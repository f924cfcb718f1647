/**
 * kill -9 at random moments of a signing service under load: it is killed again and again, mended, opened, and every signature that anybody ever
 * had in hand must hold, stand in the calendar, extend and be given again.
 *
 *   node --import tsx bench/keyless-kill.ts [kills]
 *
 * Prints one JSON object; ends with an error when a single signature is lost. Seconds pass fifty times as fast as real ones.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answered, aftermath, killedService } from '../packages/keyless/src/service/kill-testing.ts';

const kills = Number(process.argv[2] ?? 50);
const folder = mkdtempSync(join(tmpdir(), 'keyless-kill-'));
const answered: Answered[] = [];
const mended: Record<string, number> = {};
let first = 1_790_000_000;
let lost = 0;
let unclean = 0;
const start = performance.now();
for (let i = 0; i < kills; i++) {
  const given = await killedService(
    join(folder, 'service'),
    first,
    Math.random() * 400,
    20 + Math.floor(Math.random() * 400),
  );
  answered.push(...given);
  // All answers of this life, and some of every earlier one.
  const looked = [...given, ...answered.filter(() => Math.random() < 200 / answered.length)];
  const found = await aftermath(join(folder, 'service'), looked, first + 1_000_000);
  for (const code of found.mended) mended[code] = (mended[code] ?? 0) + 1;
  lost += found.lost;
  unclean += found.left.length;
  first = found.last;
}
const all = await aftermath(join(folder, 'service'), answered, first + 1_000_000);
lost += all.lost;
rmSync(folder, { recursive: true });
console.log(
  JSON.stringify(
    {
      measured: new Date().toISOString().slice(0, 10),
      kills,
      signaturesInHand: answered.length,
      lost,
      findingsLeftAfterMending: unclean + all.left.length,
      mended,
      seconds: Math.round((performance.now() - start) / 1000),
    },
    undefined,
    2,
  ),
);
if (lost > 0 || unclean > 0) process.exitCode = 1;
