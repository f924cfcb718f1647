/** Personal data in values: found in every spelling, and not where numbers only look alike. */
import { citizenId, citizenId15, mobile, randomOf, regno, uscc } from '@jingwei/codes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPersonal, luhn, namelike, plainForm, veiled } from './patterns.ts';
import { ColumnJudge } from './scan.ts';

const kinds = (text: string) => findPersonal(text).map((f) => f.kind);
const id = (seed: number) => citizenId.generate(seed);
const phone = (seed: number) => mobile.generate(seed);
const card = (seed: number): string => {
  const random = randomOf(seed);
  const body = `622202${Array.from({ length: 12 }, () => Math.floor(random() * 10)).join('')}`;
  for (let d = 0; d < 10; d++) if (luhn(body + d)) return body + d;
  throw new Error('one of ten digits passes');
};

const wide = (t: string) => t.replace(/[0-9A-Z]/g, (c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0));
const han = (t: string) => t.replace(/\d/g, (d) => '〇一二三四五六七八九'[Number(d)]!);
const spaced = (t: string) => t.replace(/(.{3,4})(?=.)/g, '$1 ');
const dashed = (t: string) => t.replace(/(.{4})(?=.)/g, '$1-');
const hidden = (t: string) => [...t].join('\u200b');
const looks = (t: string) => t.replace(/0/, 'O').replace(/1(?=\d{3})/, 'l');
const amid = (t: string) => `备注：请联系${t}，谢谢。`;

test('citizen ids are found in every spelling, alone and in sentences', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.constantFrom(
        (t: string) => t,
        wide,
        spaced,
        dashed,
        hidden,
        (t: string) => t.toLowerCase(),
        (t: string) => `${t.slice(0, 6)} ${t.slice(6, 14)} ${t.slice(14)}`,
        (t: string) => (t.endsWith('X') ? t : han(t)),
      ),
      fc.boolean(),
      (seed, spell, inside) => {
        const text = spell(id(seed));
        expect(kinds(inside ? amid(text) : text), text).toContain('citizen-id');
      },
    ),
    { numRuns: 300 },
  );
});

test('telephones are found in every spelling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.constantFrom(
        (t: string) => t,
        wide,
        han,
        hidden,
        looks,
        (t: string) => `+86 ${t}`,
        (t: string) => `86-${t}`,
        (t: string) => `${t.slice(0, 3)}.${t.slice(3, 7)}.${t.slice(7)}`,
        (t: string) => `${t.slice(0, 3)} ${t.slice(3, 7)} ${t.slice(7)}`,
        (t: string) => `(${t.slice(0, 3)})${t.slice(3, 7)}-${t.slice(7)}`,
      ),
      fc.boolean(),
      (seed, spell, inside) => {
        const text = spell(phone(seed));
        expect(kinds(inside ? amid(text) : text), text).toContain('phone');
      },
    ),
    { numRuns: 300 },
  );
});

test('cards, e-mail, plates, passports, fixed lines, keyed names, doors and tokens are found', () => {
  for (const seed of [1, 2, 3, 4, 5]) expect(kinds(amid(spaced(card(seed))))).toContain('bank-card');
  expect(kinds('wang.xm@example.com')).toContain('email');
  expect(kinds('wang（at）example.com')).toContain('email');
  for (const plate of ['浙B12345', '浙B·D12345', '浙 B 1234A', '浙Ｂ１２３４５'])
    expect(kinds(plate), plate).toContain('plate');
  expect(kinds('护照 E12345678')).toContain('passport');
  for (const line of ['0574-63811234', '（0574）6381 1234', '0574 63811234'])
    expect(kinds(line), line).toContain('fixed-phone');
  expect(kinds('法定代表人：王小明，男')).toContain('name');
  for (const door of ['浒山街道孙塘路12号', '新浦镇六塘村3组21号', '某小区5幢2单元301室'])
    expect(kinds(door), door).toContain('door');
  expect(kinds(`x c~${'a'.repeat(26)}`)).toContain('token');
});

test('what only looks alike is let be', () => {
  for (let seed = 1; seed < 200; seed++) expect(kinds(uscc.generate(seed)), uscc.generate(seed)).toEqual([]);
  for (const text of [
    'LINESTRING (121.2345678901 30.1712345678, 131.2345678901 30.2)',
    '2020-01-01 2021-12-31',
    '慈市监食许〔2024〕123号',
    '1380000',
    '慈溪市周巷镇',
    '存续',
    '330282',
  ])
    expect(kinds(text), text).toEqual([]);
  for (const word of ['周巷镇', '金属制品', '高新技术企业', '存续', '商业', '房地产业', '慈溪市'])
    expect(namelike(word), word).toBe(false);
  for (const name of ['王小明', '欧阳锋', '陈 静', '裘斌']) expect(namelike(name), name).toBe(true);
});

test('a whole column decides where chance makes the same form', () => {
  const chance = new ColumnJudge('许可证编号');
  for (let n = 0; n < 400; n++) chance.take(`4${String(100000000000000 + n * 7919).slice(1)}${n % 10}`, 1, n);
  expect(chance.findings().filter((f) => f.kind === 'bank-card')).toEqual([]);
  const cards = new ColumnJudge('备注');
  cards.take(card(9), 1, 1);
  for (let n = 0; n < 50; n++) cards.take(`第${n}批`, 1, n);
  expect(cards.findings().map((f) => f.kind)).toEqual(['bank-card']);
  const numbers = new ColumnJudge('注册号');
  const old = new ColumnJudge('号码');
  for (let n = 1; n < 60; n++) numbers.take(regno.generate(n), 1, n);
  for (let n = 1; n < 60; n++) old.take(citizenId15.generate(n), 1, n);
  expect(numbers.findings()).toEqual([]);
  expect(old.findings().map((f) => f.kind)).toEqual(['citizen-id']);
  const people = new ColumnJudge('负责人');
  for (const n of ['王小明', '陈静', '裘斌']) people.take(n, 2, 1);
  expect(people.findings()).toMatchObject([{ kind: 'name', places: 6, of: 6 }]);
});

test('examples show a form and never a value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      for (const found of findPersonal(`${id(seed)} ${phone(seed)}`)) {
        expect(veiled(found).replace(/[^*]/g, '').length).toBeGreaterThanOrEqual(9);
        expect(plainForm(veiled(found))).not.toContain(found.text.slice(3, 11));
      }
    }),
    { numRuns: 50 },
  );
});
