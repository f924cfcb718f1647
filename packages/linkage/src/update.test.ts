import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDBEngine, type Linkage, LinkageError, link, parseModel, resume } from './index.ts';
import { groupsOf, load, modelOf, random, records, type TestRecord } from './testing.ts';

/** Clusters by name: `name: ids`. */
async function named(engine: DuckDBEngine): Promise<string[]> {
  const rows = await engine.rows<{ ids: string }>(
    `SELECT cluster || ': ' || string_agg(uid, ' ' ORDER BY uid) AS ids FROM linkage.clusters GROUP BY cluster ORDER BY 1`,
  );
  return rows.map((r) => r.ids);
}

const problem = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    expect(error).toBeInstanceOf(LinkageError);
    return (error as LinkageError).code;
  }
  return 'no error';
};

/** Values so common that their keys are large: blocking needs two or three of them together. */
const crowded = (r: TestRecord, next: () => number): TestRecord => ({
  ...r,
  first: next() < 0.9 ? 'anna' : r.first,
  last: next() < 0.8 ? 'adler' : r.last,
  code: r.code && `${r.person % 3 > 0 ? '1234' : r.code.slice(0, 4)}${r.code.slice(4)}`,
});

/** Ways of blocking: what the engine finds in names, declared rules, keys that are large, of plain values and of parts of names. */
const SHAPES: Record<string, { more: object; crowd?: boolean }> = {
  names: { more: {} },
  rules: { more: { blocking: { rules: [['last'], ['first', 'born.year'], ['code.skipgrams']], auto: false } } },
  codes: { more: { columns: { first: 'code', last: 'code', born: 'date', code: 'code' } }, crowd: true },
  crowd: { more: {}, crowd: true },
};

describe('an update', () => {
  it.each(Object.keys(SHAPES))(
    'gives the clusters of a run over everything with frozen parameters, under the same names, whatever comes, changes or vanishes: %s',
    async (shape) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), async (seed) => {
          const engine = await DuckDBEngine.open({ threads: 1 });
          const next = random(seed);
          const { more, crowd } = SHAPES[shape]!;
          const all = records(crowd ? 160 : 80, seed).map((r) => (crowd ? crowded(r, next) : r));
          let now = all.filter(() => next() < 0.6);
          const later = all.filter((r) => !now.includes(r));
          await load(engine, 'people', now);
          const linkage = await link(parseModel(modelOf('people', more)), { engine });
          for (let day = 0; day < 3; day++) {
            const changed = now
              .filter(() => next() < 0.1)
              .map((r): TestRecord => ({ ...r, born: null, last: next() < 0.5 ? r.first : r.last }));
            const lost = now.filter((r) => next() < 0.1 && !changed.some((c) => c.id === r.id));
            const came = later.splice(0, Math.ceil(later.length / 2));
            now = [
              ...now.map((r) => changed.find((c) => c.id === r.id) ?? r).filter((r) => !lost.includes(r)),
              ...came,
            ];
            if (day === 1) {
              await load(engine, 'whole', now);
              await linkage.update([{ name: 'people', relation: 'whole' }], { whole: true });
            } else {
              await load(engine, 'part', [...changed, ...came]);
              await linkage.update([{ name: 'people', relation: 'part' }], {
                vanished: lost.map((r) => ({ id: r.id })),
              });
            }
            expect(linkage.summary.records).toBe(now.length);
          }
          const [step, summary] = [await named(engine), linkage.summary];
          await load(engine, 'people', now);
          const again = await link(parseModel(modelOf('people', more)), {
            engine,
            parameters: linkage.parameters,
            use: 'frozen',
          });
          expect(await named(engine)).toEqual(step);
          for (const figure of ['records', 'clusters', 'multiple', 'largestCluster', 'candidates'] as const)
            expect(summary[figure]).toBe(again.summary[figure]);
          await engine.close();
        }),
        { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 1) },
      );
    },
  );

  it('tells what was new, grown, merged, split, shrunk and gone, when and by which pair of records', async () => {
    const engine = await DuckDBEngine.open({ threads: 1 });
    try {
      const list = records(150, 5);
      const of = (n: number) => list.filter((r) => r.person === n);
      const three = list.filter((r) => r.id.endsWith('-2')).map((r) => r.person);
      const [grows, fades, dies] = [three[0]!, three[1]!, three[2]!];
      await load(
        engine,
        'people',
        list.filter((r) => r.id !== `${grows}-2`),
      );
      const at = new Date('2026-11-21T08:00:00Z');
      const linkage = await link(parseModel(modelOf('people')), { engine, now: () => at });
      const nameOf = async (id: string) =>
        (await engine.rows<{ c: string }>(`SELECT cluster AS c FROM linkage.clusters WHERE uid = '${id}'`))[0]?.c;
      const before = await Promise.all([`${grows}-0`, `${fades}-0`].map(nameOf));
      await load(
        engine,
        'came',
        of(grows).filter((r) => r.id === `${grows}-2`),
      );
      const done = await linkage.update([{ name: 'people', relation: 'came' }], {
        vanished: [{ id: `${fades}-2` }, ...of(dies).map((r) => ({ id: r.id }))],
        at: new Date('2026-11-22T08:00:00Z'),
      });
      expect(done).toMatchObject({
        added: 1,
        changed: 0,
        vanished: 1 + of(dies).length,
        events: { grown: 1, shrunk: 1, gone: 1 },
      });
      expect(await Promise.all([`${grows}-0`, `${fades}-0`].map(nameOf))).toEqual(before);
      const [grown] = (await linkage.history({ last: true })).filter((e) => e.event === 'grown');
      expect(grown).toMatchObject({
        run: 2,
        cause: 'records',
        at: '2026-11-22T08:00:00.000Z',
        cluster: before[0],
        records: 1,
      });
      expect([grown!.left!.id, grown!.right!.id]).toContain(`${grows}-2`);
      expect(grown!.bits).toBeGreaterThan(0);
      // Two records that were apart a person puts together.
      const [x, y] = list.filter((r) => of(r.person).length === 1).map((r) => r.id) as [string, string];
      const alone = [await nameOf(x), await nameOf(y)];
      expect(alone[0]).not.toBe(alone[1]);
      linkage.addLabels([{ left: { id: x }, right: { id: y }, match: true }]);
      expect((await linkage.update([])).events.merged).toBe(1);
      expect(await nameOf(x)).toBe(await nameOf(y));
      const kin = await linkage.history({ cluster: alone[0]! });
      expect(kin.map((e) => e.event)).toEqual(['new', 'new', 'merged']);
      expect(new Set(kin.flatMap((e) => [e.cluster, e.other]).filter(Boolean))).toEqual(new Set(alone));
    } finally {
      await engine.close();
    }
  });
});

