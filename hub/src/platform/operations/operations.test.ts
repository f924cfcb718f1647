import { expect, test } from 'vitest';
import type { Problem } from '../problem.ts';
import { DiskGuard } from './guard.ts';
import { MemoryGuard, memoryNow, memoryShort } from './memory.ts';
import { Observed, shapeOf } from './observed.ts';
import { answering, diskPart, size } from './parts.ts';
import { type Kept, keptView } from './retention.ts';

const both = { zh: '盘', en: 'disk' };
const gib = 2 ** 30;

test('a statement is kept without what was asked for', () => {
  expect(shapeOf("SELECT *\n  FROM t WHERE name = '张三''s' AND id = 330282199001011234 AND x IN (1, 2.5)")).toBe(
    "SELECT * FROM t WHERE name = '…' AND id = 0 AND x IN (0, 0)",
  );
});

test('a shape keeps no comment, no text between dollar signs, no name that a person may have typed', () => {
  const gone = ['张三', '13905741234', '欧阳'];
  for (const sql of [
    "SELECT 1 -- 张三 '13905741234",
    'SELECT 1 /* 张三 */ AS 欧阳, c13905741234',
    'SELECT "张三" FROM t',
    'SELECT $$张三$$, $a$13905741234$a$ FROM t',
    "SELECT '张三",
    'SELECT $$张三',
  ])
    for (const value of gone) expect(shapeOf(sql)).not.toContain(value);
  expect(shapeOf('SELECT "order" FROM lib.fact')).toBe('SELECT "order" FROM lib.fact');
});

test('problems are counted by code for a day, the slowest are kept, and memory is bounded', () => {
  let now = Date.parse('2026-11-21T08:30:00Z');
  const observed = new Observed(() => now);
  const answered = (code: string | undefined, ms = 5, route = '/api/v1/x') =>
    observed.request({ method: 'GET', route, status: code ? 404 : 200, ms, code });
  answered('a.b');
  answered('a.b');
  answered(undefined, 900);
  answered(undefined, 90_000, '/api/v1/cockpits/{scenario}/stream');
  for (let i = 0; i < 100; i++) observed.statement('lake', `SELECT ${i}`, 600 + i);
  observed.statement('store', 'SELECT 1', 10);
  expect(observed.codes()).toEqual([{ code: 'a.b', status: 404, n: 2 }]);
  expect(observed.slowRequests()).toEqual([{ what: 'GET /api/v1/x', ms: 900, at: now }]);
  expect(observed.slowStatements()).toHaveLength(40);
  expect(observed.slowStatements()[0]!.ms).toBe(699);
  expect(observed.answered()).toEqual({ before: 0, now: 4 });
  now += 3_600_000;
  answered('c.d');
  expect(observed.answered()).toEqual({ before: 4, now: 1 });
  for (let i = 0; i < 1000; i++) answered(`made.up-${i}`);
  expect(observed.codes().length).toBeLessThanOrEqual(310);
  expect(observed.codes().reduce((sum, c) => sum + c.n, 0)).toBe(1003);
  now += 25 * 3_600_000;
  expect([observed.codes(), observed.slowRequests(), observed.slowStatements()]).toEqual([[], [], []]);
  observed.stop();
});

test('below its mark the disk takes nothing in; reading, signing in and making room go on; it opens again a little above', () => {
  const guard = new DiskGuard('/nowhere', 3, () => {});
  const code = (method: string, room: string, reads = false) => {
    try {
      guard.admit({ method, room, reads, heavy: false });
      return 'admitted';
    } catch (error) {
      return (error as Problem).kind.code;
    }
  };
  expect(code('POST', 'exchange')).toBe('admitted');
  guard.see({ free: 2 * gib, total: 100 * gib });
  expect([code('POST', 'exchange'), code('PUT', 'forms'), code('DELETE', 'map')]).toEqual(
    Array(3).fill('operations.disk-full'),
  );
  expect([code('GET', 'exchange'), code('POST', 'auth'), code('POST', 'jobs'), code('POST', 'backup')]).toEqual(
    Array(4).fill('admitted'),
  );
  expect(code('POST', 'credit', true)).toBe('admitted');
  guard.see({ free: 3.5 * gib, total: 100 * gib });
  expect(code('POST', 'exchange')).toBe('operations.disk-full');
  guard.see({ free: 5 * gib, total: 100 * gib });
  expect(code('POST', 'exchange')).toBe('admitted');
});

