/** National industries (GB/T 4754-2017): section → two → three → four digits; look-up, path, children, search by name. */

import { CharMap, HYPHENS, SPACES } from './characters.ts';
import { INDUSTRY_LINES } from './industry-data.ts';
import { type CodeKind, type Outcome, outcome, type Reason, reason } from './kind.ts';
import { pick, randomOf } from './random.ts';

/** One entry of the classification. */
export interface Industry {
  /** `C`, `38`, `385` or `3854`. */
  code: string;
  name: string;
  /** section 门类, division 大类, group 中类, class 小类. */
  level: 'section' | 'division' | 'group' | 'class';
  /** Letter of the section. */
  section: string;
  /** Code of the entry above; undefined for sections. */
  parent: string | undefined;
}

/** The standard that the table follows. */
export const INDUSTRY_TABLE = { standard: 'GB/T 4754-2017', entries: 1971 } as const;

/** Sections (门类) of GB/T 4754—2017: letter, and the first and last of its two-digit divisions. */
export const INDUSTRY_SECTIONS: readonly (readonly [string, number, number])[] = [
  ['A', 1, 5],
  ['B', 6, 12],
  ['C', 13, 43],
  ['D', 44, 46],
  ['E', 47, 50],
  ['F', 51, 52],
  ['G', 53, 60],
  ['H', 61, 62],
  ['I', 63, 65],
  ['J', 66, 69],
  ['K', 70, 70],
  ['L', 71, 72],
  ['M', 73, 75],
  ['N', 76, 79],
  ['O', 80, 82],
  ['P', 83, 83],
  ['Q', 84, 85],
  ['R', 86, 90],
  ['S', 91, 96],
  ['T', 97, 97],
];

let loaded: Map<string, Industry> | undefined;

function table(): Map<string, Industry> {
  if (loaded) return loaded;
  const map = new Map<string, Industry>();
  let section = '';
  for (const line of INDUSTRY_LINES) {
    if (line[0] !== undefined && line[0] > '9') {
      section = line[0];
      map.set(section, { code: section, name: line.slice(1), level: 'section', section, parent: undefined });
      continue;
    }
    const division = line.slice(0, 2);
    for (const [index, entry] of line.split('|').entries()) {
      if (index === 0) {
        map.set(division, { code: division, name: entry.slice(2), level: 'division', section, parent: section });
        continue;
      }
      const digits = /^\d{1,2}/.exec(entry)?.[0] ?? '';
      const code = division + digits;
      map.set(code, {
        code,
        name: entry.slice(digits.length),
        level: digits.length === 1 ? 'group' : 'class',
        section,
        parent: code.slice(0, -1),
      });
    }
  }
  loaded = map;
  return map;
}

/**
 * Looks an industry up: `C`, `38`, `385`, `3854`, also with the section letter before the digits (`C3854`, as many registers write it).
 * Undefined for an unknown code and for a letter that is not the section of the digits.
 */
export function industryAt(code: string): Industry | undefined {
  const digits = code.length > 1 && code[0] !== undefined && code[0] > '9' ? code.slice(1) : code;
  const found = table().get(digits);
  return found && digits !== code && found.section !== code[0] ? undefined : found;
}

/** From the section down to the code: 3854 → C, 38, 385, 3854; empty for an unknown code. */
export function industryPath(code: string): Industry[] {
  const path: Industry[] = [];
  for (let one = industryAt(code); one; one = one.parent === undefined ? undefined : table().get(one.parent)) {
    path.unshift(one);
  }
  return path;
}

/** The entries directly below a code; without a code the sections. */
export function industryChildren(code?: string): Industry[] {
  const parent = code === undefined ? undefined : industryAt(code)?.code;
  if (code !== undefined && parent === undefined) return [];
  return [...table().values()].filter((one) => one.parent === parent);
}

/**
 * Industries whose name contains every given word (words are parted by spaces). Exact names come first, then shorter names; inside
 * one length the order of the codes.
 */
export function findIndustries(text: string, options: { level?: Industry['level']; limit?: number } = {}): Industry[] {
  const words = text.split(/[\s\u3000]+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  return [...table().values()]
    .filter((one) => (!options.level || one.level === options.level) && words.every((word) => one.name.includes(word)))
    .sort((a, b) => Number(b.name === text) - Number(a.name === text) || a.name.length - b.name.length)
    .slice(0, options.limit ?? 50);
}

function explain(text: string): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (industryAt(text)) return [];
  if (!/^[A-T]?\d{0,4}$/.test(text)) {
    const expected = { zh: '门类字母和至多四位数字', en: 'a section letter and up to four digits' };
    return [reason('codes.form', { got: text, expected })];
  }
  return [reason('codes.unknown', { got: text, expected: INDUSTRY_TABLE.standard })];
}

const map = new CharMap({ upper: true, drop: SPACES + HYPHENS });

/** Industry code; `format` answers the digits without the section letter, as the standard prints them. */
export const industry: CodeKind<Industry, { section?: string; level?: Industry['level'] }> = {
  name: 'industry',
  title: { zh: '国民经济行业代码', en: 'industry code' },
  check: (text) => industryAt(text) !== undefined,
  explain,
  parse: (text): Outcome<Industry> => outcome(explain(text), () => industryAt(text) as Industry),
  normalise: (text) => map.normalise(text),
  format: (value) => value.code,
  generate(seed, wishes = {}) {
    const level = wishes.level ?? 'class';
    const codes = [...table().values()].filter(
      (one) => one.level === level && (wishes.section === undefined || one.section === wishes.section),
    );
    return pick(randomOf(seed), codes).code;
  },
};
