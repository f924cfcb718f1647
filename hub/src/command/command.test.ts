import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDb } from '../platform/db/testing.ts';
import type { NotedNotices } from '../platform/notices/testing.ts';
import { readPlanText, stepsAt } from './declaration.ts';
import { addPost, addShift, handOver, holesOf, onDuty, phoneOf, report, takeOver } from './duty.ts';
import { gapsOf } from './gaps.ts';
import { checkLog, entriesAfter, operationOf, wholeLog } from './log.ts';
import { deliver, inboxOf, notify } from './messages.ts';
import { changeLevel, close, end, type StartBody, start } from './operations.ts';
import { give, ordersOf, receive } from './orders.ts';
import { adoptPlan, editPlan, planOf, registerPlans } from './plans.ts';
import { dismiss, heed, openProposals } from './proposals.ts';
import { momentAt } from './pure/index.ts';
import { draftReport, editReport, reportFile, reportsOf, signReport } from './report.ts';
import { move, movementsOf, register, resourceOf } from './resources.ts';
import { draw, shapesOf } from './shapes.ts';
import { answer, tasksOf } from './tasks.ts';
import { bench, commandMigrations, duty, START, steward, water, who } from './testing.ts';
import { inboxView, mineView, operationView, planView, reviewView } from './views.ts';
import { look } from './watch.ts';

const MINUTE = 60_000;
const of = (over: Partial<StartBody> = {}): StartBody => ({
  ...{
    plan: 'typhoon-flood',
    level: 'IV',
    exercise: false,
    title: '台风防御',
    grounds: '蓝色预警',
    commander: '张三',
    place: '庵东镇',
  },
  ...{ causes: [], key: 'start-0001', ...over },
});

