import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDBEngine } from './duckdb.ts';
import { evaluate, explain, LinkageError, link, parseModel, parseParameters } from './index.ts';
import { groupsOf, load, modelOf, records } from './testing.ts';

let engine: DuckDBEngine;
beforeAll(async () => {
  engine = await DuckDBEngine.open({ threads: 2 });
});
afterAll(() => engine.close());

/** The level that two values of one column reach; further rows only make a table out of them. */
async function levelOf(column: object, levels: unknown[], left: string, right: string): Promise<string> {
  const filler = Array.from({ length: 6 }, (_, i) => `('f${i}', NULL, 'k${i}')`);
  const rows = [`('a', '${left}', 'same')`, `('b', '${right}', 'same')`, ...filler];
  await engine.run(`CREATE OR REPLACE TABLE pair AS SELECT * FROM (VALUES ${rows.join(', ')}) AS t(id, v, k)`);
  const linkage = await link(
    parseModel({
      id: 'id',
      tables: [{ name: 'pair', relation: 'pair' }],
      columns: { v: column, k: 'code' },
      comparisons: [{ column: 'v', levels }, { column: 'k' }],
      blocking: { rules: [['k']], auto: false },
    }),
    { engine, schema: 'pairs' },
  );
  return (await explain(linkage, { id: 'a' }, { id: 'b' })).bars.find((x) => x.name === 'v')!.level.split(',')[0]!;
}

describe('levels', () => {
  it.each([
    ['2001-02-28', '2001-03-02', 'days ≤ 3'],
    ['2001-02-28', '2001-03-04', 'years ≤ 2'],
    ['2001-02-28', '2003-02-01', 'years ≤ 2'],
    ['2001-02-28', '2003-09-01', 'years ≤ 2'],
    ['2001-12-31', '2004-01-01', 'different'],
    ['1999-12-31', '2000-01-01', 'days ≤ 3'],
  ])('of dates count days and years: %s, %s', async (left, right, level) => {
    expect(await levelOf({ kind: 'date' }, ['exact', { days: 3 }, { years: 2 }], left, right)).toBe(level);
  });

  it.each([
    ['a;b;c', 'c; A;x', 'common ≥ 2'],
    ['a;b;c', 'x;b', 'common ≥ 1'],
    ['a;b', 'x;y', 'different'],
    ['a;a', 'a;x;a', 'common ≥ 1'],
    ['Rex Leffler; Ann Bo', 'A. Bo; R Leffler; X Y', 'alike ≥ 1'],
    ['Rex Leffler; Ann Bo', 'A Bo; R Leff', 'alike ≥ 0.5'],
  ])('of several values count those in common: %s, %s', async (left, right, level) => {
    expect(
      await levelOf(
        { kind: 'array', separator: ';' },
        [{ common: 2 }, { common: 1 }, { alike: 1 }, { alike: 0.5 }],
        left,
        right,
      ),
    ).toBe(level);
  });

  it.each([
    ['王小明', '汪晓鸣', 'pinyin'],
    ['王小明', '魏新梅', 'initials'],
    ['王小明', '李小明', 'different'],
  ])('of Chinese names count initials of pinyin: %s, %s', async (left, right, level) => {
    expect(await levelOf({ kind: 'name', chinese: true }, ['exact', 'pinyin', 'initials'], left, right)).toBe(level);
  });
});