describe('an update that is wrong', () => {
  let engine: DuckDBEngine;
  let linkage: Linkage;
  beforeAll(async () => {
    engine = await DuckDBEngine.open({ threads: 1 });
    await load(engine, 'people', records(60, 7));
    linkage = await link(parseModel(modelOf('people')), { engine });
  });
  afterAll(() => engine.close());

  it('is refused with its reason and leaves everything as it was', async () => {
    const before = [await groupsOf(engine), JSON.stringify(linkage.summary)];
    await load(engine, 'few', records(60, 7).slice(0, 5));
    const few = { name: 'people', relation: 'few' };
    expect(await problem(linkage.update([{ name: 'folk', relation: 'few' }]))).toBe('linkage.unknown-table');
    expect(await problem(linkage.update([few], { whole: true }))).toBe('linkage.many-vanished');
    expect(await problem(linkage.update([few], { vanished: [{ id: 'nobody' }] }))).toBe('linkage.vanished-unknown');
    expect(await problem(linkage.update([few], { vanished: [{ id: '0-0' }] }))).toBe('linkage.vanished-given');
    await load(engine, 'twice', [records(60, 7)[0]!, records(60, 7)[0]!]);
    expect(await problem(linkage.update([{ name: 'people', relation: 'twice' }]))).toBe('linkage.duplicate-id');
    expect([await groupsOf(engine), JSON.stringify(linkage.summary)]).toEqual(before);
    // What is given again as it is changes nothing.
    expect(await linkage.update([few])).toMatchObject({ added: 0, changed: 0, unchanged: 5, events: {} });
  });

  it('goes on from where another process left it, and says where there is nothing to go on from', async () => {
    const other = await resume(engine);
    expect(other.parameters).toEqual(linkage.parameters);
    await load(engine, 'more', [{ ...records(60, 7)[0]!, id: 'more' }]);
    expect(await other.update([{ name: 'people', relation: 'more' }])).toMatchObject({
      added: 1,
      events: { grown: 1 },
    });
    expect(await problem(resume(engine, { schema: 'nowhere' }))).toBe('linkage.no-state');
  });
});
