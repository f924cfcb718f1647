/** How two addresses agree, element by element, with a score and the reasons. */

import { stemOf } from '@jingwei/codes';
import { LABEL_TITLES, type Label } from './labels.ts';
import type { Parts } from './normalise.ts';

/** `same`; `similar` one name contains the other; `omitted` only one says it, which contradicts nothing; `different` both say it, otherwise. */
export type Agreement = 'same' | 'similar' | 'omitted' | 'different';

/** The outcome for one label. */
export interface ElementAgreement {
  label: Label;
  agreement: Agreement;
  a?: string;
  b?: string;
  zh: string;
  en: string;
}

/** The outcome of {@link compare}. */
export interface Comparison {
  /** 0 … 1: the share of what both say that agrees; 0 when nothing is said by both. A different division, road or number counts in full. */
  score: number;
  /** True when nothing differs. */
  compatible: boolean;
  elements: ElementAgreement[];
}

/** How much each element says of where an address is. */
const WEIGHTS: Partial<Record<Label, number>> = {
  province: 1,
  city: 2,
  district: 4,
  devzone: 2,
  town: 4,
  community: 4,
  road: 8,
  roadno: 8,
  subroad: 4,
  subroadno: 4,
  poi: 6,
  subpoi: 2,
  houseno: 6,
  cellno: 3,
  floorno: 2,
  roomno: 5,
};

const DIVISIONS = new Set<Label>(['province', 'city', 'district', 'town']);
const NAMES = new Set<Label>(['devzone', 'community', 'road', 'poi', 'subpoi']);

const WORDS: Readonly<Record<Agreement, readonly [zh: string, en: string]>> = {
  same: ['一致', 'the same'],
  similar: ['相近', 'similar'],
  omitted: ['仅一方写明', 'written by one only'],
  different: ['矛盾', 'contradictory'],
};

/** How two values of a label agree. */
export function agreementOf(label: Label, a: string | undefined, b: string | undefined): Agreement {
  if (a === undefined || b === undefined) return 'omitted';
  if (a === b) return 'same';
  if (DIVISIONS.has(label)) return stemOf(a) === stemOf(b) ? 'same' : 'different';
  if (NAMES.has(label)) {
    const [short, long] = a.length < b.length ? [a, b] : [b, a];
    if (short.length >= 2 && long.includes(short)) return 'similar';
    return 'different';
  }
  return stemOfNumber(a) === stemOfNumber(b) ? 'same' : 'different';
}

/** A number without its unit. */
export function stemOfNumber(value: string): string {
  return value.replace(/[^0-9A-Za-z\-~、.附之弄巷]+$/, '');
}

/** Compares two canonical addresses. Symmetric: `compare(a, b).score` is `compare(b, a).score`. */
export function compare(a: Parts, b: Parts): Comparison {
  const elements: ElementAgreement[] = [];
  let said = 0;
  let agreed = 0;
  let compatible = true;
  for (const [label, weight] of Object.entries(WEIGHTS) as [Label, number][]) {
    const left = a[label];
    const right = b[label];
    if (left === undefined && right === undefined) continue;
    const agreement = agreementOf(label, left, right);
    const title = LABEL_TITLES[label];
    const [zh, en] = WORDS[agreement];
    const values = `${left ?? '—'} / ${right ?? '—'}`;
    elements.push({
      label,
      agreement,
      ...(left === undefined ? {} : { a: left }),
      ...(right === undefined ? {} : { b: right }),
      zh: `${title.zh}${zh}：${values}`,
      en: `${title.en} ${en}: ${values}`,
    });
    if (agreement === 'omitted') continue;
    said += weight;
    if (agreement === 'same') agreed += weight;
    else if (agreement === 'similar') agreed += weight * 0.8;
    else compatible = false;
  }
  return { score: said === 0 ? 0 : agreed / said, compatible, elements };
}