describe('columns of several values', () => {
  it.each([
    [{ kind: 'name', chinese: true }, '王小明;陈静', '李强；; 陈静', 'exact'],
    [{ kind: 'name', chinese: true }, '王小明;陈静', '李强;陈敬', 'homophone'],
    [{ kind: 'name', chinese: true }, '王小明', '李强;赵敏', 'different'],
    [{ kind: 'name' }, 'anna;maria', 'mariah;otto', 'damerau ≤ 1'],
    [{ kind: 'phone' }, '0574-63812345;13905841234', '1390584 1234', 'exact'],
    [{ kind: 'company', chinese: true }, '慈溪县电器厂;公牛集团股份有限公司', '公牛集团;宁波海天', 'short-name'],
  ])('are compared by the two most alike: %j %s, %s', async (column, left, right, level) => {
    const of = { ...column, separator: ';' };
    const levels =
      column.kind === 'company'
        ? ['exact', 'short-name']
        : column.kind === 'phone'
          ? ['exact']
          : ['exact', ...('chinese' in column ? ['homophone'] : []), { damerau: 1 }];
    expect(await levelOf(of, levels, left, right.replace('；', ''))).toBe(level);
  });

  it('bring records together by any of their values, also those that come later', async () => {
    const people = records(200, 33);
    // Every second record of a person has another name in front of its own.
    const rows = people.map((r, i) => ({ ...r, first: i % 2 > 0 ? `xaver; ${r.first}` : r.first }));
    await load(engine, 'people', rows.slice(0, 250));
    await load(engine, 'later', rows.slice(250));
    const columns = {
      first: { kind: 'name', separator: ';' },
      last: 'name',
      born: 'date',
      code: { kind: 'code', separator: '|' },
    };
    const model = parseModel(modelOf('people', { columns }));
    const linkage = await link(model, { engine, schema: 'plural' });
    await linkage.update([{ name: 'people', relation: 'later' }]);
    await load(engine, 'people', rows);
    const found = await evaluate(linkage, '(SELECT id AS uid, person AS entity FROM people)');
    expect(found.clusters.f1).toBeGreaterThan(0.93);
    const before = await groupsOf(engine, 'plural');
    await link(model, { engine, schema: 'plural', parameters: linkage.parameters, use: 'frozen' });
    expect(await groupsOf(engine, 'plural')).toEqual(before);
    const two = rows
      .filter((r) => r.person === rows.find((x, i) => i % 2 > 0 && x.id.endsWith('-1'))!.person)
      .slice(0, 2);
    const why = await explain(linkage, { id: two[0]!.id }, { id: two[1]!.id });
    expect(why.bars.find((b) => b.name === 'first')!.level).toMatch(/^(exact|damerau)/);
    expect(why.blocking.some((b) => b.rule.startsWith('first') && b.shared)).toBe(true);
  });

  it('are for columns that have values to compare one by one', () => {
    expect(() => parseModel({ columns: { notes: { kind: 'text', separator: ';' } } })).toThrow(LinkageError);
  });
});

describe('frequencies from outside', () => {
  it('weigh a name that is rare here but common in the country less', async () => {
    const list = records(300, 31).map((r) => ({ ...r, last: r.person === 0 ? 'rare' : r.last }));
    await load(engine, 'people', list);
    const weigh = async (frequencies?: Record<string, number>) => {
      const columns = {
        first: 'name',
        last: { kind: 'name', ...(frequencies ? { frequencies } : {}) },
        born: 'date',
        code: 'code',
      };
      const linkage = await link(parseModel(modelOf('people', { columns })), { engine, schema: 'outside' });
      const rows = await engine.rows<{ b: number; last: string }>(
        "SELECT DISTINCT b1 AS b, c1 AS last FROM outside.rec WHERE c1 IN ('rare', 'adler')",
      );
      return { linkage, of: new Map(rows.map((r) => [r.last, r.b])) };
    };
    const counted = await weigh();
    const given = await weigh({ Rare: 0.5, Adler: 0.002 });
    expect(counted.of.get('rare')!).toBeLessThan(counted.of.get('adler')!);
    expect(given.of.get('rare')!).toBeGreaterThan(given.of.get('adler')!);
    const u = given.linkage.parameters.comparisons.find((c) => c.name === 'last')!;
    const at = (b: number) => u.u[u.labels.findIndex((l) => l.startsWith(`exact, ${2 ** b}`))]!;
    expect(at(given.of.get('rare')!)).toBeGreaterThan(at(given.of.get('adler')!));
  });
});

describe('parameters', () => {
  it('kept as JSON give the same clusters in a database of their own, frozen', async () => {
    await load(engine, 'people', records(250, 32));
    const first = await link(parseModel(modelOf('people')), { engine, schema: 'learned' });
    const text = JSON.stringify(first.parameters);
    const fresh = await DuckDBEngine.open({ threads: 2 });
    try {
      await load(fresh, 'people', records(250, 32));
      const parameters = parseParameters(text);
      const again = await link(parseModel(modelOf('people')), { engine: fresh, parameters, use: 'frozen' });
      expect(again.parameters).toEqual(first.parameters);
      expect(await groupsOf(fresh)).toEqual(await groupsOf(engine, 'learned'));
    } finally {
      await fresh.close();
    }
  });

  it('that are none are refused', () => {
    for (const wrong of ['{', '{}', '{"version":2,"lambda":0.1,"comparisons":[],"classes":{}}'])
      expect(() => parseParameters(wrong)).toThrow(LinkageError);
  });
});
