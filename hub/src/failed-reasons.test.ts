/** The kinds of problems that quoted an engine stand in rooms: they are loaded as the hub loads them. */
import './map/index.ts';
import { expect, test } from 'vitest';
import { auditMigrations } from './platform/audit/index.ts';
import { authMigrations } from './platform/auth/index.ts';
import { describeDb } from './platform/db/testing.ts';
import { jobBackfills, jobMigrations } from './platform/jobs/index.ts';
import { noticeBackfills } from './platform/notices/backfills.ts';
import { noticeMigrations } from './platform/notices/index.ts';
import type { Deps } from './platform/room.ts';

describeDb('what was kept of failed jobs', [jobMigrations, auditMigrations, authMigrations, noticeMigrations], (db) => {
  test('loses the reason that quoted an engine, in jobs and in what was told of them; others keep theirs', async () => {
    const title = { zh: '图层“x”的数据还没有（欧鑫）。', en: 'The layer "x" has no data yet (欧鑫).' };
    const other = { zh: '对方拒绝了凭证', en: 'refused' };
    for (const [id, code, t] of [
      ['a', 'map.layer-absent', title],
      ['b', 'exchange.pull.credentials', other],
    ] as const) {
      await db().query(
        `INSERT INTO jobs.job (id, kind, lane, params, state, error, submitted_at, due_at)
         VALUES ($1, 'x', 'x', '{}', 'failed', $2::jsonb, now(), now())`,
        [id, JSON.stringify({ code, title: t })],
      );
      await db().query(
        `INSERT INTO notices.matter (key, kind, about, urgency, recipients, title, text, links, escalation, made_at, changed_at)
         VALUES ($1, 'job.failed', 'job-kind/x', 'normal', '[]', '{}', $2::jsonb, '[]', '[]', now(), now())`,
        [`job.failed/x/${code}/2026-11-01`, JSON.stringify(t)],
      );
    }
    for (const backfill of [...jobBackfills, ...noticeBackfills])
      expect(await db().tx((trx) => backfill.batch({} as Deps, trx, null))).toEqual({ next: null, rows: 2 });
    const jobs = await db().query<{ error: { title: object } }>('SELECT error FROM jobs.job ORDER BY id');
    const matters = await db().query<{ text: object }>('SELECT text FROM notices.matter ORDER BY id');
    const sentence = { zh: '图层“…”的数据还没有（…）。', en: 'The layer "…" has no data yet (…).' };
    expect([jobs.map((j) => j.error.title), matters.map((m) => m.text)]).toEqual([
      [sentence, other],
      [sentence, other],
    ]);
  });
});
