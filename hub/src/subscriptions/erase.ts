/** Subscriptions as a holder of a person's data: what was pushed, what is held for comparing; subscribers are told what to delete. */
import { sql } from 'kysely';
import type { Lake, LakeSession } from '../platform/lake/index.ts';
import { type ErasedPlace, listed, type PersonalHolder, type PersonSubject } from '../platform/personal.ts';
import { addDuty, matterOf, recordNumber, type SharingPorts } from '../sharing/index.ts';
import { LANE } from './log/detect.ts';

const TITLE = { zh: '订阅的变更日志与比对副本', en: 'Log of changes and copies held for comparing' };
const ROWS = 'SELECT fact, whole, fields, source FROM v.subject_row_v1 WHERE erasure = $e';

/** Rows of the person in the log and among what is held, by stream. */
const held = (lake: Lake, subject: PersonSubject): Promise<{ source: string; facts: string[] }[]> =>
  lake.query(
    `SELECT s.source, list(DISTINCT h.fact::VARCHAR ORDER BY h.fact::VARCHAR) AS facts FROM (SELECT stream, fact FROM sub.held UNION ALL SELECT stream, fact FROM sub.change) h
     JOIN sub.stream s ON s.stream = h.stream WHERE h.fact IN (SELECT fact FROM (${ROWS})) GROUP BY s.source ORDER BY s.source`,
    { e: subject.erasure },
  );

/** A list of values in the order of a shape, without some fields. */
const without = (values: string, fields: string): string =>
  `list_transform(${values}, lambda x, i: CASE WHEN r.whole OR list_contains(r.fields, ${fields}[i]) THEN NULL ELSE x END)`;

async function empty(s: LakeSession, { erasure, citizen }: PersonSubject): Promise<void> {
  await s.run(
    `UPDATE sub.held SET "values" = ${without('sub.held."values"', 'p.fields')} FROM (${ROWS}) r, sub.stream t, sub.shape p
     WHERE r.fact = sub.held.fact AND t.stream = sub.held.stream AND p.stream = t.stream AND p.shape = t.shape`,
    { e: erasure },
  );
  await s.run(
    `UPDATE sub.change SET "before" = ${without('sub.change."before"', 'p.fields')}, "after" = ${without('sub.change."after"', 'p.fields')}
     FROM (${ROWS}) r, sub.shape p WHERE r.fact = sub.change.fact AND p.stream = sub.change.stream AND p.shape = sub.change.shape`,
    { e: erasure },
  );
  // What a record was before it became somebody else's stands under the other's row.
  for (const [table, column] of [
    ['sub.held', '"values"'],
    ['sub.change', '"before"'],
    ['sub.change', '"after"'],
  ])
    await s.run(
      `UPDATE ${table} SET ${column} = list_transform(${column}, lambda x: NULL) WHERE list_has_any(${column}, $tokens::VARCHAR[])`,
      { tokens: listed(citizen) },
    );
}

/** The room as a holder. */
export function subscriptionHolder(ports: SharingPorts, days: number): PersonalHolder {
  const { lake } = ports;
  return {
    async find(subject) {
      return (await held(lake, subject)).map((h) => ({
        ...{
          place: `stream:${h.source}`,
          title: TITLE,
          count: h.facts.length,
          action: 'delete' as const,
          link: '/subscriptions',
        },
      }));
    },
    async erase({ subject, signal }) {
      const done: ErasedPlace[] = [];
      for (const { source, facts } of await held(lake, subject)) {
        signal.throwIfAborted();
        const { rows } = await sql<{ share: number }>`SELECT DISTINCT u.share FROM subscriptions.subscription u
          JOIN subscriptions.usage d ON d.subscription = u.id WHERE u.source = ${source} ORDER BY u.share`.execute(
          ports.db.kysely,
        );
        for (const { share: id } of rows) {
          const share = await matterOf(ports.db.kysely, 'share', id, null);
          const numbers = await lake.query<{ n: string }>(
            `SELECT DISTINCT ${recordNumber('fact')} AS n FROM (SELECT unnest($facts::VARCHAR[]) AS fact) ORDER BY n`,
            { mark: share.mark, facts },
          );
          await addDuty(ports, days, {
            erasure: subject.erasure,
            share,
            records: numbers.map((n) => n.n),
            deliveries: [],
          });
        }
        done.push({ place: `stream:${source}`, title: TITLE, count: facts.length, action: 'delete' });
      }
      await lake.write(LANE, (s) => empty(s, subject));
      return { done, rewrite: ['sub.held', 'sub.change'] };
    },
  };
}
