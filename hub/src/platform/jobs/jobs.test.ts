import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../clock.ts';
import { type Db, openDb } from '../db/index.ts';
import { describeDb, postgresExpected, testPostgres } from '../db/testing.ts';
import { lakeMemory } from '../lake/index.ts';
import { silentLogger } from '../log/index.ts';
import { NotedNotices } from '../notices/testing.ts';
import { Problem, problemKind } from '../problem.ts';
import { type JobContext, type JobKind, Jobs, jobMigrations, RetryableError, tellFailed } from './index.ts';

/** Patience of polls, for machines that do much else. */
const soon = { timeout: 20_000 };
const sad = problemKind('jobs-test.sad', 422, '{who} 不行', '{who} cannot');

describeDb('jobs', [jobMigrations], (db) => {
  const open: Jobs[] = [];
  afterEach(async () => {
    for (const jobs of open.splice(0)) await jobs.stop();
    await db().query('DELETE FROM jobs.job');
  });

  function queue(
    clock = new ManualClock(),
    store: Db = db(),
    more: { most?: number; hold?: () => boolean } = {},
  ): Jobs {
    const jobs = new Jobs({ db: store, clock, log: silentLogger(), ...more });
    open.push(jobs);
    return jobs;
  }

  const kind = (
    name: string,
    run: (context: JobContext, params: { n: number }) => Promise<unknown>,
    more: Partial<JobKind<{ n: number }>> = {},
  ): JobKind<{ n: number }> => ({
    kind: name,
    title: { zh: '试', en: 'Try' },
    params: z.object({ n: z.int() }),
    run,
    ...more,
  });

  /** A job that says when it runs and ends when it is let go. */
  function gate() {
    let begun!: () => void;
    let letGo!: () => void;
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const run = async (context: JobContext) => {
      begun();
      await Promise.race([released, new Promise((resolve) => context.signal.addEventListener('abort', resolve))]);
      context.signal.throwIfAborted();
      return 'let go';
    };
    return { running, letGo, run };
  }

  test('a job runs with its parameters and keeps its result and progress', async () => {
    const jobs = queue();
    jobs.define(
      kind('t.add', async (context, { n }) => {
        context.progress({ done: n, total: n, note: { zh: '好', en: 'ok' } });
        return { sum: n + 1 };
      }),
    );
    await jobs.start();
    const id = await jobs.submit('t.add', { n: 4 }, { by: 'u1' });
    expect(await jobs.wait(id)).toMatchObject({
      state: 'done',
      result: { sum: 5 },
      progress: { done: 4, total: 4, note: { zh: '好', en: 'ok' } },
      by: 'u1',
      attempt: 1,
      error: null,
    });
  });

  test('while the hub holds back nothing begins; what waits begins by itself afterwards', async () => {
    let held = true;
    const jobs = queue(new ManualClock(), db(), { hold: () => held });
    jobs.define(kind('t.held', async (_context, { n }) => n));
    await jobs.start();
    const id = await jobs.submit('t.held', { n: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await jobs.get(id)).toMatchObject({ state: 'queued', attempt: 0 });
    held = false;
    expect(await jobs.wait(id)).toMatchObject({ state: 'done', result: 1 });
  });

  test('a full queue takes no more from people, and still what the hub needs itself', async () => {
    const jobs = queue(new ManualClock(), db(), { most: 3, hold: () => true });
    jobs.define(kind('t.many', async () => null));
    for (let n = 0; n < 3; n++) await jobs.submit('t.many', { n }, { by: 'u1' });
    await expect(jobs.submit('t.many', { n: 3 }, { by: 'u1' })).rejects.toMatchObject({
      kind: { code: 'jobs.queue-full' },
    });
    const within = db().tx((trx) => jobs.submit('t.many', { n: 3 }, { by: 'u1', trx }));
    await expect(within).rejects.toMatchObject({ kind: { code: 'jobs.queue-full' } });
    await jobs.submit('t.many', { n: 4 });
    expect(await jobs.list()).toHaveLength(4);
  });

  test('unknown kinds, wrong parameters and unknown ids are problems', async () => {
    const jobs = queue();
    jobs.define(kind('t.a', async () => 1));
    await expect(jobs.submit('t.none', {})).rejects.toMatchObject({ kind: { code: 'jobs.unknown-kind' } });
    await expect(jobs.submit('t.a', { n: 'x' })).rejects.toMatchObject({ kind: { code: 'jobs.params' } });
    await expect(jobs.get('none')).rejects.toMatchObject({ kind: { code: 'jobs.unknown' } });
    expect(() => jobs.define(kind('t.a', async () => 1))).toThrow('twice');
  });

  test('jobs of one lane run one after another, in order; lanes run side by side', async () => {
    const jobs = queue();
    const order: string[] = [];
    const first = gate();
    jobs.define(kind('t.slow', async (c) => first.run(c).finally(() => order.push('slow')), { lane: 'one' }));
    jobs.define(kind('t.next', async (_c, { n }) => order.push(`next ${n}`), { lane: 'one' }));
    jobs.define(kind('t.other', async () => order.push('other')));
    await jobs.start();
    await jobs.submit('t.slow', { n: 0 });
    await first.running;
    const last = [await jobs.submit('t.next', { n: 1 }), await jobs.submit('t.next', { n: 2 })];
    await jobs.wait(await jobs.submit('t.other', { n: 0 }));
    first.letGo();
    for (const id of last) await jobs.wait(id);
    expect(order).toEqual(['other', 'slow', 'next 1', 'next 2']);
  });

  test('a lane may run several at once, never more', async () => {
    const jobs = queue();
    let now = 0;
    let most = 0;
    let full!: () => void;
    // The first ones wait for each other: unless three run at once none of them ends.
    const three = new Promise<void>((resolve) => {
      full = resolve;
    });
    const run = async () => {
      most = Math.max(most, ++now);
      if (now === 3) full();
      await three;
      await new Promise((resolve) => setTimeout(resolve, 20));
      now -= 1;
    };
    jobs.define(kind('t.wide', run, { concurrency: 3 }));
    await jobs.start();
    const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => jobs.submit('t.wide', { n })));
    for (const id of ids) await jobs.wait(id);
    expect(most).toBe(3);
  });

  test('an open job with the same key is answered instead of a second one', async () => {
    const jobs = queue();
    jobs.define(kind('t.once', async () => 1));
    const ids = await Promise.all([1, 2, 3].map((n) => jobs.submit('t.once', { n }, { unique: 'k' })));
    expect(new Set(ids).size).toBe(1);
    await jobs.start();
    await jobs.wait(ids[0]!);
    expect(await jobs.submit('t.once', { n: 1 }, { unique: 'k' })).not.toBe(ids[0]);
  });

  test('a job submitted in a transaction that fails never was', async () => {
    const jobs = queue();
    jobs.define(kind('t.tx', async () => 1));
    const lost = db().tx(async (trx) => {
      await jobs.submit('t.tx', { n: 1 }, { trx });
      throw new Error('stop');
    });
    await expect(lost).rejects.toThrow('stop');
    expect(await jobs.list()).toEqual([]);
    await db().tx((trx) => jobs.submit('t.tx', { n: 1 }, { trx }));
    expect(await jobs.list()).toHaveLength(1);
  });

  test('cancelling ends a queued job at once and a running one through its signal', async () => {
    const jobs = queue();
    const g = gate();
    jobs.define(kind('t.c', g.run));
    await jobs.start();
    const running = await jobs.submit('t.c', { n: 1 });
    const queued = await jobs.submit('t.c', { n: 2 });
    await g.running;
    expect((await jobs.cancel(queued)).state).toBe('cancelled');
    await jobs.cancel(running);
    expect(await jobs.wait(running)).toMatchObject({ state: 'cancelled', cancelRequested: true, result: null });
    await expect(jobs.cancel(running)).rejects.toMatchObject({ kind: { code: 'jobs.ended' } });
  });

  test('a fault that may pass is tried again later, from the checkpoint, and not for ever', async () => {
    const clock = new ManualClock();
    const jobs = queue(clock);
    const seen: unknown[] = [];
    jobs.define(
      kind(
        't.retry',
        async (context) => {
          seen.push(context.state);
          await context.checkpoint({ tries: seen.length });
          throw new RetryableError('away', { cause: new Problem(sad, { who: '库' }) });
        },
        { attempts: 3 },
      ),
    );
    await jobs.start();
    const id = await jobs.submit('t.retry', { n: 1 });
    for (let tries = 2; tries <= 3; tries++) {
      await expect.poll(() => jobs.get(id), soon).toMatchObject({ state: 'queued', attempt: tries - 1 });
      clock.advance(5000);
      await expect.poll(() => seen.length, soon).toBe(tries);
    }
    expect(await jobs.wait(id)).toMatchObject({
      state: 'failed',
      attempt: 3,
      error: { code: 'jobs-test.sad', title: { zh: '库 不行', en: '库 cannot' } },
    });
    expect(seen).toEqual([null, { tries: 1 }, { tries: 2 }]);
  });

  test('a job for which the lake lacked memory is tried again when others have had time to end', async () => {
    const clock = new ManualClock();
    const jobs = queue(clock);
    let tries = 0;
    jobs.define(
      kind('t.memory', async () => {
        tries += 1;
        if (tries === 1) throw new Problem(lakeMemory, { mib: 512 });
        return 'done';
      }),
    );
    await jobs.start();
    const id = await jobs.submit('t.memory', { n: 1 });
    await expect.poll(() => jobs.get(id), soon).toMatchObject({ state: 'queued', attempt: 1 });
    clock.advance(16_000);
    expect(await jobs.wait(id)).toMatchObject({ state: 'done', result: 'done', attempt: 2 });
  });

  test('a job that failed for good is told of once a day and reason, with the row that says so', async () => {
    const noted = new NotedNotices();
    const told: string[] = [];
    const jobs = new Jobs({
      ...{ db: db(), clock: new ManualClock(), log: silentLogger() },
      failed: async (trx, job, at) => {
        const { rows } = await sql<{ state: string }>`SELECT state FROM jobs.job WHERE id = ${job.id}`.execute(trx);
        told.push(rows[0]!.state);
        await tellFailed(noted, trx, job, at);
      },
    });
    open.push(jobs);
    jobs.define(
      kind('t.told', async () => {
        throw new Problem(sad, { who: 'x' });
      }),
    );
    await jobs.start();
    for (let n = 0; n < 2; n++) await jobs.wait(await jobs.submit('t.told', { n }));
    expect(told).toEqual(['failed', 'failed']);
    expect(noted.told).toMatchObject([{ kind: 'job.failed', to: [{ role: 'system-admin' }], link: '/system/jobs' }]);
  });

  test('an unknown error is kept as a number, a problem with its sentences', async () => {
    const jobs = queue();
    jobs.define(
      kind('t.bad', async (_c, { n }) => {
        throw n ? new Error('secret') : new Problem(sad, { who: 'x' });
      }),
    );
    await jobs.start();
    const one = await jobs.wait(await jobs.submit('t.bad', { n: 1 }));
    expect(one).toMatchObject({ state: 'failed', error: { code: 'jobs.internal' } });
    expect(JSON.stringify(one)).not.toContain('secret');
    const two = await jobs.wait(await jobs.submit('t.bad', { n: 0 }));
    expect(two.error).toEqual({ code: 'jobs-test.sad', title: { zh: 'x 不行', en: 'x cannot' } });
  });

  test('a stopping hub puts its jobs back, and the next one goes on from the checkpoint', async () => {
    const first = queue();
    const g = gate();
    first.define(
      kind('t.stop', async (c) => {
        await c.checkpoint({ at: 5 });
        return g.run(c);
      }),
    );
    await first.start();
    const id = await first.submit('t.stop', { n: 1 });
    await g.running;
    await first.stop();
    expect((await first.get(id)).state).toBe('queued');
    const second = queue();
    second.define(kind('t.stop', async (c) => c.state));
    await second.start();
    expect(await second.wait(id)).toMatchObject({ state: 'done', result: { at: 5 }, attempt: 2 });
  });

  test('ended jobs are forgotten after 90 days, open ones never', async () => {
    const clock = new ManualClock();
    const jobs = queue(clock);
    jobs.define(kind('t.old', async () => 1));
    await jobs.start();
    await jobs.wait(await jobs.submit('t.old', { n: 1 }));
    await jobs.stop();
    await jobs.submit('t.old', { n: 2 });
    clock.advance(91 * 86_400_000);
    const later = queue(clock);
    await later.start();
    expect(await later.list()).toMatchObject([{ params: { n: 2 } }]);
  });
});