describeDb('command', commandMigrations, (db) => {
  let b: Awaited<ReturnType<typeof bench>>;
  beforeAll(async () => {
    b = await bench(db());
    await addPost(b.deps, { id: 'centre', title: { zh: '指挥中心', en: 'Centre' } }, steward);
    await addPost(
      b.deps,
      { id: 'slj', title: { zh: '水利值班', en: 'Water duty' }, organisation: 'slj', escalateTo: 'centre' },
      steward,
    );
  });
  afterAll(() => b.deps.seats.end());

  test('the declared plans hold; a mistake is told with its line; an edited version is in force until another is adopted', async () => {
    expect(b.deps.faults.map(String)).toEqual([]);
    const plan = await planOf(db().kysely, 'typhoon-flood');
    expect(stepsAt(plan.declaration, 1).length).toBe(plan.declaration.steps.length);
    expect(stepsAt(plan.declaration, 4).length).toBeLessThan(stepsAt(plan.declaration, 3).length);
    const known = new Set(b.deps.organisations().keys());
    const wrong = readPlanText(
      plan.text.replace('after: [consult]', 'after: [consul]').replace('lead: yjgl', 'lead: nobody'),
      'typhoon-flood',
      known,
    );
    expect(wrong.problems.map((p) => [p.kind.code, plan.text.split('\n')[p.place!.line! - 1]?.trim()])).toEqual([
      ['command.plan.organisation', 'lead: yjgl'],
      ['command.plan.step', 'after: [consult]'],
    ]);
    const circle = plan.text.replace(
      '    roles: [command]\n    acknowledge: 10',
      '    roles: [command]\n    after: [lower-rivers]\n    acknowledge: 10',
    );
    expect(readPlanText(circle, 'typhoon-flood', known).problems.map((p) => p.kind.code)).toEqual([
      'command.plan.cycle',
    ]);
    const text = plan.text.replace('limit: 60\n', 'limit: 50\n');
    expect(await editPlan(b.deps, 'typhoon-flood', { text, reason: '缩短时限', base: 1 }, steward)).toBe(2);
    await expect(editPlan(b.deps, 'typhoon-flood', { text, reason: '再次', base: 1 }, steward)).rejects.toThrow(
      'command.conflict',
    );
    // The unchanged file does not come back over what a person decided.
    expect(await registerPlans(b.deps)).toBe(0);
    expect((await planOf(db().kysely, 'typhoon-flood')).version).toBe(2);
    await adoptPlan(b.deps, 'typhoon-flood', 1, steward);
    await expect(sql`UPDATE command.plan_version SET hash = 'x'`.execute(db().kysely)).rejects.toThrow('do not change');
    expect(b.seals.filter((s) => s.subject.startsWith('command-plan/typhoon-flood')).length).toBe(2);
  });

  test('a roster tells who is on duty, where its holes are; deputies stand in; hand-over', async () => {
    const t = (hours: number) => new Date(Date.parse(START) + hours * 60 * MINUTE);
    const shift = { post: 'centre', startsAt: t(-2), endsAt: t(10), person: '王甲', deputy: '李乙' };
    const first = await addShift(b.deps, shift, steward);
    await expect(addShift(b.deps, { ...shift, startsAt: t(9), endsAt: t(12) }, steward)).rejects.toThrow(
      'shift.overlap',
    );
    await addShift(b.deps, { ...shift, startsAt: t(12), endsAt: t(20), person: '陈丙' }, steward);
    const now = () => onDuty(db().kysely, b.clock.now());
    expect(await now()).toMatchObject([{ post: 'centre', person: '王甲', reported: false }]);
    const rows = (await sql<never>`SELECT * FROM command.shift WHERE post = 'centre'`.execute(db().kysely)).rows;
    expect(holesOf(rows, t(0), t(24)).map((h) => [(+h.from - +t(0)) / 3.6e6, (+h.to - +t(0)) / 3.6e6])).toEqual([
      [10, 12],
      [20, 24],
    ]);
    await report(b.deps, first, 'away', duty);
    expect(await now()).toMatchObject([{ person: '李乙', deputy: true }]);
    const given = await handOver(b.deps, first, '水位平稳', duty);
    await takeOver(b.deps, given, duty);
    expect(await now()).toMatchObject([{ person: '陈丙', reported: true }]);
    await expect(takeOver(b.deps, given, duty)).rejects.toThrow('handover.unknown');
  });

  test('a plan is started once, its tasks, messages and log with it; nobody on duty is told upwards and never skipped', async () => {
    const [id, again] = await Promise.all([start(b.deps, of(), duty), start(b.deps, of(), duty)]);
    expect(again).toBe(id);
    await expect(start(b.deps, of({ key: 'start-0002' }), duty)).rejects.toThrow('operation.twice');
    const plan = (await planOf(db().kysely, 'typhoon-flood')).declaration;
    const tasks = await tasksOf(db().kysely, id);
    expect(tasks.length).toBe(stepsAt(plan, 4).reduce((n, s) => n + s.roles.length, 0));
    // What waits for the consultation is not sent before it.
    expect(tasks.filter((t) => t.state === 'waiting').map((t) => t.step)).toEqual(['lower-rivers']);
    const gaps = await gapsOf(db().kysely, id);
    expect(gaps.map((g) => g.organisation)).toContain('slj');
    expect(gaps.find((g) => g.organisation === 'slj')!.told).toEqual([
      { kind: 'organisation', id: 'yjgl', onDuty: [] },
      { kind: 'post', id: 'centre', onDuty: ['陈丙'] },
    ]);
    await deliver(b.deps);
    expect(await deliver(b.deps)).toBe(0);
    const tasked = (b.deps.notices as NotedNotices).told.filter((n) => n.kind === 'command.task');
    expect(tasked.filter((n) => n.to.some((r) => 'organisation' in r && r.organisation === 'slj'))).toHaveLength(1);
    const mail = await inboxOf(b.deps, water, undefined, 50);
    expect(mail.items.filter((m) => m.kind === 'task')).toHaveLength(1);
    expect(mail.items.every((m) => m.organisation === 'slj')).toBe(true);
    // Somebody comes on duty: the gap closes by itself.
    await addShift(
      b.deps,
      { post: 'slj', startsAt: b.clock.now(), endsAt: new Date(+b.clock.now() + 3.6e7), person: '周丁' },
      steward,
    );
    await look(b.deps);
    expect((await gapsOf(db().kysely, id)).find((g) => g.organisation === 'slj')).toMatchObject({
      ended_by: 'system',
      note: '周丁',
    });
  });

  test('organisations answer their own tasks once; what is late is told once; steps follow each other', async () => {
    const id = (await sql<{ id: number }>`SELECT max(id) AS id FROM command.operation`.execute(db().kysely)).rows[0]!
      .id;
    const task = async (step: string) => (await tasksOf(db().kysely, id)).find((t) => t.step === step)!;
    const patrol = await task('patrol-works');
    const say = { action: 'acknowledge' as const, note: '', key: 'answer-001' };
    await expect(answer(b.deps, patrol.id, say, who('data-officer', 'scjg'))).rejects.toThrow('task.not-yours');
    await expect(answer(b.deps, patrol.id, say, who('field-officer', 'scjg'))).rejects.toThrow('task.unknown');
    await answer(b.deps, patrol.id, say, water);
    await answer(b.deps, patrol.id, say, water);
    expect(
      (await wholeLog(db().kysely, id)).filter((e) => e.kind === 'task' && e.detail.state === 'acknowledged'),
    ).toHaveLength(1);
    await expect(answer(b.deps, patrol.id, { ...say, key: 'answer-002' }, water)).rejects.toThrow('task.state');
    const consult = await task('consult');
    await answer(
      b.deps,
      consult.id,
      { action: 'done', note: '重点防御北部', key: 'answer-003' },
      who('department-head', 'yjgl'),
    );
    expect((await task('lower-rivers')).state).toBe('sent');
    b.clock.advance(16 * MINUTE);
    await look(b.deps);
    b.clock.advance(170 * MINUTE);
    await look(b.deps);
    await look(b.deps);
    const log = await wholeLog(db().kysely, id);
    expect(log.filter((e) => e.kind === 'late' && e.detail.task === patrol.id)).toHaveLength(1);
    expect(log.filter((e) => e.kind === 'unacknowledged' && e.detail.task === patrol.id)).toHaveLength(0);
    expect((await task('patrol-works')).told_late).toBe(true);
  });

  test('a level that rises orders more, one that falls cancels, one that rises again orders anew', async () => {
    const id = (await sql<{ id: number }>`SELECT max(id) AS id FROM command.operation`.execute(db().kysely)).rows[0]!
      .id;
    await changeLevel(b.deps, id, { level: 'III', grounds: '黄色预警', key: 'level-0001' }, duty);
    await changeLevel(b.deps, id, { level: 'III', grounds: '黄色预警', key: 'level-0001' }, duty);
    const boats = async () => (await tasksOf(db().kysely, id)).filter((t) => t.step === 'boats-home');
    expect((await boats()).map((t) => [t.round, t.state])).toEqual([[1, 'sent']]);
    await changeLevel(b.deps, id, { level: 'IV', grounds: '减弱', key: 'level-0002' }, duty);
    expect((await boats()).map((t) => t.state)).toEqual(['cancelled']);
    await changeLevel(b.deps, id, { level: 'II', grounds: '橙色预警', key: 'level-0003' }, duty);
    expect((await boats()).map((t) => [t.round, t.state])).toEqual([
      [1, 'cancelled'],
      [2, 'sent'],
    ]);
    expect(
      await tasksOf(db().kysely, id).then((all) => all.filter((t) => t.step === 'evacuate').map((t) => t.state)),
    ).toEqual(['waiting', 'waiting', 'waiting']);
  });

  test('stock never falls below nothing, what is out comes back, an operation tells of its resources', async () => {
    const id = (await sql<{ id: number }>`SELECT max(id) AS id FROM command.operation`.execute(db().kysely)).rows[0]!
      .id;
    const base = { organisation: 'slj', lon: 121.2, lat: 30.2, address: '', unit: '只', least: 100 };
    const name = { zh: '沙袋', en: 'Sandbags' };
    await register(
      b.deps,
      [
        { ...base, id: 'bags', kind: 'material', type: 'sandbag', name, quantity: 500 },
        {
          ...base,
          id: 'crew',
          kind: 'team',
          type: 'rescue',
          name: { zh: '救援队', en: 'Crew' },
          quantity: 0,
          unit: '',
        },
        {
          ...base,
          id: 'hall',
          kind: 'shelter',
          type: 'shelter',
          name: { zh: '体育馆', en: 'Hall' },
          quantity: 0,
          unit: '人',
          capacity: 50,
        },
      ],
      steward,
    );
    const go = (r: string, m: Parameters<typeof move>[2]['move'], quantity: number, key: string, operation?: number) =>
      move(b.deps, r, { move: m, quantity, note: '', key, operation }, duty);
    await go('bags', 'lend', 200, 'move-0001');
    await go('bags', 'lend', 200, 'move-0001');
    expect(await go('bags', 'use', 250, 'move-0002', id)).toMatchObject({ quantity: 50, lent: 200 });
    await expect(go('bags', 'use', 51, 'move-0003')).rejects.toThrow('resource.short');
    await expect(go('bags', 'return', 201, 'move-0004')).rejects.toThrow('resource.returned');
    expect(await go('bags', 'return', 200, 'move-0005')).toMatchObject({ quantity: 250, lent: 0 });
    expect((await movementsOf(db().kysely, 'bags')).map((m) => m.kind)).toEqual(['return', 'use', 'lend', 'register']);
    await go('crew', 'assign', 0, 'move-0006', id);
    await expect(go('crew', 'assign', 0, 'move-0007', id)).rejects.toThrow('resource.state');
    await go('hall', 'open', 0, 'move-0008', id);
    await go('hall', 'admit', 50, 'move-0009');
    await expect(go('hall', 'admit', 1, 'move-0010')).rejects.toThrow('resource.full');
    await expect(
      move(b.deps, 'bags', { move: 'use', quantity: 1, note: '', key: 'move-0011' }, who('data-officer', 'scjg')),
    ).rejects.toThrow('not-yours');
    expect((await resourceOf(db().kysely, 'hall')).quantity).toBe(50);
    expect([...momentAt(await wholeLog(db().kysely, id)).resources.keys()].sort()).toEqual(
      ['bags', 'crew', 'hall'].filter((x) => x !== 'bags'),
    );
  });

  test('two seats see each other’s drawing and themselves, and go on from where they were', async () => {
    const id = (await sql<{ id: number }>`SELECT max(id) AS id FROM command.operation`.execute(db().kysely)).rows[0]!
      .id;
    const last = (await operationOf(db().kysely, id)).seq;
    const seat = (name: string, after: number) => {
      const gone = new AbortController();
      const who = { seat: name, login: name, name, organisation: null };
      const stream = b.deps.seats.stream(id, who, after, (a, n) => entriesAfter(db().kysely, id, a, n), gone.signal);
      const next = async (event: string) => {
        for (let i = 0; i < 20; i++) {
          const { value, done } = await stream.next();
          if (done) throw new Error('the stream has ended');
          if (value.includes(`event: ${event}`)) return JSON.parse(/data: (.*)/.exec(value)![1]!);
        }
        throw new Error(`no ${event}`);
      };
      return {
        next,
        leave: async () => {
          gone.abort();
          await stream.return(undefined);
        },
      };
    };
    const [one, two] = [seat('甲席', last), seat('乙席', last)];
    expect(await one.next('presence')).toHaveLength(1);
    expect(await two.next('presence')).toHaveLength(2);
    const point = (x: number) => ({ type: 'Point' as const, coordinates: [x, 30.2] });
    const shape = { id: 'shape-1', version: 0, properties: { label: '险段' }, deleted: false };
    expect(await draw(b.deps, id, { ...shape, geometry: point(121.1), key: 'shape-k1' }, duty)).toMatchObject({
      version: 1,
    });
    expect(await two.next('entry')).toMatchObject({
      kind: 'shape',
      detail: { id: 'shape-1', version: 1, geometry: point(121.1) },
    });
    // Both drew on version 1: the last writer wins, and both see the same.
    await draw(b.deps, id, { ...shape, version: 1, geometry: point(121.2), key: 'shape-k2' }, duty);
    await draw(b.deps, id, { ...shape, version: 1, geometry: point(121.3), key: 'shape-k3' }, duty);
    expect((await shapesOf(db().kysely, id))[0]).toMatchObject({ version: 3, geometry: point(121.3) });
    await one.leave();
    const back = seat('甲席', last + 1);
    expect([(await back.next('entry')).detail.version, (await back.next('entry')).detail.version]).toEqual([2, 3]);
    await Promise.all([two.leave(), back.leave()]);
    expect(b.deps.seats.at(id)).toEqual([]);
    await expect(
      draw(
        b.deps,
        id,
        {
          ...shape,
          geometry: {
            type: 'Polygon',
            coordinates: [
              [
                [0, 0],
                [1, 1],
                [0, 1],
              ],
            ],
          },
          key: 'shape-k4',
        },
        duty,
      ),
    ).rejects.toThrow('shape.bad');
  });

  test('alerts propose and never start; a person decides', async () => {
    const alert = {
      key: '7',
      codes: ['gas'],
      severity: 'yellow' as const,
      open: true,
      title: { zh: '液氨超标', en: 'Ammonia' },
      lon: 121.2,
      lat: 30.2,
    };
    expect(await heed(b.deps, [alert])).toBe(1);
    expect(await heed(b.deps, [alert])).toBe(0);
    const [p] = await openProposals(db().kysely);
    expect(p).toMatchObject({ plan: 'hazardous-chemicals', level: 3 });
    expect(
      (await sql`SELECT 1 FROM command.operation WHERE plan = 'hazardous-chemicals'`.execute(db().kysely)).rows,
    ).toHaveLength(0);
    await dismiss(b.deps, p!.id, '现场核实为误报', duty);
    await expect(dismiss(b.deps, p!.id, '再次', duty)).rejects.toThrow('proposal.unknown');
    await heed(b.deps, [{ ...alert, key: '8' }]);
    await heed(b.deps, [{ ...alert, key: '8', open: false }]);
    expect(await openProposals(db().kysely)).toEqual([]);
  });

  test('orders have receipts; a report is written from the log, edited, signed; the log is closed, sealed and tells everything', async () => {
    const id = (await sql<{ id: number }>`SELECT max(id) AS id FROM command.operation`.execute(db().kysely)).rows[0]!
      .id;
    await give(
      b.deps,
      id,
      { kind: 'order', text: '立即转移低洼地群众', organisations: ['slj', 'mzj'], key: 'order-001' },
      duty,
    );
    const [order] = await ordersOf(db().kysely, id);
    await receive(b.deps, order!.id, '收到', water);
    await expect(receive(b.deps, order!.id, '', who('data-officer', 'scjg'))).rejects.toThrow('order.not-yours');
    expect((await ordersOf(db().kysely, id))[0]!.receipts.map((r) => [r.organisation, r.received_by])).toEqual([
      ['mzj', null],
      ['slj', '水利'],
    ]);
    const number = await draftReport(b.deps, id, 'zh', duty);
    const [draft] = await reportsOf(db().kysely, id);
    expect(draft!.content.sections.map((s) => s.text).join()).toContain('立即转移低洼地群众');
    const content = { ...draft!.content, title: '第一期' };
    await editReport(b.deps, id, number, { content, version: 1 }, duty);
    await expect(editReport(b.deps, id, number, { content, version: 1 }, duty)).rejects.toThrow('command.conflict');
    await signReport(b.deps, id, number, 2, duty);
    await expect(editReport(b.deps, id, number, { content, version: 3 }, duty)).rejects.toThrow('report.signed');
    expect(
      Buffer.from((await reportFile(b.deps, id, number)).bytes)
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    await expect(close(b.deps, id, duty)).rejects.toThrow('operation.running');
    await end(b.deps, id, { grounds: '预警解除', key: 'end-00001' }, duty);
    // The fold of the log is what the tables say: a replay shows what was.
    const log = await wholeLog(db().kysely, id);
    const moment = momentAt(log);
    const rows = await tasksOf(db().kysely, id);
    expect([...moment.tasks.values()].map((t) => [t.id, t.state, t.progress]).sort()).toEqual(
      rows.map((t) => [t.id, t.state, t.progress]).sort(),
    );
    expect([...moment.shapes.values()].map((s) => s.version)).toEqual([3]);
    await close(b.deps, id, duty);
    expect(b.seals.at(-1)).toMatchObject({ subject: `command-log/${id}` });
    const lines = Buffer.from([...b.files.values()].at(-1)!)
      .toString()
      .trim()
      .split('\n');
    expect(lines.length).toBe(log.length + 1);
    expect(await checkLog(db().kysely, await operationOf(db().kysely, id))).toBe(true);
    await expect(sql`DELETE FROM command.log`.execute(db().kysely)).rejects.toThrow('do not change');
    const review = await reviewView(b.deps, id);
    expect(review.figures).toMatchObject({ orders: 1, done: 1 });
    expect(review.figures.late).toBeGreaterThan(0);
    expect((await operationView(b.deps, id, duty)).head.state).toBe('closed');
    expect(
      (await planView(b.deps, 'typhoon-flood')).steps.find((s) => s.id === 'rescue-ready')!.resources[0],
    ).toMatchObject({ type: 'rescue', count: 3 });
  });

  test('an exercise says so in every message and stands beside the real thing', async () => {
    const id = await start(b.deps, of({ exercise: true, key: 'start-drill', title: '演练一' }), duty);
    await deliver(b.deps);
    const { items } = await inboxOf(b.deps, water, undefined, 3);
    expect(
      items
        .filter((m) => m.operation === id)
        .every((m) => m.exercise && m.title.zh.startsWith('【演练】') && m.text.en.startsWith('[EXERCISE]')),
    ).toBe(true);
    expect(items.some((m) => m.operation === id)).toBe(true);
  });

  test('people report for their own shifts, never for others’; a number is opened by the vault alone; a notice is sent once', async () => {
    const { deps, clock } = b;
    const post = 'wglt';
    const culture = who('data-officer', 'wglt');
    await addPost(deps, { id: post, title: { zh: '文旅值班', en: 'Culture duty' }, organisation: 'wglt' }, steward);
    const at = clock.now().getTime();
    const hours = (n: number) => new Date(at + n * 3_600_000);
    const now = await addShift(deps, { post, startsAt: hours(-1), endsAt: hours(1), person: '王' }, steward);
    const later = await addShift(
      deps,
      { post, startsAt: hours(6), endsAt: hours(8), person: '李', login: 'li' },
      steward,
    );
    const mine = await mineView(deps, culture);
    expect(mine.shifts.filter((s) => [now, later].includes(s.id)).map((s) => [s.id, s.now, s.own])).toEqual([
      [now, true, true],
      [later, false, false],
    ]);
    await report(deps, now, 'on', culture, true);
    expect((await mineView(deps, culture)).shifts.find((s) => s.id === now)).toMatchObject({ state: 'on' });
    await expect(report(deps, later, 'on', culture, true)).rejects.toThrow('command.shift.unknown');
    await expect(report(deps, now, 'away', who('data-officer', 'zjj'), true)).rejects.toThrow('command.shift.unknown');
    await expect(report(deps, later, 'on', { ...culture, login: 'li' }, true)).rejects.toThrow('command.shift.early');
    await expect(phoneOf(deps, now, 'person', '核对', steward)).rejects.toThrow('command.duty.phone');
    const key = crypto.randomUUID();
    const notice = {
      organisations: ['wglt', 'zjj', 'wglt'],
      title: '强降雨提示',
      text: '请做好准备',
      exercise: true,
      key,
    };
    await notify(deps, notice, duty);
    await notify(deps, notice, duty);
    await expect(notify(deps, { ...notice, organisations: ['nobody'] }, duty)).rejects.toThrow(
      'command.organisation.unknown',
    );
    await deliver(deps);
    const inbox = (await inboxView(deps, culture, undefined, 50)).items.filter((m) =>
      m.title.zh.includes('强降雨提示'),
    );
    expect(inbox.map((m) => [m.title.zh, m.exercise, m.operation])).toEqual([['【演练】强降雨提示', true, null]]);
  });
});
