import { afterAll, beforeAll, expect, test } from 'vitest';
import { desk, detail } from './detail.ts';
import { extendDuty, raiseDuty, recordLateDuties, stopDuty } from './duties.ts';
import { publishedEntries } from './published.ts';
import { content, entryBench, who } from './testing.ts';
import { begin, create, recordOverdue, save, step } from './workflow.ts';

let bench: Awaited<ReturnType<typeof entryBench>>;
let id: string;
const officer = who('data-officer', 'rsj');
const head = who('department-head', 'rsj');
const authority = who('data-steward', null);
const stranger = who('data-officer', 'scjg');
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (e) => e.kind?.code ?? String(e),
  );
const revision = () => bench.book.get(id)!.open!.revision;
const take = (which: 'submit' | 'approve' | 'publish' | 'return' | 'withdraw', p = officer, reasons?: string[]) =>
  code(step(bench.context, id, which, { revision: revision(), reasons }, p));
const day = 86_400_000;

beforeAll(async () => {
  bench = await entryBench();
  const incomplete = content({ sharing: { type: 'conditional', condition: '经本单位同意' }, level: null });
  [id] = (await create(bench.context, [{ provider: 'rsj', content: incomplete, origin: 'form' }], officer)) as [string];
});
afterAll(() => bench.end());

test('only the own department drafts, and nobody else sees a draft', async () => {
  const given = [{ provider: 'rsj', content: content(), origin: 'form' as const }];
  expect(await code(create(bench.context, given, stranger))).toBe('catalogue.entry.not-yours');
  expect(await code(create(bench.context, [{ ...given[0]!, provider: 'nobody' }], officer))).toBe(
    'catalogue.entry.provider-unknown',
  );
  expect(await code(detail(bench.context, id, stranger))).toBe('catalogue.entry.unknown');
  expect((await desk(bench.context, stranger)).drafts).toEqual([]);
  expect(publishedEntries(bench.db)).toEqual([]);
});

test('errors keep a draft from being submitted, all of them told at once with their places', async () => {
  const refusal = await step(bench.context, id, 'submit', { revision: 1 }, officer).catch((e) => e);
  expect(refusal.kind.code).toBe('catalogue.entry.has-errors');
  expect(
    refusal.details.map((d: { kind: { code: string }; place: { pointer: string } }) => [d.kind.code, d.place.pointer]),
  ).toEqual([
    ['catalogue.check.condition-none', '/sharing/condition'],
    ['catalogue.check.level-missing', '/level'],
  ]);
});

test('two who edit one draft: the second is told who was faster', async () => {
  await save(bench.context, id, { revision: 1, content: content() }, officer);
  const late = await save(bench.context, id, { revision: 1, content: content() }, authority).catch((e) => e);
  expect([late.kind.code, late.params.who]).toEqual(['catalogue.entry.changed-meanwhile', officer.login]);
});

test('officer, head and authority each take their own step and no other', async () => {
  expect([await take('approve', head), await take('submit', head)]).toEqual([
    'catalogue.entry.wrong-state',
    'catalogue.entry.not-yours',
  ]);
  expect(await take('submit')).toBe('done');
  expect([await take('approve', officer), await take('approve', who('department-head', 'scjg'))]).toEqual([
    'catalogue.entry.not-yours',
    'catalogue.entry.unknown',
  ]);
  // A role that is lent does not make two eyes of four.
  const lent = { ...officer, ...who('department-head', 'rsj'), login: officer.login };
  const acting = { ...lent, acting: [{ role: 'department-head' as const, for: head.login }] };
  expect([await take('approve', acting), await take('return', acting, ['自己提交'])]).toEqual([
    'auth.own-request',
    'auth.own-request',
  ]);
  expect(await take('approve', head)).toBe('done');
  expect([await take('publish', head), await take('withdraw')]).toEqual([
    'catalogue.entry.not-yours',
    'catalogue.entry.wrong-state',
  ]);
});

test('the two working days of review run, warn, are overdue and recorded once', async () => {
  const clockOf = async () => (await desk(bench.context, authority)).toReview[0]!.clock;
  expect(await clockOf()).toMatchObject({ from: '2026-03-02', due: '2026-03-04', left: 2, days: 2 });
  bench.clock.advance(2 * day);
  expect(await clockOf()).toMatchObject({ left: 0, state: 'warning' });
  expect(await recordOverdue(bench.context)).toBe(0);
  bench.clock.advance(day);
  expect(await clockOf()).toMatchObject({ left: -1, state: 'overdue' });
  expect([await recordOverdue(bench.context), await recordOverdue(bench.context)]).toEqual([1, 0]);
  expect(bench.notices.keys('catalogue.overdue')).toHaveLength(1);
});