describe('several processes on one server', () => {
  describeDb('jobs of a silent process', [jobMigrations], (db) => {
    test('are taken over, and the late process loses them', async () => {
      const clock = new ManualClock();
      const log = silentLogger();
      const make = (run: JobKind<object>['run']) => {
        const jobs = new Jobs({ db: db(), clock, log });
        jobs.define({ kind: 't.x', title: { zh: '', en: '' }, params: z.object({}), run });
        return jobs;
      };
      let go!: () => void;
      const wait = new Promise<void>((resolve) => {
        go = resolve;
      });
      let lost: unknown;
      const slow = make(async (context) => {
        await context.checkpoint({ by: 'slow' });
        await wait;
        lost = await context.checkpoint({ by: 'late' }).then(
          () => 'kept',
          () => 'refused',
        );
        context.signal.throwIfAborted();
      });
      await slow.start();
      const id = await slow.submit('t.x', {});
      await expect
        .poll(async () => (await db().query('SELECT checkpoint FROM jobs.job'))[0], soon)
        .toEqual({
          checkpoint: { by: 'slow' },
        });
      await db().query("UPDATE jobs.job SET heartbeat_at = now() - interval '1 hour'");
      const fast = make(async (context) => context.state);
      await fast.start();
      expect(await fast.wait(id)).toMatchObject({ state: 'done', result: { by: 'slow' }, attempt: 2 });
      go();
      await expect.poll(() => lost, soon).toBe('refused');
      await slow.stop();
      await fast.stop();
      expect((await fast.get(id)).result).toEqual({ by: 'slow' });
    });
  });
});

if (postgresExpected()) {
  test('two processes on one server share the work of a lane, each job once, never two at a time', async () => {
    const { db, url, end } = await testPostgres([jobMigrations]);
    const second = await openDb({ kind: 'postgres', url });
    let now = 0;
    let most = 0;
    const ran: string[] = [];
    const queues = [db, second].map((store) => {
      const jobs = new Jobs({ db: store, clock: new ManualClock(), log: silentLogger() });
      jobs.define({
        kind: 't.shared',
        title: { zh: '', en: '' },
        params: z.object({}),
        run: async (context) => {
          most = Math.max(most, ++now);
          ran.push(context.id);
          await new Promise((resolve) => setTimeout(resolve, 10));
          now -= 1;
        },
      });
      return jobs;
    });
    try {
      for (const jobs of queues) await jobs.start();
      const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => queues[i % 2]!.submit('t.shared', {})));
      for (const id of ids) await queues[0]!.wait(id);
      expect(most).toBe(1);
      expect(ran.sort()).toEqual(ids.sort());
    } finally {
      for (const jobs of queues) await jobs.stop();
      await second.close();
      await end();
    }
  });
}
