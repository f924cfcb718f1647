/**
 * F1 by element (exact span and label) on the development set of the NAACL 2019 corpus, which the parser has not learnt from.
 * Run: `node --import tsx bench/addresses/accuracy.ts [--half tuning|untouched|both] [--errors label n]`.
 */

import { type Element, parse } from '../../packages/addresses/src/index.ts';
import { type Counts, f1, halves, type Marked, readCorpus } from './corpus.ts';

/** Counts by label and in all (`all`). */
export function measure(
  marked: readonly Marked[],
  read: (text: string) => Element[] = (text) => parse(text),
): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  const of = (label: string): Counts => {
    let one = counts.get(label);
    if (!one) {
      one = { gold: 0, found: 0, right: 0 };
      counts.set(label, one);
    }
    return one;
  };
  for (const { text, spans } of marked) {
    const gold = new Set(spans.map((one) => `${one.start} ${one.end} ${one.label}`));
    for (const one of spans) {
      of(one.label).gold++;
      of('all').gold++;
    }
    for (const one of read(text)) {
      of(one.label).found++;
      of('all').found++;
      if (gold.has(`${one.start} ${one.end} ${one.label}`)) {
        of(one.label).right++;
        of('all').right++;
      }
    }
  }
  return counts;
}

function show(name: string, marked: readonly Marked[]): void {
  const counts = measure(marked);
  console.log(`${name}: ${marked.length} addresses, F1 ${f1(counts.get('all')!).toFixed(4)}`);
  for (const [label, one] of [...counts].sort((a, b) => b[1].gold - a[1].gold)) {
    const precision = one.found ? one.right / one.found : 0;
    const recall = one.gold ? one.right / one.gold : 0;
    console.log(
      `  ${label.padEnd(10)} gold ${String(one.gold).padStart(5)}  found ${String(one.found).padStart(5)}  P ${precision.toFixed(3)}  R ${recall.toFixed(3)}  F1 ${f1(one).toFixed(3)}`,
    );
  }
}

function errors(marked: readonly Marked[], label: string, most: number): void {
  const line = (text: string, spans: readonly { start: number; end: number; label: string }[]): string =>
    spans.map((one) => `${one.label}=${text.slice(one.start, one.end)}`).join(' ');
  let shown = 0;
  let seen = 0;
  for (const { text, spans } of marked) {
    const found = parse(text);
    const mine = line(text, found);
    const gold = line(text, spans);
    const has = (all: readonly { start: number; end: number; label: string }[], one: { start: number; end: number }) =>
      all.some((other) => other.label === label && other.start === one.start && other.end === one.end);
    const wrong =
      label === 'any'
        ? mine !== gold
        : spans.some((one) => one.label === label && !has(found, one)) ||
          found.some((one) => one.label === label && !has(spans, one));
    if (!wrong || seen++ % 7 !== 0 || shown++ >= most) continue;
    console.log(`gold ${gold}\nmine ${mine}\n`);
  }
}

if (process.argv[1]?.endsWith('accuracy.ts')) {
  const corpus = readCorpus();
  if (!corpus) throw new Error('the corpus is not beside the checkout');
  const { tuning, untouched } = halves(corpus);
  const at = process.argv.indexOf('--half');
  const half = at < 0 ? 'tuning' : process.argv[at + 1];
  if (half !== 'untouched') show('tuning', tuning);
  if (half !== 'tuning') show('untouched', untouched);
  const wanted = process.argv.indexOf('--errors');
  if (wanted > 0) errors(tuning, process.argv[wanted + 1] ?? 'any', Number(process.argv[wanted + 2] ?? 20));
}