test('a return needs its reasons; what was returned is mended and published', async () => {
  expect(await take('return', authority)).toBe('catalogue.entry.reasons-missing');
  expect(await take('return', authority, ['摘要请写明范围', '补充更新周期依据'])).toBe('done');
  expect((await detail(bench.context, id, officer)).draft).toMatchObject({
    state: 'returned',
    reasons: ['摘要请写明范围', '补充更新周期依据'],
  });
  await save(bench.context, id, { revision: revision(), content: content({ cycle: 'daily' }) }, officer);
  expect([await take('submit'), await take('approve', head), await take('publish', authority)]).toEqual([
    'done',
    'done',
    'done',
  ]);
  expect(publishedEntries(bench.db)).toMatchObject([{ id, version: 1, provider: 'rsj', source: null, cycle: 'daily' }]);
  const seen = await detail(bench.context, id, stranger);
  expect([seen.draft, seen.findings, seen.history.map((h) => [h.step, h.by])]).toEqual([null, [], [['publish', null]]]);
});

test('a duty to update runs ten working days, five more by consent, and ends when the update reaches the authority', async () => {
  const given = { provider: 'rsj', entry: id, ground: '部门职责调整（编委〔2026〕5号）', occurred: '2026-03-05' };
  expect(await code(raiseDuty(bench.context, { ...given, occurred: '2026-03-06' }, officer))).toBe(
    'catalogue.entry.duty-future',
  );
  const duty = await raiseDuty(bench.context, given, officer);
  const seen = async () => (await desk(bench.context, officer)).duties.find((d) => d.id === duty)!;
  expect((await seen()).clock).toMatchObject({ due: '2026-03-19', left: 10, state: 'running' });
  expect(await code(extendDuty(bench.context, duty, '系统改造', officer))).toBe('catalogue.entry.not-yours');
  await extendDuty(bench.context, duty, '系统改造', authority);
  expect(await code(extendDuty(bench.context, duty, '再延', authority))).toBe('catalogue.entry.duty-extended');
  expect((await seen()).clock).toMatchObject({ days: 15, due: '2026-03-26' });
  await begin(bench.context, id, 'change', officer);
  expect(await code(begin(bench.context, id, 'change', officer))).toBe('catalogue.entry.draft-there');
  await take('submit');
  await take('approve', head);
  expect((await seen()).clock.state).toBe('met');
  expect(await code(stopDuty(bench.context, duty, '无', authority))).toBe('catalogue.entry.duty-ended');
  await take('publish', authority);
});

test('a duty that nobody fulfils is recorded as late, and its end in a year without a calendar is unknown', async () => {
  await raiseDuty(
    bench.context,
    { provider: 'rsj', ground: '《政务数据共享条例》施行', occurred: '2026-02-02' },
    officer,
  );
  expect([await recordLateDuties(bench.context), await recordLateDuties(bench.context)]).toEqual([1, 0]);
  expect(bench.notices.keys('catalogue.overdue').filter((k) => k.startsWith('catalogue.duty/'))).toHaveLength(1);
  bench.clock.advance(298 * day);
  await raiseDuty(bench.context, { provider: 'rsj', ground: '《某法》修订', occurred: '2026-12-25' }, officer);
  const last = (await desk(bench.context, officer)).duties.find((d) => d.occurred === '2026-12-25')!;
  expect(last.clock).toMatchObject({ due: null, missingYear: 2027, left: null, state: 'unknown' });
});

test('a retired entry is in force no more, and everything is in the audit', async () => {
  await begin(bench.context, id, 'retire', officer);
  for (const [which, p] of [
    ['submit', officer],
    ['approve', head],
    ['publish', authority],
  ] as const)
    expect(await take(which, p)).toBe('done');
  expect(publishedEntries(bench.db)).toEqual([]);
  expect(await code(begin(bench.context, id, 'change', officer))).toBe('catalogue.entry.retired');
  const audited = await bench.db.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM audit.entry WHERE action LIKE 'catalogue.%'",
  );
  expect(audited[0]!.n).toBeGreaterThan(15);
});
