import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duckdbDialect } from './dialect.ts';
import { DuckDBEngine } from './duckdb.ts';
import { evaluate, explain, LinkageError, link, parseModel } from './index.ts';
import { load, modelOf, records } from './testing.ts';

let engine: DuckDBEngine;
beforeAll(async () => {
  engine = await DuckDBEngine.open({ threads: 1 });
  await load(engine, 'people', records(300, 21));
});
afterAll(() => engine.close());

const blocked = (rules: object[], more: object = {}) =>
  parseModel(modelOf('people', { blocking: { rules, auto: false, ...more } }));

describe('a sorted neighbourhood', () => {
  it('compares every record with those that follow it in the order, and with no others', async () => {
    const window = 4;
    const linkage = await link(blocked([{ on: ['last', 'first'], window }]), { engine, schema: 'near' });
    const order = (
      await engine.rows<{ rid: number }>(
        'SELECT rid FROM near.rec WHERE c1 IS NOT NULL AND c0 IS NOT NULL ORDER BY c1, c0, tie, rid',
      )
    ).map((r) => r.rid);
    const wanted = new Set<string>();
    order.forEach((a, i) => {
      for (const b of order.slice(i + 1, i + window)) wanted.add(a < b ? `${a} ${b}` : `${b} ${a}`);
    });
    const got = await engine.rows<{ l: number; r: number }>('SELECT l, r FROM near.scored WHERE rule >= 0');
    expect(new Set(got.map((p) => `${p.l} ${p.r}`))).toEqual(wanted);
    expect(linkage.summary.candidates).toBe(wanted.size);
    expect(linkage.ruleCounts[0]).toMatchObject({ added: wanted.size });
    const uid = async (rid: number) =>
      (await engine.rows<{ uid: string }>(`SELECT uid FROM near.rec WHERE rid = ${rid}`))[0]!.uid;
    const near = await explain(linkage, { id: await uid(order[7]!) }, { id: await uid(order[9]!) });
    expect(near.blocking).toMatchObject([{ shared: true, reason: 'shared', left: '8', right: '10' }]);
    const far = await explain(linkage, { id: await uid(order[7]!) }, { id: await uid(order[90]!) });
    expect(far.blocking).toMatchObject([{ shared: false, reason: 'different' }]);
  });

  it('keeps to the limit of pairs and takes no part with several values', async () => {
    await expect(
      link(blocked([{ on: ['last'], window: 5 }], { maxPairsPerRule: 1000 }), { engine, schema: 'many' }),
    ).rejects.toMatchObject({ code: 'linkage.too-many-pairs' });
    for (const rule of [
      { on: ['last.words'], window: 3 },
      { on: ['last'], window: 1 },
      { on: ['last'], windw: 3 },
    ])
      expect(() => blocked([rule])).toThrow(LinkageError);
  });
});

describe('neighbourhoods that the engine finds by itself', () => {
  it('bring together names that sound nearly alike and share no other key', async () => {
    const names = '王小敏 王小明 李伟国 赵建华 陈美玲 周志强 吴丽萍 郑海波 孙宇航 马晓东 胡文静 林春燕'.split(' ');
    await engine.run(
      `CREATE OR REPLACE TABLE nearly AS SELECT * FROM (VALUES ${names.map((n, i) => `('${i}', '${n}', 'c${i}')`).join(', ')}) AS t(id, name, code)`,
    );
    const linkage = await link(
      parseModel({
        id: 'id',
        tables: [{ name: 'nearly', relation: 'nearly' }],
        columns: { name: { kind: 'name', chinese: true }, code: 'code' },
      }),
      { engine, schema: 'nearly_near' },
    );
    const near = await explain(linkage, { id: '0' }, { id: '1' });
    expect(near.compared).toBe(true);
    expect(near.blocking.filter((b) => b.shared).map((b) => b.rule)).toEqual(['name, neighbours']);
    const far = await explain(linkage, { id: '0' }, { id: '2' });
    expect(far.compared).toBe(false);
  });
});

