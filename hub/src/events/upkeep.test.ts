import { expect, test } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { describeDb } from '../platform/db/testing.ts';
import { eventSets } from './testing.ts';
import { upkeep } from './upkeep.ts';

describeDb('upkeep of events', eventSets, (db) => {
  test('a table that has grown is vacuumed once; what changed is by an embedded store at night, by a server itself', async () => {
    const clock = new ManualClock('2026-11-20T01:00:00Z');
    const look = () => upkeep({ db: db(), clock });
    const grow = (from: number, to: number) =>
      db().query(`INSERT INTO events.event (number, text, channel, state, occurred_at, reported_at, catalogue, day)
        SELECT 'n' || i, repeat('井盖', 40), 'grid', 'closed', now(), now(), 1, '2026-11-01' FROM generate_series(${from}, ${to}) i`);
    // A server's own would come in between now and then.
    await db().query('ALTER TABLE events.event SET (autovacuum_enabled = off)');
    expect(await look()).toEqual([]);
    await grow(1, 3000);
    // Too soon after the last look.
    expect(await look()).toEqual([]);
    clock.advance(3_600_000);
    expect(await look()).toEqual(['event']);
    const [t] = await db().query<{ known: boolean }>(
      `SELECT relallvisible > 0.9 * relpages AS known FROM pg_class WHERE oid = 'events.event'::regclass`,
    );
    expect(t!.known).toBe(true);
    clock.advance(3_600_000);
    expect(await look()).toEqual([]);
    await grow(3001, 12_000);
    clock.advance(3_600_000);
    expect(await look()).toEqual(['event']);
    // Three at night in the city, and again a while later.
    clock.advance(15 * 3_600_000);
    expect(await look()).toEqual(db().kind === 'pglite' ? ['event'] : []);
    clock.advance(3_600_000);
    expect(await look()).toEqual([]);
  });
});
