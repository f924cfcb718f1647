/** The corpus of the NAACL 2019 paper "Neural Chinese Address Parsing": a token and its B-/I- label a line, an empty line between addresses. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the corpus stands beside the checkout; it is no part of the project. */
export const CORPUS = fileURLToPath(new URL('../../../shared/data/addresses/dev.txt', import.meta.url));

/** A marked address: its text and its elements, labels as in the corpus but lower case. */
export interface Marked {
  text: string;
  spans: { start: number; end: number; label: string }[];
}

/** The marked addresses of a file; undefined where the file is absent. */
export function readCorpus(path: string = CORPUS): Marked[] | undefined {
  if (!existsSync(path)) return undefined;
  const marked: Marked[] = [];
  for (const block of readFileSync(path, 'utf8').split(/\n\s*\n/)) {
    const one: Marked = { text: '', spans: [] };
    for (const line of block.split('\n')) {
      const match = /^(.*?)\s+([BI])-(\S+)\s*$/.exec(line);
      if (!match) continue;
      const [, token, mark, name] = match as unknown as [string, string, string, string];
      const label = name.toLowerCase().replace(/^prov$/, 'province');
      const last = one.spans.at(-1);
      const start = one.text.length;
      one.text += token;
      if (mark === 'I' && last && last.label === label) last.end = one.text.length;
      else one.spans.push({ start, end: one.text.length, label });
    }
    if (one.text) marked.push(one);
  }
  return marked;
}

/** Two halves of the corpus at random (the same ones every time): one to look at while working, one for the final figure only. */
export function halves(marked: readonly Marked[], seed = 20261121): { tuning: Marked[]; untouched: Marked[] } {
  const order = marked.map((_, i) => i);
  let state = seed >>> 0;
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 4294967296) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const half = Math.floor(order.length / 2);
  return {
    tuning: order.slice(0, half).map((i) => marked[i]!),
    untouched: order.slice(half).map((i) => marked[i]!),
  };
}

/** Counts of a comparison. */
export interface Counts {
  gold: number;
  found: number;
  right: number;
}

/** F1 of counts. */
export function f1({ gold, found, right }: Counts): number {
  return gold + found === 0 ? 0 : (2 * right) / (gold + found);
}
