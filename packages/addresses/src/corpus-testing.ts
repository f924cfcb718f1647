/** The corpus of Li et al. (NAACL 2019) beside the checkout, for tests: absent on machines that do not have it. */

import { existsSync, readFileSync } from 'node:fs';
import { parse } from './parse.ts';

const FILE = new URL('../../../../shared/data/addresses/dev.txt', import.meta.url);

/** A marked address: its text and `start end label` of its elements. */
interface Marked {
  text: string;
  spans: Set<string>;
}

/** Every other address; undefined where the corpus is absent. */
export function corpusHalves(): { even: Marked[]; odd: Marked[] } | undefined {
  if (!existsSync(FILE)) return undefined;
  const all: Marked[] = [];
  for (const block of readFileSync(FILE, 'utf8').split(/\n\s*\n/)) {
    let text = '';
    const spans: [number, number, string][] = [];
    for (const line of block.split('\n')) {
      const match = /^(.*?)\s+([BI])-(\S+)\s*$/.exec(line);
      if (!match) continue;
      const label = match[3]!.toLowerCase().replace(/^prov$/, 'province');
      const last = spans.at(-1);
      if (match[2] === 'I' && last?.[2] === label) last[1] += match[1]!.length;
      else spans.push([text.length, text.length + match[1]!.length, label]);
      text += match[1]!;
    }
    if (text) all.push({ text, spans: new Set(spans.map((one) => one.join(' '))) });
  }
  return { even: all.filter((_, i) => i % 2 === 0), odd: all.filter((_, i) => i % 2 === 1) };
}

/** F1 by element, exact span and label. */
export function measure(marked: readonly Marked[]): number {
  let both = 0;
  let right = 0;
  for (const { text, spans } of marked) {
    const found = parse(text, { confidence: false });
    both += spans.size + found.length;
    for (const one of found) if (spans.has(`${one.start} ${one.end} ${one.label}`)) right++;
  }
  return (2 * right) / both;
}
