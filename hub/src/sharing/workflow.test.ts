import { createHash } from 'node:crypto';
import { nationalCalendar } from '@jingwei/codes';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { room as libraries } from '../libraries/index.ts';
import { type Principal, permissionsOf } from '../platform/auth/principal.ts';
import { describeDb } from '../platform/db/testing.ts';
import type { StreamBody } from '../platform/http/index.ts';
import type { NotedNotices } from '../platform/notices/testing.ts';
import type { Deps } from '../platform/room.ts';
import { nextDay } from './delivery/ask.ts';
import { activeGrants, grantChanged, grantOf } from './grants.ts';
import { deliveredUses } from './lineage.ts';
import { sweep } from './sweep.ts';
import { type Bench, bench, people, sharingMigrations, textOf, whole } from './testing.ts';

const { officer, head, rsjOfficer, rsjHead, taxOfficer, taxHead, steward, leader } = people;
const DAY = 86_400_000;
type Detail = {
  id: number;
  state: string;
  share: number | null;
  version: number;
  clock: { id: number; due: string | null; standing: string; left: number | null; missingYear: number | null } | null;
  clocks: { deadline: string; state: string; standing: string; due: string | null; ground: string | null }[];
  steps: { action: string }[];
  timeline: { action: string; actor: string; deputyFor: string | null; article: number | null }[];
  missing: { code: string; field: string | null }[];
};
type Share = {
  state: string;
  version: number;
  until: string;
  steps: { action: string }[];
  items: { name: string; shown: string }[];
  deliveryList: {
    id: number;
    state: string;
    kind: string;
    rows: number;
    sha256: string;
    problem: { code: string } | null;
    receipt: { matches: boolean } | null;
  }[];
  corrected: { correction: number; item: string; record: string }[];
};

