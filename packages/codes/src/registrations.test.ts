import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAmount } from './amounts.ts';
import { parseCompanyName } from './company-names.ts';
import { parseDate } from './dates.ts';
import { uscc } from './uscc.ts';

/**
 * Agreement with 21,439 real registrations. The file is not part of the project: it lies beside it, and these tests run where it is
 * present. With CI=true it must be.
 */
const file = fileURLToPath(
  new URL('../../../../shared/data/enterprises/ningbo-registrations-1980-2004.csv', import.meta.url),
);
const wanted = existsSync(file) || process.env.CI === 'true';

interface Row {
  name: string;
  code: string;
  date: string;
  capital: string;
}

/** The columns that are looked at; fields may be quoted and hold commas and line ends. */
function read(): Row[] {
  const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/g)) {
    const cell = match[1] as string;
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (match[2] === ',') continue;
    if (row.length > 1) rows.push(row);
    row = [];
    if (match[2] === '') break;
  }
  return rows.slice(1).map((cells) => ({
    name: cells[0] as string,
    code: cells[1] as string,
    date: cells[2] as string,
    capital: cells[5] as string,
  }));
}

describe.runIf(wanted)('real registrations of Ningbo', () => {
  let rows: Row[] = [];
  beforeAll(() => {
    rows = read();
  });

  it('accepts all unified codes but the 12 with a lower-case letter, and those after normalising', () => {
    expect(rows).toHaveLength(21_439);
    const refused = rows.filter((row) => !uscc.check(row.code));
    expect(refused).toHaveLength(12);
    for (const { code } of refused) {
      expect(code).toMatch(/[a-z]/);
      expect(uscc.explain(code)[0]).toMatchObject({ code: 'codes.character' });
      const repaired = uscc.normalise(code);
      expect(uscc.check(repaired.value)).toBe(true);
      expect(new Set(repaired.changes.map((change) => change.kind))).toEqual(new Set(['case']));
    }
  });

  it('knows the department, category and division of every code, and finds a valid organisation code inside', () => {
    expect(rows.flatMap((row) => uscc.explain(uscc.normalise(row.code).value))).toEqual([]);
  });

  it('reads every date', () => {
    expect(rows.filter((row) => !parseDate(row.date).ok)).toEqual([]);
  });

  it('reads every capital but N/A and one that is a name', () => {
    const refused = rows
      .map((row) => ({ capital: row.capital, parsed: parseAmount(row.capital) }))
      .filter(({ parsed }) => !parsed.ok);
    const empty = refused.filter(({ parsed }) => !parsed.ok && parsed.reasons[0]?.code === 'codes.empty');
    expect(empty).toHaveLength(7285);
    expect(refused.filter((one) => !empty.includes(one)).map(({ capital }) => capital)).toEqual([
      'ABDULHAKIM SULEMANI',
    ]);
  });

  it('finds a legal form in nearly every name and a division in most', () => {
    const parsed = rows.map((row) => parseCompanyName(row.name, { home: '3302' }));
    expect(parsed.filter((one) => one.form !== '').length / rows.length).toBeGreaterThan(0.99);
    expect(parsed.filter((one) => one.divisions.length > 0).length / rows.length).toBeGreaterThan(0.9);
    expect(parsed.filter((one) => one.trade.length >= 2 && one.trade.length <= 4).length / rows.length).toBeGreaterThan(
      0.8,
    );
  });
});