describe('a topology by pairs of tables', () => {
  it('compares the tables that it names with each other and no others, counted before any pair is made', async () => {
    const list = records(150, 23);
    for (const [i, name] of ['a', 'b', 'c'].entries())
      await load(
        engine,
        `side_${name}`,
        list.filter((_, k) => k % 3 === i),
      );
    const model = parseModel({
      ...modelOf('side_a'),
      tables: ['a', 'b', 'c'].map((name) => ({ name, relation: `side_${name}` })),
      topology: [['a', 'b'], ['c']],
      blocking: { rules: [['last']] },
    });
    const linkage = await link(model, { engine, schema: 'sides' });
    const pairs = await engine.rows<{ x: number; y: number; n: number }>(
      'SELECT l.src AS x, r.src AS y, count(*) AS n FROM sides.scored AS s JOIN sides.rec AS l ON l.rid = s.l JOIN sides.rec AS r ON r.rid = s.r WHERE s.rule >= 0 GROUP BY 1, 2 ORDER BY 1, 2',
    );
    expect(pairs.map((p) => [p.x, p.y])).toEqual([
      [0, 1],
      [2, 2],
    ]);
    const [a, b, c] = [0, 1, 2].map((i) => list.filter((_, k) => k % 3 === i).length) as [number, number, number];
    expect(linkage.summary.allowed).toBe(a * b + (c * (c - 1)) / 2);
    const [counted] = await engine.rows<{ n: number }>(
      'SELECT count(*) AS n FROM sides.rec AS l JOIN sides.rec AS r ON l.c1 = r.c1 AND l.rid < r.rid WHERE (l.src = 0 AND r.src = 1) OR (l.src = 2 AND r.src = 2)',
    );
    expect(linkage.ruleCounts.find((r) => r.rule === 'last')!.pairs).toBe(counted!.n);
    for (const topology of [[['a', 'd']], [], [['a', 'b', 'c']]])
      expect(() => parseModel({ ...modelOf('side_a'), tables: [{ name: 'a' }, { name: 'b' }], topology })).toThrow(
        LinkageError,
      );
  });
});

describe('skip-grams', () => {
  it('are n characters in order, at most one left out, of the first characters only', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...'abcdef王李明华'), { maxLength: 16 }),
        fc.constantFrom(2, 3),
        async (letters, n) => {
          const text = letters.slice(0, 12);
          const wanted = new Set<string>();
          for (let i = 0; i + n <= text.length; i++) {
            wanted.add(text.slice(i, i + n).join(''));
            if (i + n < text.length)
              for (let k = 1; k < n; k++)
                wanted.add([...text.slice(i, i + k), ...text.slice(i + k + 1, i + n + 1)].join(''));
          }
          const sql = duckdbDialect.skipGrams(`'${letters.join('')}'`, n, 12);
          const got = await engine.rows<{ g: string }>(`SELECT unnest(${sql}) AS g`);
          expect(got.map((r) => r.g).sort()).toEqual([...wanted].sort());
          expect(got.length).toBeLessThanOrEqual(11 * n);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('bring together misspelt names that no whole value does', async () => {
    const truth = '(SELECT id AS uid, person AS entity FROM people)';
    const whole = await link(
      blocked([
        ['first', 'born'],
        ['first', 'code'],
      ]),
      { engine, schema: 'whole' },
    );
    const parts = await link(
      blocked([
        ['first.skipgrams', 'born'],
        ['first.skipgrams', 'code'],
      ]),
      { engine, schema: 'parts' },
    );
    const [a, b] = [await evaluate(whole, truth), await evaluate(parts, truth)];
    expect(b.blockingRecall).toBeGreaterThan(a.blockingRecall + 0.03);
    expect(parts.summary.candidates).toBeLessThan(3 * parts.summary.records);
  });
});
