import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDb } from '../platform/db/testing.ts';
import type { NotedNotices } from '../platform/notices/testing.ts';
import { imprintOf } from '../platform/seal/index.ts';
import { people } from '../sharing/testing.ts';
import { check } from './check.ts';
import { computeDue } from './compute.ts';
import { readFormulas } from './declaration.ts';
import { takeFormulas } from './job.ts';
import { measure } from './measure.ts';
import { decide, objections, raise, withdraw } from './objections.ts';
import { buildReport } from './report/build.ts';
import { reportContent } from './report/content.ts';
import { makeReports, reportOf } from './report/keep.ts';
import { resultsOf } from './results.ts';
import { stage } from './staged.ts';
import { type AssessmentBench, assessmentMigrations, bench, formulaOf, of, repository } from './testing.ts';
import { board, mustSee, records, unitView } from './views.ts';

const DAY = 86_400_000;
const ask = (over: object = {}) => ({ scheme: 'trial', month: '2026-03', unit: 'scjg', indicator: 'timely', ...over });

describeDb('assessment', assessmentMigrations, (db) => {
  let b: AssessmentBench;
  beforeAll(async () => {
    b = await bench(db());
    b.declare(formulaOf());
    await b.cases(
      ['2026-03-02', 'timely', 'scjg', 'a', 1, 1],
      ['2026-03-02', 'timely', 'scjg', 'b', 1, 0],
      ['2026-03-02', 'timely', 'scjg', 'c', 2, 1],
      ['2026-03-02', 'timely', 'rsj', 'a', 1, 1],
      ['2026-03-02', 'findings', 'rsj', 'x', 1, 1],
      ['2026-03-20', 'timely', 'rsj', 'late', 1, 0],
      ['2026-03-02', 'timely', 'nobody', 'z', 1, 0],
    );
    await takeFormulas(b.deps);
  });
  afterAll(() => b.finish());

  test('a month is scored, ranked and traced to its records', async () => {
    expect(b.deps.faults).toEqual([]);
    expect(await computeDue(b.deps)).toEqual([{ scheme: 'trial', month: '2026-03', version: 0, waits: null }]);
    const seen = await board(b.deps, {});
    expect(seen.result).toMatchObject({ month: '2026-03', version: 0, day: '2026-03-02', seal: null });
    // rsj: 66.67 of 66.67 and three quarters of 33.33; scjg: half of 66.67 and all of 33.33; sw has nothing but no findings.
    expect(seen.units.map((u) => [u.unit, u.score, u.rank])).toEqual([
      ['rsj', 91.67, 1],
      ['scjg', 66.67, 2],
      ['sw', 100, null],
    ]);
    expect(seen.indicators.find((i) => i.id === 'forms')!.absent).toBe(true);
    const traced = await records(b.deps, { ...ask(), lost: 'true', offset: 0, limit: 50 });
    // Two cases fell short by one each: 33.33 points, to the hundredth.
    expect(traced.items.map((r) => [r.ref, r.lost])).toEqual([
      ['b', 16.67],
      ['c', 16.66],
    ]);
    const view = await unitView(b.deps, 'scjg', {}, people.officer);
    expect(view.steps[0]).toMatchObject({ indicator: 'timely', lost: 33.33 });
    expect([view.mayObject, view.unit.own]).toEqual([true, true]);
    expect((await unitView(b.deps, 'rsj', {}, people.officer)).mayObject).toBe(false);
    expect(await check(b.deps, await mustSee(b.deps, {}))).toMatchObject({ same: true, records: 5 });
    await expect(unitView(b.deps, 'nobody', {}, people.officer)).rejects.toThrow('assessment.unit.unknown');
  });

  test('only the own unit objects, to points that were lost, once', async () => {
    const reason = '因上游系统停机，非本部门原因';
    const body = { ...ask(), record: { kind: 'case', ref: 'b' }, reason };
    await expect(raise(b.deps, body, people.rsjOfficer)).rejects.toThrow('objection.not-yours');
    await expect(raise(b.deps, { ...body, record: { kind: 'case', ref: 'a' } }, people.officer)).rejects.toThrow(
      'nothing-lost',
    );
    await expect(raise(b.deps, { ...body, indicator: 'forms', record: null }, people.officer)).rejects.toThrow(
      'nothing-lost',
    );
    await expect(raise(b.deps, { ...body, month: '2025-12' }, people.officer)).rejects.toThrow('month.unknown');
    const id = await raise(b.deps, body, people.officer);
    await expect(raise(b.deps, body, people.head)).rejects.toThrow('objection.open');
    await expect(decide(b.deps, id, { accept: true, reason: '同意剔除' }, people.head)).rejects.toThrow(
      'not-authority',
    );
    await withdraw(b.deps, id, people.head);
    await expect(decide(b.deps, id, { accept: true, reason: '同意剔除' }, people.steward)).rejects.toThrow(
      'objection.ended',
    );
    const kept = await db().query<{ n: number }>(
      "SELECT count(*) AS n FROM audit.entry WHERE action LIKE 'assessment.%' AND outcome = 'refused'",
    );
    expect(Number(kept[0]!.n)).toBe(2);
  });

  test('an accepted objection is reckoned at once and stays in the next computing', async () => {
    const body = { ...ask(), record: { kind: 'case', ref: 'b' }, reason: '因上游系统停机，非本部门原因' };
    const id = await raise(b.deps, body, people.officer);
    await decide(b.deps, id, { accept: true, reason: '核实属实，予以剔除' }, people.steward);
    const [o] = await objections(db().kysely, { unit: 'scjg', state: 'accepted' });
    expect(o).toMatchObject({ made_version: 0, score_before: 6667, score_after: 7778 });
    expect((b.deps.notices as NotedNotices).told.filter((n) => n.key === `assessment.answered/${id}`)).toMatchObject([
      { to: [{ account: people.officer.login }, { role: 'department-head', organisation: 'scjg' }] },
    ]);
    expect((await unitView(b.deps, 'scjg', {}, people.officer)).days.at(-1)!.score).toBe(77.78);
    await computeDue(b.deps);
    const seen = await board(b.deps, {});
    expect(seen.units.find((u) => u.unit === 'scjg')!.score).toBe(77.78);
    const all = await records(b.deps, { ...ask(), offset: 0, limit: 50 });
    expect(all.items.find((r) => r.ref === 'b')).toMatchObject({ objection: id, lost: 0 });
  });

  test('a month is closed on its working day, sealed, and does not change by later records', async () => {
    b.clock.advance(32 * DAY); // Friday, 3 April: the third working day.
    expect(await computeDue(b.deps)).toMatchObject([
      { month: '2026-03', version: 1 },
      { month: '2026-04', version: 0 },
    ]);
    const before = await board(b.deps, { month: '2026-03' });
    expect(before.result).toMatchObject({
      version: 1,
      day: '2026-03-31',
      objections: { open: true, due: '2026-04-13', days: 5 },
    });
    expect(before.units.find((u) => u.unit === 'rsj')!.score).toBe(58.34);
    expect(b.seals.filter((s) => s.subject.startsWith('assessment/'))).toMatchObject([
      { kind: 'file', subject: 'assessment/trial/2026-03/1', imprint: { 0: 1, length: 33 } },
    ]);
    await b.cases(['2026-03-30', 'timely', 'rsj', 'afterwards', 1, 0]);
    await computeDue(b.deps);
    expect((await board(b.deps, { month: '2026-03' })).units).toEqual(before.units);
    await expect(db().query("UPDATE assessment.result SET digest = 'x' WHERE version = 1")).rejects.toThrow(
      'do not change',
    );
  });

  test('an objection to a closed month makes a version that says what changed; the closed one stays', async () => {
    const body = { ...ask({ unit: 'rsj', indicator: 'findings' }), record: null, reason: '该发现系误报，附核查说明' };
    const id = await raise(b.deps, body, people.rsjHead);
    await decide(b.deps, id, { accept: true, reason: '经查系误报' }, of(people.steward, null));
    const versions = (await resultsOf(db().kysely, 'trial')).filter((r) => r.month === '2026-03');
    expect(versions.map((v) => [v.version, v.objection])).toEqual([
      [1, null],
      [2, id],
    ]);
    const [o] = await objections(db().kysely, { unit: 'rsj', state: 'accepted' });
    expect([o!.made_version, o!.score_before, o!.score_after]).toEqual([2, 5834, 5000]);
    for (const version of [1, 2])
      expect((await check(b.deps, await mustSee(b.deps, { month: '2026-03', version }))).same).toBe(true);
    b.clock.advance(11 * DAY);
    await expect(raise(b.deps, { ...body, indicator: 'timely' }, people.rsjHead)).rejects.toThrow('objection.late');
  });

  test('the report of a closed month is made once, tagged and titled, and its bytes are those that are sealed', async () => {
    const sight = await mustSee(b.deps, { month: '2026-03', version: 1 });
    const { bytes, name } = await reportOf(b.deps, sight, 'en');
    expect(name).toBe('Trial 2026-03 v1.pdf');
    const text = Buffer.from(bytes).toString('latin1');
    expect(text.startsWith('%PDF-1.7')).toBe(true);
    for (const part of ['/Lang (en)', '/Marked true', '/Outlines', '/StructTreeRoot', '/FontFile2'])
      expect(text).toContain(part);
    const [row] = await db().query<{ seal: number }>(
      "SELECT seal FROM assessment.report WHERE version = 1 AND language = 'en'",
    );
    expect(b.seals[row!.seal - 1]!.imprint).toEqual(imprintOf(bytes));
    expect((await reportOf(b.deps, sight, 'en')).bytes).toEqual(bytes);
    // The job has others to make, and stops when it is told to.
    await expect(makeReports(b.deps, AbortSignal.abort())).rejects.toThrow('abort');
    // Made anew it is the same, byte by byte.
    const content = await reportContent(b.deps, sight, {
      city: { zh: '慈溪市', en: 'Cixi' },
      address: 'https://hub.example',
    });
    expect(imprintOf(await buildReport(content, 'en'))).toEqual(imprintOf(bytes));
  });

  test('a registered formula stays; a new one holds from its month on and says why', async () => {
    const lighter = formulaOf({
      indicators: formulaOf().indicators.map((i, n) => ({ ...i, weight: [30, 60, 10][n] })),
    });
    b.declare(lighter);
    await takeFormulas(b.deps);
    expect(b.deps.faults.map((p) => p.kind.code)).toEqual(['assessment.formula.changed']);
    b.declare(formulaOf());
    b.declare({ ...lighter, edition: 'two', validFrom: '2026-03', reason: { zh: '调整权重', en: 'Weights' } });
    await takeFormulas(b.deps);
    expect(b.deps.faults.map((p) => p.kind.code)).toEqual(['assessment.formula.too-early']);
    b.declare({ ...lighter, edition: 'two', validFrom: '2026-04', reason: { zh: '调整权重', en: 'Weights' } });
    await takeFormulas(b.deps);
    expect(b.deps.faults).toEqual([]);
    await computeDue(b.deps);
    expect((await mustSee(b.deps, { month: '2026-03' })).formula.edition).toBe('one');
    expect((await mustSee(b.deps, { month: '2026-04' })).formula.edition).toBe('two');
  });

  test('the declared formulas of the repository hold and can be asked', async () => {
    const declared = readFormulas(`${repository}/assessment`);
    expect(declared.flatMap((d) => d.problems.map((p) => p.message))).toEqual([]);
    const names = declared.map((d) => d.formula!.scheme).sort();
    expect(names).toEqual(['departments', 'towns']);
    await b.ports.lake.write('assessment', async (s) => {
      const row = { id: 'x' };
      await stage(s, {
        ...{
          organisation: [row],
          entry: [],
          duty: [],
          source: [],
          on_time: [],
          clock: [],
          request: [],
          dispute: [],
          delivery: [],
        },
        ...{ misuse: [], correction: [], refusal: [], use: [], division: [], dataset: [] },
      });
      for (const { formula, file } of declared) {
        const version = { declaration: formula!, file, scheme: formula!.scheme } as Parameters<typeof measure>[1];
        const found = await measure(s, version, '2026-03-31');
        expect(found.filter((m) => m.absent.length).map((m) => m.indicator)).toEqual(
          formula!.scheme === 'towns' ? ['collected'] : [],
        );
      }
    });
  });
});
