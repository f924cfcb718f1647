import { uscc } from '@jingwei/codes';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceField } from '../catalogue/index.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { cleanField, cleanOrgcode, cleanRegno, cleanUscc, numberOf } from './clean.ts';
import { nameKey } from './pairs.ts';
import { addressKey } from './registers.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
});
afterAll(() => lake.close());

const field = (more: Partial<SourceField>): SourceField => ({
  name: 'x',
  title: { zh: 'x', en: 'x' },
  type: 'text',
  required: false,
  onInvalid: 'flag',
  protection: 'public',
  ...more,
});

/** What becomes of received strings; a flagged value is told by a leading '!'. */
async function cleaned(sql: string, values: (string | null)[]): Promise<string[]> {
  const rows = await lake.session(async (s) => {
    await s.run('CREATE OR REPLACE TEMP TABLE t (i INTEGER, x VARCHAR)');
    await s.append(
      't',
      values.map((v, i) => [i, v]),
    );
    return s.query<{ y: string }>(`SELECT ${sql} AS y FROM t ORDER BY i`);
  });
  return rows.map((r) => String(r.y).replace('\x18', '!'));
}

test('dates in all usual forms become one; days that do not exist are flagged', async () => {
  const given = [
    '2021-02-03',
    '20210203',
    '2021/2/3',
    '2021年2月3日',
    '２０２１－０２－０３',
    '2021.02.03',
    '2021-02-03 04:05:06',
    '20210231',
    '0000-00-00',
    '2021',
    'soon',
    '',
    null,
  ];
  expect(await cleaned(cleanField(field({ type: 'date' }), 'x'), given)).toEqual([
    ...Array(7).fill('2021-02-03'),
    '!20210231',
    '!0000-00-00',
    '!2021',
    '!soon',
    '',
    '',
  ]);
});

test('amounts come into the unit of their field; another currency stays beside the number', async () => {
  const capital = field({ type: 'decimal', format: 'amount', unit: '万元', min: 0 });
  const given = [
    '2505.6833万人民币',
    '100',
    '７万人民币',
    '50万元',
    '500000元',
    '1,234.5',
    '100万美元',
    '人民币3亿元',
    '83,204.2960(万元人民币)',
    '-1',
    '-',
    'N/A',
    '12.50',
    '1e5',
  ];
  expect(await cleaned(cleanField(capital, 'x'), given)).toEqual([
    '2505.6833',
    '100',
    '7',
    '50',
    '50',
    '1234.5',
    '100 USD',
    '30000',
    '83204.296',
    '!-1',
    '!-',
    '!N/A',
    '12.50',
    '!1e5',
  ]);
  expect(await cleaned(numberOf(capital, 'x'), ['2505.6833万人民币', 'x', '100'])).toEqual([
    '2505.6833',
    'null',
    '100.0000',
  ]);
});

test('numbers keep to their type, unit and bounds', async () => {
  const share = field({ type: 'decimal', unit: '%', min: 0, max: 100 });
  expect(await cleaned(cleanField(share, 'x'), ['40', '40%', '100.5', ' 7 ', 'half'])).toEqual([
    '40',
    '40',
    '!100.5',
    '7',
    '!half',
  ]);
  expect(await cleaned(cleanField(field({ type: 'integer' }), 'x'), ['12', '12.0', '12.7', '１２'])).toEqual([
    '12',
    '12',
    '!12.7',
    '12',
  ]);
});

test('names and addresses lose odd blanks and widths; brackets are those of the registers', async () => {
  expect(
    await cleaned(cleanField(field({ format: 'company-name' }), 'x'), [
      '慈溪市ＡＢ电器(集团)有限公司',
      ' 慈溪市　宏达 厂',
      '　',
    ]),
  ).toEqual(['慈溪市AB电器（集团）有限公司', '慈溪市宏达厂', '!　']);
  expect(await cleaned(cleanField(field({ format: 'person-name' }), 'x'), ['张 三', 'JOHN SMITH'])).toEqual([
    '张三',
    'JOHN SMITH',
  ]);
  expect(await cleaned(cleanField(field({ format: 'address' }), 'x'), ['慈溪市　周巷镇开发路２号'])).toEqual([
    '慈溪市周巷镇开发路2号',
  ]);
  expect(await cleaned(cleanField(field({}), 'x'), [' a b ', 'a\x1fb', '\x18x', ' '])).toEqual([
    'a b',
    'a b',
    'x',
    '! ',
  ]);
});

