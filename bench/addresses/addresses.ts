/**
 * The bench of packages/addresses: F1 on the corpus beside the checkout, parses a second, matching on a synthetic city.
 * Run: `node --import tsx bench/addresses/addresses.ts <folder of a city made by synthcity> [--write] [--step 1]`; `--write` keeps the figures in
 * bench/results/addresses.json.
 */

import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { addressKeys, normalise, parse } from '../../packages/addresses/src/index.ts';
import { measure } from './accuracy.ts';
import { f1, halves, readCorpus } from './corpus.ts';
import { joinCity, matchCity, readCity } from './matching.ts';

/** Texts a second: the best of several rounds. */
function rate(texts: readonly string[], work: (text: string) => unknown): number {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < 600) {
      for (const text of texts) work(text);
      done += texts.length;
    }
    best = Math.max(best, (done / (performance.now() - start)) * 1000);
  }
  return Math.round(best);
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
const corpus = readCorpus();
const folder = process.argv[2];
const city = folder && !folder.startsWith('--') ? await readCity(folder) : undefined;

const accuracy = corpus
  ? Object.fromEntries(
      Object.entries({ ...halves(corpus), all: corpus }).map(([half, marked]) => {
        const counts = measure(marked);
        const byLabel = [...counts].filter(([label]) => label !== 'all').sort((a, b) => b[1].gold - a[1].gold);
        const { gold, found, right } = counts.get('all')!;
        return [
          half,
          {
            addresses: marked.length,
            f1: round(f1(counts.get('all')!)),
            precision: round(right / found),
            recall: round(right / gold),
            byElement: Object.fromEntries(byLabel.map(([label, one]) => [label, round(f1(one))])),
          },
        ];
      }),
    )
  : undefined;

const texts = corpus?.map((one) => one.text) ?? city?.households.map((one) => one.text) ?? [];
const speed = {
  addresses: texts.length,
  meanCharacters: round(texts.reduce((sum, text) => sum + text.length, 0) / Math.max(texts.length, 1)),
  parsesPerSecond: rate(texts, (text) => parse(text, { confidence: false })),
  parsesWithConfidencePerSecond: rate(texts, (text) => parse(text)),
  keysPerSecond: rate(texts, (text) => addressKeys(normalise(parse(text, { confidence: false })).parts)),
};

const step = process.argv.includes('--step') ? Number(process.argv[process.argv.indexOf('--step') + 1]) : 1;
// What a record says decides: a household's address leaves out 工业区 of its building, buildings share addresses.
const matching = city
  ? { standardAddresses: city.buildings.length, ...matchCity(city, step), inSql: await joinCity(city) }
  : undefined;

const report = {
  measured: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version.slice(1)}`,
  accuracy,
  accuracyNote:
    'F1 by element, exact span and label, on the development set of Li et al. (NAACL 2019); weights set by hand, nothing trained; the errors of "tuning" were looked at while the rules were written, those of "untouched" were not (some of its addresses were seen before the halves were drawn)',
  speed,
  matching,
};
console.log(JSON.stringify(report, null, 2));
if (process.argv.includes('--write')) {
  writeFileSync(new URL('../results/addresses.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
}
