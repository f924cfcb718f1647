/**
 * Checks a second in one thread, for every code, beside the straightforward implementation in the same run. Half of the values are valid,
 * half have one wrong character. Run: `node --import tsx packages/codes/bench/codes.bench.ts [--write]`; `--write` keeps the
 * figures in bench/results/codes.json.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { citizenId, fixedPhone, mobile, orgcode, postcode, regno, uscc } from '../src/index.ts';
import { below, randomOf } from '../src/random.ts';
import * as reference from './reference.ts';

const VALUES = 20_000;
const ROUNDS = 7;
const MIN_MS = 150;

interface Subject {
  name: string;
  generate: (random: () => number) => string;
  ours: (text: string) => boolean;
  plain: (text: string) => boolean;
}

const subjects: Subject[] = [
  { name: 'uscc', generate: uscc.generate, ours: uscc.check, plain: reference.referenceUscc },
  { name: 'orgcode', generate: orgcode.generate, ours: orgcode.check, plain: reference.referenceOrgcode },
  { name: 'regno', generate: regno.generate, ours: regno.check, plain: reference.referenceRegno },
  { name: 'citizen-id', generate: citizenId.generate, ours: citizenId.check, plain: reference.referenceCitizenId },
  { name: 'mobile', generate: mobile.generate, ours: mobile.check, plain: reference.referenceMobile },
  { name: 'fixed-phone', generate: fixedPhone.generate, ours: fixedPhone.check, plain: reference.referenceFixedPhone },
  { name: 'postcode', generate: postcode.generate, ours: postcode.check, plain: reference.referencePostcode },
];

/** Values with flat storage (a joined string would be flattened inside the measurement). */
function values(subject: Subject): string[] {
  const random = randomOf(20260101);
  return Array.from({ length: VALUES }, (_, i) => {
    const valid = subject.generate(random);
    const at = below(random, valid.length);
    const text = i % 2 === 0 ? valid : `${valid.slice(0, at)}${below(random, 10)}${valid.slice(at + 1)}`;
    return Buffer.from(text).toString();
  });
}

/** Calls a second: the best of several rounds, each long enough for the clock. */
function rate(check: (text: string) => boolean, texts: string[]): { rate: number; accepted: number } {
  let best = 0;
  let accepted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < MIN_MS) {
      accepted = 0;
      for (const text of texts) if (check(text)) accepted++;
      calls += texts.length;
    }
    best = Math.max(best, (calls / (performance.now() - start)) * 1000);
  }
  return { rate: best, accepted };
}

const results = subjects.map((subject) => {
  const texts = values(subject);
  const plain = rate(subject.plain, texts);
  const ours = rate(subject.ours, texts);
  return {
    code: subject.name,
    checksPerSecond: Math.round(ours.rate),
    plainPerSecond: Math.round(plain.rate),
    ratio: Number((ours.rate / plain.rate).toFixed(2)),
    accepted: ours.accepted,
    of: texts.length,
  };
});

const report = {
  bench: 'codes',
  what: 'checks a second in one thread; plain = regular expression and loop, in the same run',
  machine: { cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', node: process.version },
  values: VALUES,
  results,
};
console.log(JSON.stringify(report, null, 2));
if (process.argv.includes('--write')) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('codes.json', folder), `${JSON.stringify(report, null, 2)}\n`);
}