test('declared codes and synonyms', async () => {
  expect(await cleaned(cleanField(field({ codes: { '1': '男', '2': '女' } }), 'x'), ['1', '女', ' 2', '3'])).toEqual([
    '1',
    '2',
    '2',
    '!3',
  ]);
  expect(await cleaned(cleanField(field({ synonyms: { 在业: '存续' } }), 'x'), ['在业', '存续', null])).toEqual([
    '存续',
    '存续',
    '',
  ]);
});

test('codes are repaired when repairing makes them valid, and flagged otherwise', async () => {
  const code = '91330203144075041N';
  const valid = uscc.check(code) ? code : uscc.generate(5);
  const wide = [...valid].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join('');
  expect(
    await cleaned(cleanUscc('x'), [
      valid,
      valid.toLowerCase(),
      wide,
      ` ${valid.slice(0, 8)} ${valid.slice(8)}`,
      `${valid.slice(0, 17)}${valid[17] === '1' ? '2' : '1'}`,
    ]),
  ).toEqual([valid, valid, valid, valid, `!${valid.slice(0, 17)}${valid[17] === '1' ? '2' : '1'}`]);
  expect(await cleaned(cleanOrgcode('x'), ['D2143569-X', 'd2143569x', 'D21435691'])).toEqual([
    'D2143569X',
    'D2143569X',
    '!D21435691',
  ]);
  expect(await cleaned(cleanRegno('x'), ['330203000030639', '330203000030638'])).toEqual([
    '330203000030639',
    '!330203000030638',
  ]);
});

test('cleaning a clean value changes nothing, and a payload never gains a separator', async () => {
  const formats = [
    field({}),
    field({ format: 'company-name' }),
    field({ format: 'address' }),
    field({ type: 'date' }),
    field({ type: 'decimal', format: 'amount', unit: '元' }),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 30 }),
      async (values) => {
        const plain = values.map((v) => v.replaceAll('\0', ''));
        for (const f of formats) {
          const once = (await cleaned(cleanField(f, 'x'), plain)).map((v) => v);
          expect(once.every((v) => !v.includes('\x1f'))).toBe(true);
          const fine = once.filter((v) => !v.startsWith('!') && v !== 'null');
          expect(await cleaned(cleanField(f, 'x'), fine)).toEqual(fine);
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('spellings of one name have one key, long and short addresses too', async () => {
  const names = await cleaned(nameKey('x'), [
    '慈溪市宏达电器（集团）有限公司',
    '慈溪市宏达电器集团有限公司',
    'N/A',
    '店',
  ]);
  expect(names[0]).toBe(names[1]);
  expect(names.slice(2)).toEqual(['null', 'null']);
  const addresses = await cleaned(addressKey('x'), [
    '浙江省慈溪市周巷镇开发路2号',
    '慈溪市周巷镇开发路2号',
    '浙江省宁波市慈溪市周巷镇开发路2号',
  ]);
  expect(new Set(addresses).size).toBe(1);
});

test('a spelling that stands for nothing is blank, and other values are cleaned as their format asks', async () => {
  const capital = field({ type: 'decimal', format: 'amount', unit: '万元', synonyms: { 'N/A': '' } });
  expect(await cleaned(cleanField(capital, 'x'), ['N/A', '50(万元人民币)', '-'])).toEqual(['', '50', '!-']);
  const code = field({ format: 'uscc', synonyms: { 'N/A': '' } });
  expect(await cleaned(cleanField(code, 'x'), ['N/A', '91350100m000100y43'])).toEqual(['', '91350100M000100Y43']);
});
