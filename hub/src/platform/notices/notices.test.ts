import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeDb } from '../db/testing.ts';
import { failed } from './channels/channel.ts';
import { MOST_ATTEMPTS } from './deliver.ts';
import { deadOnes, figures, retry } from './health.ts';
import { acknowledge, inboxOf, markRead, unreadOf } from './inbox.ts';
import type { Notice } from './port.ts';
import { sendProblems } from './problems.ts';
import { NotedChannel, type NoticeBench, noticeBench, noticeSets, passing } from './testing.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const plain = (over: Partial<Notice> = {}): Notice => ({
  ...{
    key: 'k',
    kind: 'sharing.matter',
    urgency: 'normal',
    to: [{ organisation: 'scjg' }],
    link: '/sharing/requests/1',
  },
  ...{ title: { zh: '标题', en: 'Title' }, text: { zh: '正文', en: 'Text' }, about: 'sharing-request/1', escalate: [] },
  ...over,
});

const notice = plain;

describeDb('notices', noticeSets, (db) => {
  let b: NoticeBench;
  let mail: NotedChannel;
  let sms: NotedChannel;
  const tell = (n: Notice) => db().tx((trx) => b.outbox.tell(trx, n));
  const withdraw = (key: string) => db().tx((trx) => b.outbox.withdraw(trx, key));
  const inbox = async (p: { userId: string }) => (await inboxOf(db(), p.userId, { limit: 50 })).items;
  const titles = async (p: { userId: string }) => (await inbox(p)).map((n) => n.title.zh);
  const states = async () =>
    (await db().query<{ state: string }>('SELECT state FROM notices.delivery ORDER BY id')).map((r) => r.state);

  beforeEach(async () => {
    mail = new NotedChannel('mail');
    sms = new NotedChannel('sms', 'phone');
    b = await noticeBench(db(), [mail, sms]);
  });
  afterEach(() => b.clear());

  test('what a rolled-back act would have told is told to nobody; what was kept is told once, however often it is said', async () => {
    const p = await b.person('an', 'data-officer', 'scjg');
    await db()
      .tx(async (trx) => {
        await b.outbox.tell(trx, notice({ key: 'lost' }));
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    await tell(notice());
    await tell(notice());
    await b.look();
    await tell(notice());
    await b.look();
    expect(await titles(p)).toEqual(['标题']);
    expect(b.changed).toEqual([p.userId]);
  });

  test('a changed text reaches who has not heard yet and what was not sent yet; the inbox keeps what it has', async () => {
    const p = await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example' });
    mail.outcome = passing;
    const notice = (over: Partial<Notice> = {}) => plain({ kind: 'sharing.deadline', ...over });
    await tell(notice());
    await b.dispatch();
    const late = await b.person('bo', 'data-officer', 'scjg');
    await tell(notice({ title: { zh: '改后', en: 'Changed' } }));
    await b.look();
    expect(await titles(p)).toEqual(['标题']);
    expect(await titles(late)).toEqual(['改后']);
    mail.outcome = () => ({ state: 'sent' });
    b.clock.advance(HOUR);
    await tell(notice({ title: { zh: '又改', en: 'Changed again' } }));
    await b.look();
    // Its first try said this, and so does the second one.
    expect(mail.sent.map((m) => m.content.title.zh)).toEqual(['改后']);
  });

  test('recipients are accounts in use that may open where it leads, each by the page of their own permission', async () => {
    const officer = await b.person('officer', 'data-officer', 'scjg');
    const field = await b.person('field', 'field-officer', 'scjg');
    const collector = await b.person('collector', 'collector', 'scjg');
    const other = await b.person('other', 'data-officer', 'rsj');
    const gone = await b.person('gone', 'data-officer', 'scjg');
    await db().query('UPDATE auth.account SET disabled = true WHERE login = $1', ['gone']);
    await tell(
      notice({
        kind: 'event.dispatched',
        link: [
          { needs: 'event.read', to: '/events/7' },
          { needs: 'event.handle', to: '/field' },
        ],
      }),
    );
    await b.look();
    expect((await inbox(officer)).map((n) => n.link)).toEqual(['/events/7']);
    expect((await inbox(field)).map((n) => n.link)).toEqual(['/field']);
    for (const p of [collector, other, gone]) expect(await titles(p)).toEqual([]);
  });

  test('a role of an organisation, a role anywhere and an account are who they say', async () => {
    const head = await b.person('head', 'department-head', 'scjg');
    const otherHead = await b.person('head2', 'department-head', 'rsj');
    const leader = await b.person('leader', 'leader', null);
    await tell(notice({ key: 'a', to: [{ role: 'department-head', organisation: 'scjg' }] }));
    await tell(notice({ key: 'b', to: [{ role: 'department-head' }] }));
    await tell(notice({ key: 'c', to: [{ account: 'leader' }, { role: 'leader', organisation: null }] }));
    await b.look();
    expect([(await titles(head)).length, (await titles(otherHead)).length, (await titles(leader)).length]).toEqual([
      2, 1, 1,
    ]);
  });

  test('in quiet hours mail waits for their end, what is urgent comes at once unless that is not wanted', async () => {
    const quiet = { from: '09:00', to: '11:30' };
    await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example', settings: { quiet } });
    await b.person('bo', 'data-officer', 'scjg', { mail: 'bo@city.example', settings: { quiet, urgentAlways: false } });
    await tell(notice({ key: 'normal', kind: 'sharing.deadline' }));
    await tell(notice({ key: 'urgent', kind: 'sharing.deadline', urgency: 'urgent' }));
    await b.look();
    expect(mail.sent.map((m) => m.to)).toEqual(['an@city.example']);
    b.clock.advance(HOUR + 29 * 60_000);
    await b.look();
    expect(mail.sent).toHaveLength(1);
    b.clock.advance(60_000);
    await b.look();
    expect(mail.sent.map((m) => m.to).sort()).toEqual([
      'an@city.example',
      'an@city.example',
      'bo@city.example',
      'bo@city.example',
    ]);
  });

  test('a person on leave has it in the inbox silently, who stands in hears; chains are followed, circles end', async () => {
    const an = await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example' });
    const bo = await b.person('bo', 'data-officer', 'rsj', { mail: 'bo@city.example' });
    const cy = await b.person('cy', 'data-officer', 'rsj', { mail: 'cy@city.example' });
    const leave = (who: { userId: string }, deputy: { userId: string }) =>
      db().query(
        `INSERT INTO notices.leave (account, deputy, from_day, to_day, made_at) VALUES ($1, $2, '2026-03-02', '2026-03-03', now())`,
        [who.userId, deputy.userId],
      );
    await leave(an, bo);
    await leave(bo, cy);
    await leave(cy, an);
    await tell(notice({ kind: 'sharing.deadline' }));
    await b.look();
    expect((await inbox(cy)).map((n) => [n.because, n.for_name])).toEqual([['deputy', 'an']]);
    expect(await titles(an)).toHaveLength(1);
    expect(mail.sent.map((m) => m.to)).toEqual(['cy@city.example']);
    b.clock.advance(2 * DAY);
    await tell(notice({ key: 'after', kind: 'sharing.deadline' }));
    await b.look();
    expect(mail.sent.map((m) => m.to)).toEqual(['cy@city.example', 'an@city.example']);
  });

  test('a deputy who may not open it is none: the person hears as ever; deputies of a room hold for its kinds', async () => {
    const head = await b.person('head', 'department-head', 'scjg', { mail: 'head@city.example' });
    const collector = await b.person('col', 'collector', 'scjg', { mail: 'col@city.example' });
    const officer = await b.person('of', 'data-officer', 'scjg', { mail: 'of@city.example' });
    await db().query(
      `INSERT INTO notices.leave (account, deputy, from_day, to_day, made_at) VALUES ($1, $2, '2026-03-02', '2026-03-03', now())`,
      [head.userId, collector.userId],
    );
    b.outbox.deputies(async () => [{ head: 'head', deputy: 'of', kinds: ['event.'] }]);
    const to = [{ account: 'head' }];
    await tell(notice({ key: 'a', kind: 'sharing.deadline', to }));
    await b.look();
    expect(mail.sent.map((m) => m.to)).toEqual(['head@city.example']);
    await tell(notice({ key: 'b', kind: 'event.late', to }));
    await b.look();
    expect((await inbox(officer)).map((n) => n.because)).toEqual(['deputy']);
    expect(await titles(collector)).toEqual([]);
  });

  test('what nobody heard goes up after its working hours; reading stops it, for what is urgent acknowledging alone', async () => {
    const officer = await b.person('of', 'data-officer', 'scjg');
    const head = await b.person('head', 'department-head', 'scjg');
    const steward = await b.person('st', 'data-steward', null);
    // Monday 10:00 and eight working hours (8:30 to 12:00, 13:30 to 17:00): Tuesday 11:00.
    const told = (key: string, urgency: 'normal' | 'urgent') =>
      tell(
        notice({
          key,
          kind: 'sharing.approval',
          urgency,
          escalate: undefined,
          to: [{ role: 'data-officer', organisation: 'scjg' }],
        }),
      );
    for (const urgency of ['normal', 'urgent'] as const) await told(`read ${urgency}`, urgency);
    await told('unheard', 'normal');
    await told('acknowledged', 'urgent');
    await b.look();
    const own = await inbox(officer);
    const ids = await db().query<{ id: number; key: string }>(
      'SELECT n.id, m.key FROM notices.notice n JOIN notices.matter m ON m.id = n.matter',
    );
    const id = (key: string) => ids.find((r) => r.key === key)!.id;
    expect(own).toHaveLength(4);
    await markRead(db(), officer.userId, [id('read normal'), id('read urgent')], b.clock.now());
    await acknowledge(db(), officer.userId, id('acknowledged'), b.clock.now());
    b.clock.advance(25 * HOUR - 60_000);
    await b.look();
    expect(await titles(head)).toHaveLength(0);
    b.clock.advance(60_000);
    await b.look();
    expect((await inbox(head)).map((n) => n.because)).toEqual(['escalation', 'escalation']);
    await b.look();
    expect(await titles(steward)).toHaveLength(0);
    b.clock.advance(DAY + 4 * HOUR);
    await b.look();
    expect(await titles(steward)).toHaveLength(2);
    expect(await titles(head)).toHaveLength(2);
  });

  test('where nobody holds the role the next in the chain hears at once, and it is looked for again', async () => {
    const head = await b.person('head', 'department-head', 'scjg');
    await tell(
      notice({
        to: [{ role: 'data-officer', organisation: 'scjg' }],
        escalate: [{ within: '8 working-hours', to: [{ role: 'department-head', organisation: 'scjg' }] }],
      }),
    );
    await b.look();
    expect((await inbox(head)).map((n) => n.because)).toEqual(['escalation']);
    const late = await b.person('late', 'data-officer', 'scjg');
    b.clock.advance(2 * HOUR);
    await tell(notice({ title: { zh: '新', en: 'new' }, to: [{ role: 'data-officer', organisation: 'scjg' }] }));
    await b.look();
    expect(await titles(late)).toEqual(['新']);
    expect(await titles(head)).toHaveLength(1);
  });

  test('what can wait comes in one mail a day at the hour that was asked for, without what was settled meanwhile', async () => {
    const settings = { digest: { rhythm: 'daily' as const, hour: 17 } };
    await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example', settings });
    for (const key of ['a', 'b', 'c']) await tell(notice({ key, urgency: 'info', title: { zh: key, en: key } }));
    await b.look();
    await withdraw('b');
    b.clock.advance(7 * HOUR - 60_000);
    await b.look();
    expect(mail.sent).toEqual([]);
    b.clock.advance(60_000);
    mail.outcome = passing;
    await b.look();
    mail.outcome = () => ({ state: 'sent' });
    b.clock.advance(HOUR);
    await b.look();
    await b.look();
    expect(mail.sent.map((m) => m.content.items?.map((i) => i.title.zh))).toEqual([['a', 'c']]);
    expect((await states()).sort()).toEqual(['cancelled', 'sent', 'sent', 'sent']);
  });

  test('a matter that is over is settled: nothing waiting is sent, nothing escalates, its key stays used', async () => {
    const p = await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example' });
    const head = await b.person('head', 'department-head', 'scjg');
    mail.outcome = passing;
    await tell(notice({ kind: 'sharing.approval', escalate: undefined, to: [{ account: 'an' }] }));
    await b.look();
    await withdraw('k');
    mail.outcome = () => ({ state: 'sent' });
    await tell(notice({ title: { zh: '再', en: 'again' } }));
    b.clock.advance(3 * DAY);
    await b.look();
    expect(mail.sent).toEqual([]);
    expect((await inbox(p)).map((n) => n.settled_at !== null)).toEqual([true]);
    expect(await titles(head)).toEqual([]);
    expect(await unreadOf(db(), p.userId)).toEqual({ unread: 0, urgent: 0 });
    expect([...(await b.outbox.open('sharing.approval'))]).toEqual([]);
  });

  test('a receiver that fails is asked again later and later under one id, and given up with its reason; asked for, it goes out', async () => {
    await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example' });
    const ids = new Set<string>();
    mail.outcome = (m) => {
      ids.add(m.id);
      return passing();
    };
    await tell(notice({ kind: 'sharing.deadline' }));
    await b.look();
    const waits: number[] = [];
    for (let n = 1; n < MOST_ATTEMPTS; n++) {
      const [row] = await db().query<{ due_at: Date }>('SELECT due_at FROM notices.delivery');
      waits.push((row!.due_at.getTime() - b.clock.now().getTime()) / 1000);
      b.clock.advance(row!.due_at.getTime() - b.clock.now().getTime());
      await b.look();
    }
    expect(waits.slice(0, 4)).toEqual([30, 60, 120, 240]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(6 * 3600);
    expect(await deadOnes(db(), 10)).toMatchObject([
      { login: 'an', kind: 'sharing.deadline', attempts: MOST_ATTEMPTS, problem: { code: 'notices.send.busy' } },
    ]);
    mail.outcome = (m) => {
      ids.add(m.id);
      return { state: 'sent' };
    };
    b.clock.advance(DAY);
    await b.look();
    expect(mail.sent).toHaveLength(0);
    expect(await retry({ db: db(), clock: b.clock }, { channel: 'mail' })).toBe(1);
    await b.look();
    expect(mail.sent).toHaveLength(1);
    expect(ids.size).toBe(1);
  });

  test('a channel that nothing gets through rests, so that its server is not asked for every message', async () => {
    for (const login of ['an', 'bo', 'cy', 'di', 'el', 'fu'])
      await b.person(login, 'data-officer', 'scjg', { mail: `${login}@city.example` });
    let tries = 0;
    mail.outcome = () => {
      tries += 1;
      return failed(sendProblems.unreachable, { rest: true });
    };
    await tell(notice({ kind: 'sharing.deadline' }));
    await b.look();
    await b.look();
    expect(tries).toBe(4);
    expect(b.sender.restsUntil('mail')).not.toBeNull();
    mail.outcome = () => ({ state: 'sent' });
    b.clock.advance(HOUR);
    await b.look();
    expect(mail.sent).toHaveLength(6);
  });

  test('what a killed process was sending goes out again: safely where it was not handed over, as uncertain where it was', async () => {
    await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example' });
    await tell(notice({ key: 'begun', kind: 'sharing.deadline' }));
    await tell(notice({ key: 'handed', kind: 'sharing.deadline' }));
    await b.dispatch();
    await db().query("UPDATE notices.delivery SET state = 'sending', worker = 'killed', attempts = 1");
    await db().query('INSERT INTO notices.attempt (delivery, n, started_at) SELECT id, 1, now() FROM notices.delivery');
    await db().query(`UPDATE notices.delivery SET handed = true WHERE id = (SELECT max(id) FROM notices.delivery)`);
    expect(await b.restart()).toEqual({ safe: 1, uncertain: 1 });
    await b.look();
    expect(new Set(mail.sent.map((m) => m.id)).size).toBe(2);
    expect(
      (await db().query<{ outcome: string }>('SELECT outcome FROM notices.attempt WHERE n = 1 ORDER BY delivery')).map(
        (r) => r.outcome,
      ),
    ).toEqual(['interrupted', 'uncertain']);
    expect((await figures(db(), b.clock.now())).get('mail')).toMatchObject({ waiting: 0, dead: 0 });
  });

  test('messages carry what is urgent and what was chosen; numbers that could be somebody’s never leave', async () => {
    await b.person('an', 'data-officer', 'scjg', { phone: '13800000000' });
    const settings = { kinds: { 'sharing.matter': { messages: ['sms'] } } };
    await b.person('bo', 'data-officer', 'scjg', { phone: '13900000000', settings });
    await tell(notice({ key: 'a', text: { zh: '联系 13812345678 或 330282199001011234', en: 'x' } }));
    await tell(notice({ key: 'b', kind: 'sharing.overdue', urgency: 'urgent' }));
    await b.look();
    expect(sms.sent.map((m) => m.to).sort()).toEqual(['13800000000', '13900000000', '13900000000']);
    const text = sms.sent.map((m) => m.content.text.zh).join();
    expect(text).not.toMatch(/\d{11}/);
    expect(text).toContain('138****78');
  });

  test('nothing is told after its time, and the settings and leave of a person are that person’s', async () => {
    const p = await b.person('an', 'data-officer', 'scjg', { mail: 'an@city.example' });
    await b.person('bo', 'data-officer', 'scjg');
    await tell(notice({ expires: new Date(b.clock.now().getTime() - 1) }));
    await b.look();
    expect(await titles(p)).toEqual([]);
    expect(await b.preferences.of(p.userId)).toMatchObject({ mail: 'an@city.example', phone: null });
    const [row] = await db().query<{ sealed: Uint8Array }>('SELECT mail_sealed AS sealed FROM notices.preference');
    expect(Buffer.from(row!.sealed).toString('latin1')).not.toContain('city.example');
    const code = (work: Promise<unknown>) => work.then(() => 'done').catch((e) => e.kind.code);
    const leave = (over: object = {}) =>
      b.preferences.takeLeave(p, { deputy: 'bo', from: '2026-03-02', to: '2026-03-06', ...over });
    expect(await code(leave({ deputy: 'an' }))).toBe('notices.deputy.unknown');
    expect(await code(leave({ to: '2026-03-01' }))).toBe('notices.leave.period');
    const id = await leave();
    expect(await code(leave())).toBe('notices.leave.overlap');
    await b.preferences.endLeave(p, id);
    expect(await code(leave())).toBe('done');
  });
});