describeDb('sharing', sharingMigrations, (db) => {
  let b: Bench;
  beforeAll(async () => {
    b = await bench(db());
  });
  afterAll(() => b.end());

  const draft = async (entry: string, content = whole(), p = rsjOfficer) =>
    (await b.call<{ id: number }>('POST', '/requests', p, { body: { entry, content } })).id;
  const request = (id: number, p = rsjOfficer) => b.call<Detail>('GET', '/requests/{id}', p, { params: { id } });
  const share = (id: number, p = rsjOfficer) => b.call<Share>('GET', '/shares/{id}', p, { params: { id } });
  /** A request that its own head has agreed to. */
  const submitted = async (entry: string, content = whole()) => {
    const id = await draft(entry, content);
    await b.step('requests', id, 'propose', rsjOfficer);
    await b.step('requests', id, 'agree-own', rsjHead);
    return id;
  };
  const granted = async (content = whole(), entry = 'scjg.permit') => {
    const id = await submitted(entry, content);
    if (entry !== 'scjg.permit')
      await b.step('requests', id, 'advise', officer, { comment: '符合条件', data: { share: true } });
    await b.step('requests', id, 'grant', head);
    return (await request(id)).share!;
  };
  const code = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: { kind?: { code: string }; message: string }) => error.kind?.code ?? error.message,
    );

  test('an unconditional resource is served as soon as both heads have agreed', async () => {
    const id = await submitted('scjg.permit');
    expect(await request(id)).toMatchObject({ state: 'received', clock: { due: '2026-03-03', standing: 'running' } });
    const after = await b.step<Detail>('requests', id, 'grant', head);
    expect(after.clocks.map((c) => [c.deadline, c.state])).toEqual([
      ['request.reply.unconditional', 'met'],
      ['request.deliver', 'running'],
    ]);
    await b.runJobs();
    const given = await share(after.share!);
    expect(given.deliveryList).toMatchObject([{ state: 'ready', kind: 'full', rows: 20 }]);
    expect((await request(id)).clocks.map((c) => c.standing)).toEqual(['met', 'met']);
    expect((await request(id)).timeline.map((s) => s.action)).toEqual([
      'draft',
      'propose',
      'agree-own',
      'grant',
      'deliver',
      'delivered',
    ]);
  });

  test('a service grant is open as soon as it is granted, and whoever serves it is told of every change', async () => {
    const told: number[] = [];
    const off = b.ports.bus.on(grantChanged, ({ share }) => void told.push(share));
    const id = await submitted('scjg.permit', whole({ mode: 'service' }));
    const after = await b.step<Detail>('requests', id, 'grant', head);
    const share = after.share!;
    expect(told).toEqual([share]);
    expect(after.clocks.map((c) => [c.deadline, c.state])).toContainEqual(['request.deliver', 'met']);
    expect((await activeGrants(b.ports.db, { mode: 'service', entry: 'scjg.permit' })).map((s) => s.id)).toEqual([
      share,
    ]);
    await b.step('shares', share, 'suspend', head, { comment: '超范围使用', data: { mendBy: '2026-12-30' } });
    expect(told).toEqual([share, share]);
    expect(await activeGrants(b.ports.db, { mode: 'service' })).toEqual([]);
    expect((await grantOf(b.ports.db, share))!.state).toBe('suspended');
    off();
  });

  test('what is missing is told once and all of it', async () => {
    const id = await draft('scjg.penalty', { items: ['contact', 'nothing'], mode: null, until: '2026-01-01' });
    const told = (await request(id)).missing.map((m) => m.code.replace('sharing.missing.', ''));
    expect(told).toEqual([
      'ground',
      'scene',
      'scope',
      'mode',
      'until-past',
      'necessity',
      'item-unknown',
      'conditions',
      'contact',
    ]);
    expect(await code(b.step('requests', id, 'propose', rsjOfficer))).toBe('sharing.incomplete');
    expect((await request(id)).state).toBe('draft');
  });

  test('what is not shared cannot be asked for, and the ground is told', async () => {
    await expect(draft('scjg.secret')).rejects.toMatchObject({
      kind: { code: 'sharing.not-shared' },
      params: { ground: '《保密法》第十条' },
    });
    expect(await code(draft('scjg.nothing'))).toBe('sharing.entry.unknown');
  });

  test('what is missing is told by the provider once; the clock stops on its legal ground and starts anew', async () => {
    const id = await submitted('scjg.penalty');
    await b.step('requests', id, 'ask-supplement', officer, { data: { missing: ['稽核方案', '经办人名单'] } });
    expect((await request(id)).clocks).toMatchObject([
      { state: 'stopped', ground: expect.stringContaining('第二十一条') },
    ]);
    await b.step('requests', id, 'resubmit', rsjOfficer);
    expect((await request(id)).clock).toMatchObject({ due: '2026-03-16', standing: 'running' });
    const again = b.step('requests', id, 'ask-supplement', officer, { data: { missing: ['还有'] } });
    expect(await code(again)).toBe('sharing.told-once');
  });

  test('a refusal needs its reason and ground, and is impossible without a condition', async () => {
    const open = await submitted('scjg.permit');
    await b.step('requests', open, 'advise', officer, { comment: '建议不同意', data: { share: false } });
    const refuse = { comment: '不符合', data: { ground: '《条例》第二十一条' } };
    expect(await code(b.step('requests', open, 'refuse', head, refuse))).toBe('sharing.unconditional');
    const id = await submitted('scjg.penalty');
    expect(await code(b.step('requests', id, 'grant', head))).toBe('sharing.state');
    await b.step('requests', id, 'advise', officer, { comment: '建议不同意', data: { share: false } });
    expect(await code(b.step('requests', id, 'refuse', head, { comment: '不符合' }))).toBe('sharing.data-needed');
    expect(await code(b.step('requests', id, 'refuse', head, { data: refuse.data }))).toBe('sharing.comment-needed');
    expect((await b.step<Detail>('requests', id, 'refuse', head, refuse)).state).toBe('refused');
  });

  test('an extension needs consent, has its longest, and is told to the requester', async () => {
    const id = await submitted('scjg.penalty');
    const clock = (await request(id)).clock!;
    const ask = (days: number, p = officer) =>
      b.call('POST', '/clocks/{id}/extension', p, {
        params: { id: clock.id },
        body: { days, reason: '数据量大需核对' },
      });
    const decide = (p = steward) =>
      b.call('PUT', '/clocks/{id}/extension', p, { params: { id: clock.id }, body: { consent: true } });
    expect(await code(ask(11))).toBe('sharing.extension.too-long');
    expect(await code(ask(5, rsjOfficer))).toBe('sharing.not-yours');
    expect(await code(decide())).toBe('sharing.extension.closed');
    await ask(5);
    expect((await request(id)).clock!.due).toBe(clock.due);
    expect(await code(ask(2))).toBe('sharing.extension.twice');
    expect(await code(decide(officer))).toBe('403 sharing.oversee');
    await decide();
    expect((await request(id)).clock!.due).toBe(nationalCalendar.addWorkingDays(clock.due!, 5));
    const desk = await b.call<{ notices: { kind: string; request: number }[] }>('GET', '/desk', rsjHead);
    expect(desk.notices).toContainEqual(expect.objectContaining({ kind: 'extended', request: id }));
  });

  test('a clock warns before, is late after, and both are kept once', async () => {
    const id = await submitted('scjg.penalty');
    const begun = b.clock.now().getTime();
    try {
      b.clock.advance(11 * DAY);
      await sweep(b.ports);
      await sweep(b.ports);
      expect((await request(id)).clock!.standing).toBe('warning');
      b.clock.advance(10 * DAY);
      await sweep(b.ports);
      await sweep(b.ports);
      const late = await request(id);
      expect(late.clock!.standing).toBe('overdue');
      const notices = b.ports.notices as NotedNotices;
      const own = notices.told.filter((n) => n.about === `sharing-request/${id}`);
      // Its own head and then the provider's officers had it to decide; the deadline came near and passed.
      expect(own.filter((n) => n.kind === 'sharing.approval').map((n) => n.to[0])).toEqual([
        { role: 'department-head', organisation: 'rsj' },
        { role: 'data-officer', organisation: 'scjg' },
      ]);
      expect(own.filter((n) => n.kind === 'sharing.deadline').length).toBeGreaterThan(0);
      expect(own.filter((n) => n.kind === 'sharing.overdue').map((n) => n.to[0])).toEqual([
        { role: 'data-officer', organisation: 'scjg' },
        { role: 'data-officer', organisation: 'rsj' },
        { role: 'data-steward' },
      ]);
      expect(late.timeline.filter((s) => ['warning', 'overdue'].includes(s.action)).map((s) => s.action)).toEqual([
        'warning',
        'overdue',
      ]);
      const seen = await b.call<{ ranking: { organisation: { id: string }; overdue: number }[] }>(
        'GET',
        '/oversight',
        steward,
      );
      expect(seen.ranking[0]).toMatchObject({ organisation: { id: 'scjg' }, overdue: expect.any(Number) });
      await b.step('requests', id, 'advise', officer, { comment: '同意', data: { share: true } });
      await b.step('requests', id, 'grant', head);
      expect((await request(id)).clocks[0]!.standing).toBe('met-late');
    } finally {
      b.clock.advance(begun - b.clock.now().getTime());
    }
  });

  test('a clock that leads into a year without holidays waits, and is computed when they are announced', async () => {
    const begun = b.clock.now().getTime();
    try {
      b.clock.advance(Date.parse('2026-12-25T02:00:00Z') - begun);
      const id = await submitted('scjg.penalty', whole({ until: '2027-06-30' }));
      expect((await request(id)).clock).toMatchObject({ due: null, standing: 'unknown', missingYear: 2027 });
      await sweep(b.ports);
      expect((await request(id)).clock!.due).toBeNull();
      const newYear = { zh: '元旦', en: 'New Year', from: '01-01', to: '01-03' };
      b.calendar.current = nationalCalendar.extend([{ year: 2027, source: 't', holidays: [newYear], worked: [] }]);
      await sweep(b.ports);
      expect((await request(id)).clock).toMatchObject({ due: '2027-01-11', missingYear: null });
    } finally {
      b.calendar.current = nationalCalendar;
      b.clock.advance(begun - b.clock.now().getTime());
    }
  });

  test('two people who decide at once: one is heard, the other told', async () => {
    const id = await submitted('scjg.penalty');
    await b.step('requests', id, 'advise', officer, { comment: '同意', data: { share: true } });
    const { version } = await request(id);
    const body = { action: 'grant', version };
    const both = await Promise.all(
      [0, 1].map(() => code(b.call('POST', '/requests/{id}/steps', head, { params: { id }, body }))),
    );
    expect(both.toSorted()[0]).toBe('done');
    expect(['sharing.conflict', 'sharing.state']).toContain(both.toSorted()[1]);
    const grants = await sql<{ n: number }>`SELECT count(*)::int AS n FROM sharing.share WHERE request = ${id}`.execute(
      db().kysely,
    );
    expect(grants.rows[0]!.n).toBe(1);
    const stale = { content: whole(), version: 1 };
    expect(await code(b.call('PUT', '/requests/{id}', rsjOfficer, { params: { id }, body: stale }))).toBe(
      'sharing.state',
    );
    const other = await draft('scjg.permit');
    await b.call('PUT', '/requests/{id}', rsjOfficer, { params: { id: other }, body: stale });
    expect(await code(b.call('PUT', '/requests/{id}', rsjOfficer, { params: { id: other }, body: stale }))).toBe(
      'sharing.conflict',
    );
  });

  test('who is overtaken is told by whom and with what; who edits an old version, which parts differ', async () => {
    const id = await submitted('scjg.penalty');
    const { version } = await request(id);
    await b.step('requests', id, 'advise', officer, { comment: '同意', data: { share: true } });
    const body = { action: 'advise', version, comment: '也同意', data: { share: true } };
    const late = b.call('POST', '/requests/{id}/steps', officer, { params: { id }, body });
    await expect(late).rejects.toMatchObject({ kind: { code: 'sharing.state' } });
    const withdraw = { action: 'withdraw', version, comment: '不再需要', data: {} };
    await expect(
      b.call('POST', '/requests/{id}/steps', rsjOfficer, { params: { id }, body: withdraw }),
    ).rejects.toMatchObject({
      kind: { code: 'sharing.conflict' },
      details: [{ params: { who: officer.login, what: '提出办理意见' } }],
    });
    const other = await draft('scjg.permit');
    const edit = (over: object) =>
      b.call('PUT', '/requests/{id}', rsjOfficer, {
        params: { id: other },
        body: { version: 1, content: whole(over) },
      });
    await edit({ scope: '全局使用' });
    await expect(edit({ scene: '其他场景' })).rejects.toMatchObject({
      kind: { code: 'sharing.conflict' },
      details: [{ params: { field: 'scene' } }, { params: { field: 'scope' } }],
    });
  });

  test('a download goes on where it was broken off, by the fingerprint of the whole', async () => {
    const id = await granted();
    await b.runJobs();
    const { deliveryList } = await share(id);
    const { id: d, sha256 } = deliveryList[0]!;
    const fetch = async (headers: Record<string, string>, sent: Record<string, unknown> = {}) =>
      [
        await textOf(
          await b.call<StreamBody>('GET', '/deliveries/{id}/file', rsjOfficer, {
            ...{ params: { id: d }, purpose: '稽核', headers, sent },
          }),
        ),
        sent,
      ] as const;
    const [whole, told] = await fetch({});
    expect(told).toMatchObject({
      'accept-ranges': 'bytes',
      etag: `"${sha256}"`,
      'content-length': String(Buffer.byteLength(whole)),
    });
    const bytes = Buffer.from(whole);
    const [rest, sent] = await fetch({ range: 'bytes=100-', 'if-range': `"${sha256}"` });
    expect(sent).toMatchObject({ status: 206, 'content-range': `bytes 100-${bytes.length - 1}/${bytes.length}` });
    expect(createHash('sha256').update(bytes.subarray(0, 100)).update(rest).digest('hex')).toBe(sha256);
    expect((await fetch({ range: 'bytes=0-9' }))[0]).toBe(bytes.subarray(0, 10).toString());
    expect((await fetch({ range: 'bytes=-7' }))[0]).toBe(bytes.subarray(-7).toString());
    for (const headers of [
      { range: 'bytes=5-', 'if-range': '"other"' },
      { range: 'bytes=1-2,4-5' },
      { range: 'rows=1-' },
      { range: 'bytes=9-5' },
    ] as Record<string, string>[])
      expect((await fetch(headers))[0]).toBe(whole);
    await expect(fetch({ range: 'bytes=999999-' })).rejects.toMatchObject({ kind: { status: 416 } });
  });

  test('every update cycle of the catalogue has its days; what is irregular waits for a new run', async () => {
    expect(nextDay('ten-days', '2026-02-21')).toBe('2026-03-01');
    expect(nextDay('ten-days', '2026-02-10')).toBe('2026-02-11');
    expect(nextDay('half-monthly', '2026-12-16')).toBe('2027-01-01');
    expect(nextDay('yearly', '2028-02-29')).toBe('2029-02-28');
    expect(nextDay('irregular', '2026-12-31')).toBe('2027-01-01');
    const id = await granted(whole({ mode: 'batch', frequency: 'irregular' }));
    await b.runJobs();
    await b.ports.lake.define([
      'CREATE TABLE IF NOT EXISTS f.run (source VARCHAR, finished TIMESTAMP)',
      'CREATE OR REPLACE VIEW v.run_v1 AS FROM f.run',
    ]);
    const begun = b.clock.now().getTime();
    const looked = async () => {
      b.clock.advance(DAY);
      await sweep(b.ports);
      await b.runJobs();
      return (await share(id)).deliveryList.length;
    };
    try {
      expect(await looked()).toBe(1);
      await b.ports.lake.write('test', (s) =>
        s.run("INSERT INTO f.run VALUES ('scjg.permit', $at)", { at: b.clock.now() }),
      );
      expect(await looked()).toBe(2);
      expect(await looked()).toBe(2);
    } finally {
      b.clock.advance(begun - b.clock.now().getTime());
    }
  });

  test('corrections wait on the desk with their ten working days; in a year without holidays nobody guesses', async () => {
    const id = await granted();
    await b.runJobs();
    const d = (await share(id)).deliveryList[0]!.id;
    const file = await b.call<StreamBody>('GET', '/deliveries/{id}/file', rsjOfficer, {
      params: { id: d },
      purpose: '稽核',
    });
    const record = (await textOf(file)).split('\n')[3]!.slice(0, 20);
    const begun = b.clock.now().getTime();
    b.clock.advance(Date.parse('2026-12-30T02:00:00Z') - begun);
    try {
      const body = { record, item: 'valid_to', comment: '有效期与证照不符' };
      await b.call('POST', '/deliveries/{id}/corrections', rsjOfficer, { params: { id: d }, body });
      const waiting = async () =>
        (
          await b.call<{
            corrections: {
              resource: { zh: string };
              field: { zh: string };
              due: string | null;
              missingYear: number | null;
              standing: string;
            }[];
          }>('GET', '/desk', officer)
        ).corrections.find((c) => (c.field.zh === 'valid_to项' && c.missingYear === 2027) || c.due === '2027-01-14');
      expect(await waiting()).toMatchObject({
        resource: { zh: 'scjg.permit许可' },
        due: null,
        missingYear: 2027,
        standing: 'unknown',
      });
      const newYear = { zh: '元旦', en: 'New Year', from: '01-01', to: '01-03' };
      b.calendar.current = nationalCalendar.extend([{ year: 2027, source: 't', holidays: [newYear], worked: [] }]);
      await sweep(b.ports);
      expect(await waiting()).toMatchObject({ due: '2027-01-14', missingYear: null, standing: 'running' });
    } finally {
      b.calendar.current = nationalCalendar;
      b.clock.advance(begun - b.clock.now().getTime());
    }
  });

  test('the lineage of the catalogue tells to whom an entry is given, item by item', async () => {
    const id = await granted(whole({ items: ['permit_no', 'fee'] }));
    const use = (await deliveredUses(b.ports)).find((u) => u.id === `delivery/${id}`)!;
    expect([use.title.zh, [...use.sources]]).toEqual([
      '共享给rsj局：scjg.permit许可',
      [['scjg.permit', new Set(['permit_no', 'fee'])]],
    ]);
  });

  test('what is another department’s is not there; what is not one’s step is refused and kept', async () => {
    const id = await draft('scjg.permit');
    // A draft is within its department, also for the provider and the authority.
    for (const p of [officer, head, steward, leader, taxOfficer])
      expect(await code(request(id, p))).toBe('sharing.request.unknown');
    await b.step('requests', id, 'propose', rsjOfficer);
    await b.step('requests', id, 'agree-own', rsjHead);
    for (const p of [taxOfficer, taxHead]) {
      expect(await code(request(id, p))).toBe('sharing.request.unknown');
      expect(
        await code(
          b.call('POST', '/requests/{id}/steps', p, { params: { id }, body: { action: 'grant', version: 3 } }),
        ),
      ).toBe('sharing.request.unknown');
    }
    for (const p of [officer, rsjHead, rsjOfficer, steward, leader])
      expect(await code(b.step('requests', id, 'grant', p))).toBe('sharing.not-yours');
    const trail = await sql<{
      outcome: string;
    }>`SELECT outcome FROM audit.entry WHERE object = ${`sharing-request/${id}`}
      AND action = 'sharing.request.grant'`.execute(db().kysely);
    expect(trail.rows.map((r) => r.outcome)).toEqual(Array(5).fill('refused'));
    expect(await code(request(999_999, officer))).toBe('sharing.request.unknown');
  });

  test('while a head is away the deputy decides, on the record; the head does not', async () => {
    await db().query(
      `INSERT INTO auth.account (id, login, name, organisation, password_hash, password_set_at, must_change, built_in, demo, created_at)
       VALUES (gen_random_uuid(), 'data-officer@scjg', 'O', 'scjg', 'x', now(), false, false, false, now())`,
    );
    const name = (over: object = {}) =>
      b.call<{ id: number }>('POST', '/deputies', head, {
        body: { deputy: officer.login, from: '2026-03-02', to: '2026-03-06', reason: '年休假', ...over },
      });
    expect(await code(name({ deputy: 'stranger' }))).toBe('sharing.deputy.foreign');
    expect(await code(name({ deputy: head.login }))).toBe('sharing.deputy.self');
    expect(await code(name({ to: '2026-03-01' }))).toBe('sharing.deputy.period');
    const { id: deputy } = await name();
    expect(await code(name())).toBe('sharing.deputy.overlap');
    const id = await submitted('scjg.permit');
    expect(await code(b.step('requests', id, 'grant', head))).toBe('sharing.on-leave');
    const after = await b.step<Detail>('requests', id, 'grant', officer);
    expect(after.timeline.find((s) => s.action === 'grant')).toMatchObject({
      actor: 'provider-head',
      deputyFor: head.login,
    });
    await b.call('DELETE', '/deputies/{id}', head, { params: { id: deputy } });
    const next = await submitted('scjg.permit');
    expect(await code(b.step('requests', next, 'grant', officer))).toBe('sharing.not-yours');
    expect(await code(b.step('requests', next, 'grant', head))).toBe('done');
    b.jobs.splice(0);
  });

  test('a delivery is downloaded with a purpose, by the recipient only; its fingerprint is confirmed and sealed', async () => {
    const id = await granted(
      whole({
        items: ['permit_no', 'contact', 'phone'],
        necessity: { contact: '联系核实需要', phone: '电话核实需要' },
      }),
    );
    await b.runJobs();
    const [delivery] = (await share(id)).deliveryList;
    const get = (p: typeof officer, purpose?: string) =>
      b.call<StreamBody>(
        'GET',
        '/deliveries/{id}/file',
        { ...p, purpose: null },
        { params: { id: delivery!.id }, ...(purpose ? { purpose } : {}) },
      );
    expect(await code(get(rsjOfficer))).toBe('auth.purpose-needed');
    expect(await code(get(officer, '看看'))).toBe('sharing.not-yours');
    expect(await code(get(taxOfficer, '看看'))).toBe('sharing.delivery.unknown');
    const text = await textOf(await get(rsjOfficer, '稽核'));
    const lines = text.trim().split('\n');
    expect(lines[0]).toBe('_record,permit_no,contact,phone');
    // Personal values that were asked for are plain; what lies in the vault is masked, never a token.
    expect(text).toContain('王小7');
    expect(text).toContain('138****0000');
    expect(text).not.toContain('p~');
    expect(text).not.toContain('有限公司');
    const receipt = (fingerprint: string) =>
      b.call<{ matches: boolean }>('POST', '/deliveries/{id}/receipt', rsjOfficer, {
        params: { id: delivery!.id },
        body: { fingerprint },
      });
    expect(await code(receipt('abc'))).toBe('sharing.receipt.fingerprint');
    expect((await receipt('0'.repeat(64))).matches).toBe(false);
    const own = createHash('sha256').update(text).digest('hex');
    expect((await receipt(own)).matches).toBe(true);
    expect(await code(receipt(own))).toBe('sharing.receipt.twice');
    const sealed = b.seals.filter((s) => s.subject.startsWith(`${delivery!.id}`));
    expect(sealed.map((s) => [s.kind, s.subject])).toEqual([
      ['delivery', `${delivery!.id}`],
      ['delivery', `${delivery!.id}/manifest`],
    ]);
    expect(Buffer.from(sealed[0]!.imprint).toString('hex')).toBe(`01${own}`);
    const manifest = await textOf(
      await b.call<StreamBody>('GET', '/deliveries/{id}/manifest', rsjOfficer, { params: { id: delivery!.id } }),
    );
    expect(Buffer.from(sealed[1]!.imprint).toString('hex')).toBe(
      `01${createHash('sha256').update(manifest).digest('hex')}`,
    );
    expect(JSON.parse(manifest)).toMatchObject({ recipient: { id: 'rsj' }, rows: 20, file: { sha256: own } });
  });

  test('changes since the last delivery: what came, what went, nothing twice', async () => {
    const id = await granted(
      whole({ mode: 'batch', frequency: 'daily', filter: [{ item: 'valid_to', is: 'le', values: ['2026-01-11'] }] }),
    );
    await b.runJobs();
    const fresh = async () => {
      await b.call('POST', '/shares/{id}/deliveries', officer, {
        params: { id },
        body: { kind: 'changes', format: 'csv' },
      });
      await b.runJobs();
      const [d] = (await share(id)).deliveryList;
      const body = await b.call<StreamBody>('GET', '/deliveries/{id}/file', rsjOfficer, { params: { id: d!.id } });
      return (await textOf(body)).trim().split('\n').slice(1);
    };
    expect((await share(id)).deliveryList[0]).toMatchObject({ kind: 'full', rows: 10 });
    expect(await fresh()).toEqual([]);
    await b.ports.lake.write('t', async (s) => {
      await s.run(`DELETE FROM f.permit WHERE permit_no = 'P3'`);
      await s.run(
        `INSERT INTO f.permit VALUES (3, '2026-02-01', (8::BIGINT << 32) + 1, NULL, 'P3', '改名有限公司', '王', '', '2026-01-04', 1, NULL)`,
      );
    });
    const changes = await fresh();
    expect(changes.map((l) => l.split(',')[0]).toSorted()).toEqual(['add', 'remove']);
    expect(changes.find((l) => l.startsWith('add'))).toContain('改名有限公司');
    expect(changes.find((l) => l.startsWith('remove'))).not.toContain('P3');
    expect(await fresh()).toEqual([]);
    const begun = b.clock.now().getTime();
    b.clock.advance(DAY);
    await sweep(b.ports);
    await sweep(b.ports);
    expect(b.jobs).toHaveLength(1);
    b.jobs.splice(0);
    b.clock.advance(begun - b.clock.now().getTime());
  });

  test('a recipient doubts a record; when its source was wrong, everyone who was given it is told', async () => {
    const one = await granted();
    const two = await granted();
    await b.runJobs();
    const [delivery] = (await share(one)).deliveryList;
    const text = await textOf(
      await b.call<StreamBody>('GET', '/deliveries/{id}/file', rsjOfficer, { params: { id: delivery!.id } }),
    );
    const record = text
      .split('\n')
      .find((l) => l.includes('企业9有限公司'))!
      .split(',')[0]!;
    const ask = (over: object = {}) =>
      b.call<{ correction: number; raised: boolean }>('POST', '/deliveries/{id}/corrections', rsjOfficer, {
        ...{ params: { id: delivery!.id }, body: { record, item: 'comp_nm', comment: '名称与营业执照不符', ...over } },
      });
    expect(await code(ask({ record: '0'.repeat(20) }))).toBe('sharing.record.unknown');
    expect(await code(ask({ item: 'note' }))).toBe('sharing.record.unknown');
    const { correction } = await ask();
    expect(await ask()).toEqual({ correction, raised: false });
    await db().query(
      `INSERT INTO libraries.correction_entry (correction, state, comment, by_login, organisation, at)
       VALUES ($1, 'source-wrong', '已更正', 'o', 'scjg', now())`,
      [correction],
    );
    await sweep(b.ports);
    await sweep(b.ports);
    expect((await share(one)).corrected).toMatchObject([{ correction, item: 'comp_nm', record }]);
    // The same record has another number in another grant.
    const [told] = (await share(two)).corrected;
    expect(told).toMatchObject({ correction });
    expect(told!.record).not.toBe(record);
  });

  test('a correction that was raised on the record itself reaches everyone who was given that value, and nobody else', async () => {
    const one = await granted();
    const without = await granted(whole({ items: ['permit_no', 'fee'] }));
    await b.runJobs();
    await b.ports.lake.define([
      'CREATE OR REPLACE VIEW v.legal_person_v1 AS SELECT entity, comp_nm AS name FROM f.permit',
      'CREATE OR REPLACE VIEW v.legal_person_fact_all_v1 AS SELECT entity, 11 AS class, fact, NULL::INTEGER AS closed_run FROM f.permit',
    ]);
    const routes = libraries().routes!(b.ports as unknown as Deps);
    const ask = async (
      method: string,
      path: string,
      principal: Principal,
      given: { params?: object; body: object },
    ) => {
      const route = routes.find((r) => r.method === method && r.path === `/api/v1/libraries/corrections${path}`)!;
      const { params } = given;
      return (await route.handler({
        ...{ params: route.params?.parse(params ?? {}), query: {}, body: route.body!.parse(given.body), principal },
        ...{ clock: b.clock, request: {} as never, reply: {} as never },
      })) as { id: number };
    };
    const body = { fact: String((7n << 32n) + 11n), field: 'comp_nm', comment: '名称与营业执照不符' };
    const { id } = await ask('POST', '', taxOfficer, { body });
    await expect(ask('POST', '', rsjOfficer, { body })).rejects.toMatchObject({
      kind: { code: 'libraries.correction.already-open' },
    });
    const waiting = await b.call<{ corrections: { id: number; field: { zh: string } }[] }>('GET', '/desk', officer);
    expect(waiting.corrections.find((c) => c.id === id)).toMatchObject({ field: { zh: 'comp_nm项' } });
    await ask('PUT', '/{id}', officer, {
      ...{ params: { id: String(id) }, body: { state: 'source-wrong', comment: '已更正' } },
    });
    await sweep(b.ports);
    await sweep(b.ports);
    const told = (s: Share) => s.corrected.filter((c) => c.correction === id);
    expect(told(await share(one))).toMatchObject([
      { item: 'comp_nm', record: expect.stringMatching(/^[0-9a-f]{20}$/) },
    ]);
    expect(told(await share(without))).toEqual([]);
  });

  test('misuse suspends, is mended in a term or ended; what was had is disposed of', async () => {
    const id = await granted();
    await b.runJobs();
    const [delivery] = (await share(id)).deliveryList;
    const suspend = { comment: '发现超范围使用', data: { mendBy: '2026-03-09' } };
    expect(await code(b.step('shares', id, 'suspend', rsjHead, suspend))).toBe('sharing.not-yours');
    await b.step('shares', id, 'suspend', steward, suspend);
    const get = () => b.call('GET', '/deliveries/{id}/file', rsjOfficer, { params: { id: delivery!.id } });
    expect(await code(get())).toBe('sharing.grant.not-active');
    expect(await code(b.step('shares', id, 'terminate', head, { comment: '拒不整改' }))).toBe('sharing.not-mended');
    await b.step('shares', id, 'report-mended', rsjOfficer, { comment: '已停止并销毁副本' });
    await b.step('shares', id, 'resume', head, { comment: '整改到位' });
    expect(await code(get())).toBe('done');
    await b.step('shares', id, 'suspend', head, suspend);
    const begun = b.clock.now().getTime();
    b.clock.advance(8 * DAY);
    await b.step('shares', id, 'terminate', head, { comment: '到期未整改' });
    const disposal = { how: '粉碎删除', where: '稽核服务器', day: '2026-03-10' };
    await b.step('shares', id, 'report-disposal', rsjOfficer, { data: { disposal } });
    await b.step('shares', id, 'reject-disposal', officer, { comment: '备份未删' });
    await b.step('shares', id, 'report-disposal', rsjOfficer, { data: { disposal } });
    expect((await b.step<Share>('shares', id, 'confirm-disposal', officer)).state).toBe('disposed');
    b.clock.advance(begun - b.clock.now().getTime());
  });

  test('a provider neither ends nor changes a grant alone; a renewal passes both heads; a time limit ends it', async () => {
    const id = await granted();
    const change = (c: object) => ({ comment: '系统改造', data: { change: c } });
    expect(await code(b.step('shares', id, 'propose-change', head, change({ items: ['fee'] })))).toBe(
      'sharing.not-subset',
    );
    await b.step('shares', id, 'propose-change', head, change({ items: ['permit_no'] }));
    await b.step('shares', id, 'decline-change', rsjHead, { comment: '仍需使用' });
    await b.step('shares', id, 'propose-change', head, change({ items: ['permit_no'] }));
    const smaller = await b.step<Share>('shares', id, 'accept-change', rsjHead);
    expect([smaller.state, smaller.items.map((i) => i.name)]).toEqual(['active', ['permit_no']]);
    await b.step('shares', id, 'ask-renewal', rsjOfficer, { comment: '工作延续', data: { until: '2027-06-30' } });
    expect(await code(b.step('shares', id, 'grant-renewal', head))).toBe('sharing.no-renewal');
    await b.step('shares', id, 'agree-renewal', rsjHead);
    expect((await b.step<Share>('shares', id, 'grant-renewal', head)).until).toBe('2027-06-30');
    const begun = b.clock.now().getTime();
    b.clock.advance(Date.parse('2027-07-01T02:00:00Z') - begun);
    await sweep(b.ports);
    expect((await share(id)).state).toBe('ended');
    b.clock.advance(begun - b.clock.now().getTime());
    b.jobs.splice(0);
  });

  test('a dispute goes its three steps; an outcome in favour opens the request again', async () => {
    const id = await submitted('scjg.penalty');
    await b.step('requests', id, 'advise', officer, { comment: '不同意', data: { share: false } });
    await b.step('requests', id, 'refuse', head, { comment: '不符合', data: { ground: '《条例》第二十一条' } });
    const { id: dispute } = await b.call<{ id: number }>('POST', '/disputes', rsjOfficer, {
      body: { request: id, reason: '依法应当共享' },
    });
    const again = b.call('POST', '/disputes', rsjOfficer, { body: { request: id, reason: '依法应当共享' } });
    expect(await code(again)).toBe('sharing.dispute.open');
    await b.step('disputes', dispute, 'offer', head, { comment: '仅共享部分', data: { outcome: 'other' } });
    expect(await code(b.step('disputes', dispute, 'accept-offer', head))).toBe('sharing.not-yours');
    await b.step('disputes', dispute, 'decline-offer', rsjHead, { comment: '不够用' });
    await b.step('disputes', dispute, 'to-authority', rsjHead, { comment: '协商不成' });
    expect(
      await code(b.step('disputes', dispute, 'coordinate', head, { comment: 'x', data: { outcome: 'keep' } })),
    ).toBe('sharing.not-yours');
    await b.step('disputes', dispute, 'coordinate', steward, { comment: '应当共享', data: { outcome: 'share' } });
    await b.step('disputes', dispute, 'accept', rsjHead);
    await b.step('disputes', dispute, 'decline', head, { comment: '不接受' });
    const decision = { comment: '同意共享', data: { outcome: 'share', document: '慈政办〔2026〕1号' } };
    await b.step('disputes', dispute, 'decide', steward, decision);
    expect(await request(id)).toMatchObject({ state: 'received', clock: { due: '2026-03-16' } });
  });

  test('who advised as officer does not grant with a role that a head lent; another officer with it does', async () => {
    const id = await submitted('scjg.penalty');
    await b.step('requests', id, 'advise', officer, { comment: '符合条件', data: { share: true } });
    const lent = (login: string): Principal => ({
      ...{ ...officer, login, roles: ['data-officer', 'department-head'] },
      permissions: permissionsOf(['data-officer', 'department-head']),
      acting: [{ role: 'department-head', for: head.login }],
    });
    expect(await code(b.step('requests', id, 'grant', lent(officer.login)))).toBe('auth.own-request');
    expect(await code(b.step('requests', id, 'grant', lent('another-officer')))).toBe('done');
  });
});
