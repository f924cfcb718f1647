import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { companyNameKey, normaliseCompanyName } from './company-names.ts';
import { parseDate } from './dates.ts';
import { normaliseAddress, normalisePersonName, personNameKey } from './names.ts';
import {
  sqlCompanyNameKey,
  sqlDate,
  sqlNormaliseAddress,
  sqlNormaliseCompanyName,
  sqlNormalisePersonName,
  sqlPersonNameKey,
} from './sql-names.ts';

let connection: DuckDBConnection;
let instance: DuckDBInstance;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' });
  connection = await instance.connect();
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** Runs an expression over column `t` for every text, in order. */
async function evaluate(expression: string, texts: string[]): Promise<unknown[]> {
  await connection.run('CREATE OR REPLACE TEMP TABLE texts (i INTEGER, t VARCHAR)');
  const appender = await connection.createAppender('texts');
  texts.forEach((text, i) => {
    appender.appendInteger(i);
    appender.appendVarchar(text);
    appender.endRow();
  });
  appender.closeSync();
  const reader = await connection.runAndReadAll(`SELECT ${expression} FROM texts ORDER BY i`);
  return reader.getRows().map((row) => row[0]);
}

const pieces = fc.constantFrom(
  ...[
    '公牛',
    '慈溪',
    '有限责任公司',
    '有限公司',
    '张',
    '三',
    '阿卜杜拉',
    '𠮷',
    '㐀',
    '路18号',
    'A',
    'b',
    'Ｃ',
    'ｄ',
    '1',
    '２',
    '(',
    ')',
    '（',
    '）',
    '【',
  ],
  ...[
    '】',
    '[',
    '〔',
    '{',
    ' ',
    '  ',
    '\u3000',
    '\u00a0',
    '\t',
    '\n',
    '·',
    '•',
    '・',
    '.',
    ',',
    '，',
    '、',
    '&',
    '-',
    '—',
    '－',
    '#',
    'é',
    'ı',
    '~',
  ],
);

/** Texts of names and addresses in every state of disorder. */
const texts = [
  '',
  ...fc.sample(fc.array(pieces, { maxLength: 10 }), { numRuns: 4000, seed: 1 }).map((parts) => parts.join('')),
];

describe.each([
  ['company name', sqlNormaliseCompanyName, (text: string) => normaliseCompanyName(text).value],
  ['company key', sqlCompanyNameKey, companyNameKey],
  ['person name', sqlNormalisePersonName, (text: string) => normalisePersonName(text).value],
  ['person key', sqlPersonNameKey, personNameKey],
  ['address', sqlNormaliseAddress, (text: string) => normaliseAddress(text).value],
] as const)('SQL of the %s', (_, sql, plain) => {
  it('agrees with the function on thousands of texts', async () => {
    const answers = await evaluate(sql('t'), texts);
    expect(texts.filter((text, i) => answers[i] !== plain(text))).toEqual([]);
    expect(texts.filter((text, i) => answers[i] !== text).length).toBeGreaterThan(1000);
  });

  it('leaves NULL alone', async () => {
    const reader = await connection.runAndReadAll(`SELECT ${sql('x.t')} FROM (SELECT NULL::VARCHAR AS t) x`);
    expect(reader.getRows()).toEqual([[null]]);
  });
});

describe('SQL of dates', () => {
  const part = (max: number) => fc.tuple(fc.integer({ min: 0, max }), fc.boolean());
  const date = fc
    .tuple(
      fc.integer({ min: 1790, max: 2110 }),
      part(14),
      part(33),
      fc.constantFrom('', '-', '/', '.', '年', '-x'),
      fc.constantFrom('', '', '', ' 00:00:00', 'T10:11:12.5', ' 9:05', ' 25:00', '101112', ' ', 'x'),
    )
    .map(([year, [month, wideMonth], [day, wideDay], separator, tail]) => {
      const pad = (value: number, wide: boolean) =>
        wide || separator === '' ? String(value).padStart(2, '0') : String(value);
      const [m, d] = [pad(month, wideMonth), pad(day, wideDay)];
      if (separator === '年') return `${year}年${m}月${d}日${tail}`;
      if (separator === '-x') return `${year}-${m}/${d}${tail}`;
      return `${year}${separator}${m}${separator}${d}${tail}`;
    });

  it('agrees with the function on thousands of dates that exist and that do not', async () => {
    const dates = [
      '',
      '0000-00-00',
      '20210231',
      'N/A',
      '2021',
      '21-2-3',
      ...fc.sample(date, { numRuns: 6000, seed: 7 }),
    ];
    const answers = await evaluate(`CAST(${sqlDate('t')} AS VARCHAR)`, dates);
    const differing = dates.filter((text, i) => {
      const parsed = parseDate(text, { serial: false });
      return (parsed.ok && text === text.trim() ? parsed.value.iso : null) !== answers[i];
    });
    expect(differing).toEqual([]);
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(1000);
  });
});
