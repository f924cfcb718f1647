import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HYPHENS, SPACES } from './characters.ts';
import { citizenId } from './citizen-id.ts';
import type { CodeKind } from './kind.ts';
import { orgcode } from './orgcode.ts';
import { mobile } from './phone.ts';
import { regno } from './regno.ts';
import {
  sqlCitizenIdValid,
  sqlMobileValid,
  sqlNormaliseDigitLike,
  sqlNormaliseOrgcode,
  sqlOrgcodeValid,
  sqlRegnoValid,
  sqlUsccValid,
} from './sql.ts';
import { roughCodes } from './testing.ts';
import { uscc } from './uscc.ts';

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

/** Texts that a database can hold: no NUL, no lone surrogates. */
function sample<T>(kind: CodeKind<T>, count: number): string[] {
  const odd = fc
    .tuple(
      fc.integer().map((seed) => kind.generate(seed)),
      fc.nat(),
      fc.constantFrom(...SPACES, ...HYPHENS, 'ı', 'ß', '٣', '𠮷', 'é', '\n'),
    )
    .map(([code, at, char]) => code.slice(0, at % (code.length + 1)) + char + code.slice(at % (code.length + 1)));
  return fc
    .sample(fc.oneof(roughCodes(kind), odd), { numRuns: count, seed: 32100 })
    .filter((text) => !/[\ud800-\udfff\0]/u.test(text));
}

/** Widens a kind so that one table of tests can hold all of them. */
const any = <T>(kind: CodeKind<T>): CodeKind<unknown> => kind as unknown as CodeKind<unknown>;

describe.each([
  ['uscc', any(uscc), sqlUsccValid],
  ['orgcode', any(orgcode), sqlOrgcodeValid],
  ['regno', any(regno), sqlRegnoValid],
  ['citizen-id', any(citizenId), sqlCitizenIdValid],
  ['mobile', any(mobile), sqlMobileValid],
] as const)('SQL check of %s', (_, kind, sql) => {
  it('agrees with the function on thousands of valid, changed, dirty and random texts', async () => {
    const texts = ['', ...sample(kind, 4000)];
    const answers = await evaluate(sql('t'), texts);
    const differing = texts.filter((text, i) => answers[i] !== kind.check(text));
    expect(differing).toEqual([]);
    const valid = answers.filter((answer) => answer === true).length;
    expect(valid).toBeGreaterThan(200);
    expect(answers.length - valid).toBeGreaterThan(1000);
  });

  it('leaves NULL undecided', async () => {
    const reader = await connection.runAndReadAll(`SELECT ${sql('x.t')} FROM (SELECT NULL::VARCHAR AS t) x`);
    expect(reader.getRows()).toEqual([[null]]);
  });
});

describe.each([
  ['uscc', any(uscc), sqlNormaliseDigitLike],
  ['citizen-id', any(citizenId), sqlNormaliseDigitLike],
  ['regno', any(regno), sqlNormaliseDigitLike],
  ['orgcode', any(orgcode), sqlNormaliseOrgcode],
] as const)('SQL repair of %s', (_, kind, sql) => {
  it('agrees with the function on thousands of dirty texts', async () => {
    const texts = ['', SPACES, HYPHENS, ...sample(kind, 4000)];
    const answers = await evaluate(sql('t'), texts);
    const expected = texts.map((text) => kind.normalise(text).value);
    expect(answers).toEqual(expected);
    expect(texts.filter((text, i) => text !== expected[i]).length).toBeGreaterThan(1000);
  });
});

describe('SQL and the calendar', () => {
  it('accepts exactly the birth dates that exist', async () => {
    const texts: string[] = [];
    for (const year of [1799, 1800, 1900, 1999, 2000, 2024, 2099, 2100]) {
      for (let month = 0; month <= 13; month++) {
        for (const day of [0, 1, 28, 29, 30, 31, 32]) {
          const birth = `${year}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`;
          for (const check of '0123456789X') texts.push(`330282${birth}001${check}`);
        }
      }
    }
    const answers = await evaluate(sqlCitizenIdValid('t'), texts);
    expect(texts.filter((text, i) => answers[i] !== citizenId.check(text))).toEqual([]);
    expect(answers.filter((answer) => answer === true).length).toBeGreaterThan(300);
  });
});
