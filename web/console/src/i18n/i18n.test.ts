import { describe, expect, test } from 'vitest';
import { pages } from '../pages.ts';
import { resources } from './resources.ts';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (typeof value === 'string') found.set(path, value);
    else for (const [k, v] of flat(value, path)) found.set(k, v);
  }
  return found;
}

const zh = flat(resources.zh as Tree);
const en = flat(resources.en as Tree);
const han = /\p{Script=Han}/u;

/** Texts that are rightly the same sort in both: the switch names the other language in that language, a shape's legend shows a Chinese character. */
const hanInEnglish = new Set(['frame.other-language', 'refinery.profile.patterns']);
const latinInChinese = new Set(['frame.other-language', 'terms.transport.postgres', 'terms.transport.mysql']);

/** What is wrong between two languages: keys that one lacks, and texts that were left in the other's script. */
function faults(chinese: Map<string, string>, english: Map<string, string>): string[] {
  const wrong: string[] = [];
  for (const key of chinese.keys()) if (!english.has(key)) wrong.push(`en lacks ${key}`);
  for (const key of english.keys()) if (!chinese.has(key)) wrong.push(`zh lacks ${key}`);
  for (const [key, text] of english)
    if (han.test(text) && !hanInEnglish.has(key)) wrong.push(`en not translated: ${key}`);
  for (const [key, text] of chinese)
    if (!han.test(text) && !latinInChinese.has(key)) wrong.push(`zh not translated: ${key}`);
  for (const [key, text] of chinese) {
    const names = (s: string) => (s.match(/\{\{\w+\}\}/g) ?? []).sort().join();
    const other = english.get(key);
    if (other !== undefined && names(text) !== names(other)) wrong.push(`placeholders differ: ${key}`);
  }
  return wrong;
}

describe('texts', () => {
  test('both languages hold the same keys, each in its own language, with the same placeholders', () => {
    expect(zh.size).toBeGreaterThan(400);
    expect(faults(zh, en)).toEqual([]);
  });

  test('a missing key, an untranslated text and a lost placeholder are each found', () => {
    expect(faults(new Map([['a', '甲']]), new Map())).toEqual(['en lacks a']);
    expect(faults(new Map(), new Map([['a', 'A']]))).toEqual(['zh lacks a']);
    expect(faults(new Map([['a', '甲']]), new Map([['a', '甲']]))).toEqual(['en not translated: a']);
    expect(faults(new Map([['a', 'A']]), new Map([['a', 'A']]))).toEqual(['zh not translated: a']);
    expect(faults(new Map([['a', '甲{{n}}']]), new Map([['a', 'A']]))).toEqual(['placeholders differ: a']);
  });

  test('every route has a title in both languages', () => {
    for (const page of pages) {
      expect(zh.get(`titles.${page.title}`), page.path).toBeTruthy();
      expect(en.get(`titles.${page.title}`), page.path).toBeTruthy();
      if (page.area !== 'account') expect(zh.has(`titles.area.${page.area}`)).toBe(true);
    }
  });

  test('no text is empty but a unit that English does not write', () => {
    const empty = [...zh, ...en].filter(([, text]) => text.trim() === '').map(([key]) => key);
    expect(empty).toEqual(['overview.entity-unit']);
  });
});

describe('texts that the code asks for', () => {
  const files = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.test.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const code = Object.values(files).join('\n');
  const asked = [...code.matchAll(/\bt\(\s*(?:[^'"`(]*\?\s*)?'([a-z][\w.-]+)'/g)].map((m) => m[1]!);

  test('all exist', () => {
    expect(asked.length).toBeGreaterThan(300);
    expect([...new Set(asked)].filter((key) => !zh.has(key))).toEqual([]);
  });

  test('keys built from a value have at least one text below their beginning', () => {
    const beginnings = [...code.matchAll(/\bt\(`([a-z][\w.-]+)\.?\$\{/g)].map((m) => m[1]!);
    expect(beginnings.length).toBeGreaterThan(20);
    for (const beginning of new Set(beginnings)) {
      expect(
        [...zh.keys()].some((key) => key.startsWith(beginning)),
        beginning,
      ).toBe(true);
    }
  });
});
