import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DuckDBEngine } from './duckdb.ts';
import {
  evaluate,
  explain,
  type Label,
  LinkageError,
  link,
  nextPairs,
  parseModel,
  report,
  suggestModel,
} from './index.ts';
import { load, modelOf, random, records } from './testing.ts';

let engine: DuckDBEngine;
beforeEach(async () => {
  engine = await DuckDBEngine.open({ threads: 2 });
});
afterEach(async () => {
  await engine.close();
});

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    expect(error).toBeInstanceOf(LinkageError);
    return (error as LinkageError).code;
  }
  return 'no error';
};

const shuffled = <T>(list: readonly T[], seed: number): T[] => {
  const next = random(seed);
  return [...list]
    .map((x) => [next(), x] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, x]) => x);
};

describe('a linkage', () => {
  it('finds the persons of records with errors', async () => {
    await load(engine, 'people', records(400, 1));
    const linkage = await link(parseModel(modelOf('people')), { engine });
    const found = await evaluate(linkage, '(SELECT id AS uid, person AS entity FROM people)');
    expect(found.clusters.f1).toBeGreaterThan(0.95);
    expect(found.blockingRecall).toBeGreaterThan(0.98);
    expect(linkage.steps.every((s) => s.name.length > 0)).toBe(true);
  });

  it('gives the same names of clusters whatever the order of rows', async () => {
    const list = records(150, 2);
    const answers: string[] = [];
    for (const seed of [1, 2, 3]) {
      await load(engine, 'people', shuffled(list, seed));
      await link(parseModel(modelOf('people')), { engine, schema: `s${seed}` });
      const rows = await engine.rows(`SELECT uid, cluster FROM s${seed}.clusters ORDER BY uid`);
      answers.push(JSON.stringify(rows));
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('never lowers the likelihood in a round', async () => {
    await load(engine, 'people', records(300, 3));
    const linkage = await link(parseModel(modelOf('people')), { engine });
    for (const round of linkage.parameters.likelihood) {
      for (let i = 1; i < round.length; i++) expect(round[i]!).toBeGreaterThanOrEqual(round[i - 1]!);
    }
  });

  it('never puts together what a person told apart, and always what a person put together', async () => {
    const list = records(120, 6);
    const pair = list.filter((r) => list.filter((x) => x.person === r.person).length > 1).slice(0, 2);
    const [a, b] = pair as [(typeof list)[0], (typeof list)[0]];
    const [x, y] = [list.find((r) => r.person !== a.person)!, list.filter((r) => r.person !== a.person).at(-1)!];
    const labels: Label[] = [
      { left: { id: a.id }, right: { id: b.id }, match: false },
      { left: { id: x.id }, right: { id: y.id }, match: true },
    ];
    await load(engine, 'people', list);
    await link(parseModel(modelOf('people', { labels })), { engine });
    const cluster = new Map(
      (await engine.rows<{ uid: string; cluster: string }>('SELECT uid, cluster FROM linkage.clusters')).map((r) => [
        r.uid,
        r.cluster,
      ]),
    );
    expect(cluster.get(a.id)).not.toBe(cluster.get(b.id));
    expect(cluster.get(x.id)).toBe(cluster.get(y.id));
  });

  it('links tables one to one', async () => {
    const list = records(200, 7);
    await load(
      engine,
      'left_side',
      list.filter((r) => r.id.endsWith('-0')),
    );
    await load(
      engine,
      'right_side',
      list.filter((r) => r.id.endsWith('-1')),
    );
    const model = parseModel({
      ...modelOf('left_side'),
      topology: 'link',
      tables: [
        { name: 'a', relation: 'left_side', unique: true },
        { name: 'b', relation: 'right_side', unique: true },
      ],
    });
    await link(model, { engine });
    const most = await engine.rows<{ n: number }>(
      'SELECT max(n) AS n FROM (SELECT count(*) AS n FROM linkage.clusters GROUP BY cluster, src)',
    );
    expect(most[0]!.n).toBe(1);
    const right = await engine.rows<{ n: number }>(
      `SELECT count(*) AS n FROM linkage.clusters AS a JOIN linkage.clusters AS b ON a.cluster = b.cluster AND a.src < b.src WHERE split_part(a.uid, '-', 1) = split_part(b.uid, '-', 1)`,
    );
    expect(right[0]!.n).toBeGreaterThan(0.9 * list.filter((r) => r.id.endsWith('-1')).length);
  });

  it('finds Chinese names that sound alike and short names of companies', async () => {
    await engine.run(
      `CREATE TABLE firms AS SELECT * FROM (VALUES ('1', '公牛集团股份有限公司'), ('2', '公牛集團股份有限公司'), ('3', '公牛集团'), ('4', '方太厨具有限公司'), ('5', '宁波海天塑机有限公司')) AS t(id, name)`,
    );
    const linkage = await link(
      parseModel({
        id: 'id',
        tables: [{ name: 'firms', relation: 'firms' }],
        columns: { name: { kind: 'company', chinese: true } },
      }),
      { engine },
    );
    const level = async (a: string, b: string) =>
      (await explain(linkage, { id: a }, { id: b })).bars.find((x) => x.name === 'name')!.level;
    expect(await level('1', '2')).toMatch(/^exact/);
    expect(await level('1', '3')).toBe('short-name');
    expect(await level('1', '4')).toBe('different');
  });
});

describe('company names', () => {
  it('at home are known without 市, so that a short name is the same company', async () => {
    await engine.run(
      `CREATE TABLE firms AS SELECT * FROM (VALUES ('1', '慈溪德天阀门有限公司'), ('2', '德天阀门'), ('3', '慈溪市德天阀门厂'), ('4', '慈溪永利阀门有限公司')) AS t(id, name)`,
    );
    const level = async (home: object, a: string, b: string) => {
      const columns = { name: { kind: 'company', chinese: true, ...home } };
      const linkage = await link(parseModel({ id: 'id', tables: [{ name: 'firms', relation: 'firms' }], columns }), {
        engine,
      });
      return (await explain(linkage, { id: a }, { id: b })).bars.find((x) => x.name === 'name')!.level;
    };
    expect(await level({}, '1', '2')).not.toBe('short-name');
    expect(await level({ home: '3302' }, '1', '2')).toBe('short-name');
    expect(await level({ home: 330282 }, '1', '3')).toBe('short-name');
    expect(await level({ home: '3302' }, '1', '4')).not.toBe('short-name');
    expect(() => parseModel({ columns: { name: { kind: 'company', home: 'Cixi' } } })).toThrow(LinkageError);
  });
});

describe('explanations', () => {
  it('add up to the weight, and say why two records were never compared', async () => {
    const list = records(200, 8);
    await load(engine, 'people', list);
    const linkage = await link(parseModel(modelOf('people')), { engine });
    const [pair] = await engine.rows<{ a: string; b: string; w: number }>(
      'SELECT a.uid AS a, b.uid AS b, x.w FROM linkage.scored AS x JOIN linkage.rec AS a ON a.rid = x.l JOIN linkage.rec AS b ON b.rid = x.r ORDER BY x.w DESC LIMIT 1',
    );
    const why = await explain(linkage, { id: pair!.a }, { id: pair!.b });
    expect(why.bits).toBeCloseTo(pair!.w, 6);
    expect(why.bars.at(-1)!.total).toBeCloseTo(why.bits, 9);
    expect(why.compared && why.blocking.some((b) => b.shared)).toBe(true);
    const [never] = await engine.rows<{ a: string; b: string }>(
      'SELECT a.uid AS a, b.uid AS b FROM linkage.rec AS a JOIN linkage.rec AS b ON a.rid < b.rid WHERE NOT EXISTS (SELECT 1 FROM linkage.scored AS x WHERE x.l = a.rid AND x.r = b.rid) ORDER BY a.rid, b.rid LIMIT 1',
    );
    const not = await explain(linkage, { id: never!.a }, { id: never!.b });
    expect(not.compared).toBe(false);
    expect(not.blocking.every((b) => !b.shared)).toBe(true);
    // Every rule that is named would bring the two together, in a block of as many records as it says.
    const apart = await explain(linkage, { id: never!.a }, { id: never!.b });
    for (const rule of apart.needed.filter((r) => r.on.length === 1 && !r.on[0]!.includes('.'))) {
      const c = `c${Object.keys(linkage.model.columns).indexOf(rule.on[0]!)}`;
      const [block] = await engine.rows<{ n: number }>(
        `SELECT count(*) AS n FROM linkage.rec WHERE ${c} = (SELECT ${c} FROM linkage.rec WHERE uid = '${never!.a}')`,
      );
      expect(rule.records).toBe(block!.n);
    }
    expect(report(linkage, { explanations: [why, not] })).toContain('<svg');
    expect(await codeOf(explain(linkage, { id: 'nobody' }, { id: never!.b }))).toBe('linkage.unknown-record');
  });
});

describe('review', () => {
  it('gives each reviewer the doubtful pairs blind and not twice, and learns from the verdicts', async () => {
    await load(engine, 'people', records(200, 9));
    const linkage = await link(parseModel(modelOf('people')), { engine });
    const pairs = await nextPairs(linkage, 'li', 5);
    expect(pairs.length).toBeGreaterThan(0);
    expect(Object.keys(pairs[0]!)).toEqual(['left', 'right', 'values']);
    linkage.addLabels(
      [{ ...pairs[0]!, match: true, reviewer: 'li' }].map(({ left, right, match, reviewer }) => ({
        left,
        right,
        match,
        reviewer,
      })),
    );
    const again = await nextPairs(linkage, 'li', 5);
    expect(again.map((p) => [p.left.id, p.right.id])).not.toContainEqual([pairs[0]!.left.id, pairs[0]!.right.id]);
    await linkage.relabel();
    const same = await explain(linkage, pairs[0]!.left, pairs[0]!.right);
    expect(same.sameCluster).toBe(true);
  });
});

describe('bad input', () => {
  it('is told with code and place', async () => {
    await load(engine, 'people', records(50, 10));
    const twice = records(3, 1);
    await load(engine, 'twice', [...twice, twice[0]!]);
    expect(await codeOf(link(parseModel(modelOf('twice')), { engine }))).toBe('linkage.duplicate-id');
    expect(await codeOf(link(parseModel(modelOf('people', { id: 'nothing' })), { engine }))).toBe('linkage.no-id');
    expect(await codeOf(link(parseModel(modelOf('people', { columns: { nothing: 'name' } })), { engine }))).toBe(
      'linkage.no-column',
    );
    const label = (a: string, b: string, match: boolean) => ({ left: a, right: b, match });
    expect(await codeOf(link(parseModel(modelOf('people', { labels: [label('0-0', 'x', true)] })), { engine }))).toBe(
      'linkage.label-unknown',
    );
    const contradiction = [label('0-0', '1-0', true), label('1-0', '2-0', true), label('0-0', '2-0', false)];
    expect(await codeOf(link(parseModel(modelOf('people', { labels: contradiction })), { engine }))).toBe(
      'linkage.label-contradiction',
    );
  });

  it('refuses a rule that would make 10^12 pairs, before making any', async () => {
    await engine.run(
      "CREATE TABLE crowd AS SELECT CAST(i AS VARCHAR) AS id, 'a' AS sex, CAST(i % 1000 AS VARCHAR) AS name FROM range(1500000) AS t(i)",
    );
    const model = parseModel({
      id: 'id',
      tables: [{ name: 'crowd', relation: 'crowd' }],
      columns: { sex: 'category', name: 'name' },
      blocking: { rules: [['sex']] },
    });
    try {
      await link(model, { engine });
      expect.unreachable();
    } catch (error) {
      expect((error as LinkageError).code).toBe('linkage.too-many-pairs');
      expect((error as LinkageError).message).toContain('1,124,999,250,000');
    }
  });

  it('lives with columns that are empty, constant or all different', async () => {
    const list = records(100, 11);
    await load(engine, 'people', list);
    await engine.run(
      "CREATE TABLE odd AS SELECT *, CAST(NULL AS VARCHAR) AS empty, 'x' AS same, id AS each FROM people",
    );
    const linkage = await link(
      parseModel({
        ...modelOf('odd'),
        columns: {
          first: 'name',
          last: 'name',
          born: 'date',
          code: 'code',
          empty: 'text',
          same: 'category',
          each: 'code',
        },
      }),
      { engine },
    );
    expect(linkage.summary.clusters).toBeGreaterThan(50);
    expect(linkage.summary.remarks.map((r) => [r.column, r.code])).toEqual([
      ['empty', 'empty'],
      ['same', 'constant'],
      ['each', 'unique'],
    ]);
  });

  it('names line and reason of every mistake in a model', () => {
    const text =
      'id: id\ncolumns:\n  name: nmae\n  born: date\ncomparisons:\n  - column: nam\n  - column: born\n    levels: [exact, { damreau: 1 }]\nblocking:\n  rules: [[born.yaer]]\nthrehold: 0.5\n';
    try {
      parseModel(text, 'model.yaml');
      expect.unreachable();
    } catch (error) {
      const e = error as LinkageError;
      expect(e.mistakes.map((m) => [m.code, m.place?.line])).toEqual([
        ['linkage.model.unknown-key', 11],
        ['linkage.model.choice', 3],
        ['linkage.model.unknown-column', 6],
        ['linkage.model.unknown-level', 8],
        ['linkage.model.unknown-part', 10],
      ]);
      expect(e.zh).toContain('model.yaml');
    }
  });
});

describe('suggestions', () => {
  it('tell kinds of columns by their values and leave out what repeats others', async () => {
    await load(engine, 'people', records(200, 12));
    await engine.run("CREATE TABLE named AS SELECT *, first || ' ' || last AS whole FROM people");
    const { model, profile } = await suggestModel(engine, [{ name: 'people', relation: 'named' }]);
    expect(model.id).toBe('id');
    expect(model.columns.born?.kind).toBe('date');
    expect(model.columns.code?.kind).toBe('code');
    expect(model.columns.first?.kind).toBe('name');
    expect(model.columns.whole).toBeUndefined();
    expect(profile.find((p) => p.name === 'whole')?.skipped).toContain('repeats');
  });
});