test('short memory holds jobs and what is large, by the machine or by the heap; it opens again a little above', () => {
  const guard = new MemoryGuard(5, () => {});
  const told = (free: number, heapUsed = 1) =>
    guard.see({ free: free * gib, total: 100 * gib, heapUsed: heapUsed * gib, heapLimit: 4 * gib });
  const standing = () => guard.part(15).standing;
  told(50);
  guard.admit(true);
  expect([guard.short, standing()]).toEqual([false, 'ok']);
  told(10);
  expect([guard.short, standing()]).toEqual([false, 'warn']);
  told(4);
  expect([guard.short, standing()]).toEqual([true, 'bad']);
  expect(() => guard.admit(true)).toThrow(expect.objectContaining({ kind: memoryShort }));
  guard.admit(false);
  told(6);
  expect(guard.short).toBe(true);
  told(8);
  expect(guard.short).toBe(false);
  told(50, 3.9);
  expect([guard.short, standing()]).toEqual([true, 'bad']);
});

test('the memory that is measured is that of this process', () => {
  const { free, total, heapUsed, heapLimit } = memoryNow();
  expect(free).toBeGreaterThan(0);
  expect(total).toBeGreaterThanOrEqual(free);
  expect(heapUsed).toBeGreaterThan(1_000_000);
  expect(heapLimit).toBeGreaterThan(heapUsed);
});

test('a disk is told against its marks', () => {
  const marks = { warn: 15, stop: 3 };
  const of = (free: number) => diskPart('disk', both, { free: free * gib, total: 100 * gib }, marks);
  expect([of(50).standing, of(10).standing, of(1).standing]).toEqual(['ok', 'warn', 'bad']);
  expect(of(1).text.zh).toContain('已停止接收');
  expect(diskPart('disk', both, undefined, marks).standing).toBe('warn');
  expect([size(512), size(1536), size(250 * gib)]).toEqual(['512 B', '1.5 KiB', '250 GiB']);
});

test('what does not answer is bad, what answers says how quickly', async () => {
  expect((await answering('a', both, async () => 1)).standing).toBe('ok');
  expect(await answering('a', both, async () => Promise.reject(new Error('secret of the server')))).toMatchObject({
    ...{ standing: 'bad', text: { zh: '没有应答', en: 'does not answer' } },
  });
  expect((await answering('a', both, () => new Promise((r) => setTimeout(r, 30)), 10)).standing).toBe('warn');
});

test('what is kept longer than its period, or shorter than the law asks for, is said; some days of grace are none', async () => {
  const now = new Date('2026-11-22T00:00:00Z');
  const before = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const kept = (days: number | null, age: number | null, least?: number): Kept => ({
    ...{ id: 'x', title: both, ground: both, setting: null, days, ...(least === undefined ? {} : { least }) },
    oldest: async () => (age === null ? null : before(age)),
  });
  const standing = async (...of: Parameters<typeof kept>) => (await keptView(kept(...of), now)).standing;
  expect(await standing(90, null)).toBe('ok');
  expect(await standing(90, 92)).toBe('ok');
  expect(await standing(90, 94)).toBe('late');
  expect(await standing(null, 40_000, 183)).toBe('ok');
  expect(await standing(90, 10, 183)).toBe('short');
  expect(await standing(183, 10, 183)).toBe('ok');
});
