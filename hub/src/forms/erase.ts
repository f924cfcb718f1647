/** Forms as holders of a person's data: records in which the person stands by number, their history, targets, attachments. */
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import type { PersonalHolder } from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';
import type { Design } from './design.ts';
import { listedOf, protectionOf } from './pure/index.ts';

type Trx = Kysely<AnyTables>;
type Json = null | string | number | boolean | Json[] | { [key: string]: Json };

const RECORDS = { zh: '采集表单记录及其历史', en: 'Collected records and their history' };
const FILES = { zh: '采集记录的附件', en: 'Attachments of collected records' };
const TARGETS = { zh: '采集任务的对象', en: 'Targets of collecting' };

/** Whether an object says the person directly: by a token as a value, or as forms keep it, `{token}`. */
const says = (value: { [key: string]: Json }, tokens: ReadonlySet<string>): boolean =>
  Object.values(value).some(
    (v) =>
      (typeof v === 'string' && tokens.has(v)) ||
      (v !== null && typeof v === 'object' && !Array.isArray(v) && typeof v.token === 'string' && tokens.has(v.token)),
  );

/** Values without the person: of the object that says them every guarded field goes; what is beside or around it stays. */
export function withoutPerson(value: Json, tokens: ReadonlySet<string>, guarded: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((v) => withoutPerson(v, tokens, guarded));
  if (value === null || typeof value !== 'object') return value;
  const mine = says(value, tokens);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, v]) =>
      mine && guarded.has(key) ? [] : [[key, withoutPerson(v, tokens, guarded)]],
    ),
  );
}

const like = (column: ReturnType<typeof sql>, tokens: readonly string[]) =>
  tokens.length === 0
    ? sql`false`
    : sql`(${sql.join(
        tokens.map((t) => sql`${column}::text LIKE ${`%${t}%`}`),
        sql` OR `,
      )})`;

/** Records in which the person stands now or stood once. */
async function records(db: Trx, tokens: readonly string[]): Promise<{ id: string; form: number }[]> {
  const { rows } = await sql<{
    id: string;
    form: number;
  }>`SELECT id, form FROM forms.record WHERE ${like(sql`values`, tokens)}
      OR id IN (SELECT record FROM forms.change WHERE ${like(sql`values`, tokens)}) ORDER BY id`.execute(db);
  return rows;
}

/** Names of fields of a form that are guarded, over all its versions. */
async function guardedOf(db: Trx, form: number): Promise<Set<string>> {
  const { rows } = await sql<{ design: Design }>`SELECT design FROM forms.version WHERE form = ${form}`.execute(db);
  const names = new Set<string>();
  for (const { design } of rows)
    for (const f of listedOf(design)) if (['personal', 'sensitive'].includes(protectionOf(f))) names.add(f.name);
  return names;
}

/** The room as a holder. */
export function formsHolder({ db, blobs }: Pick<Deps, 'db' | 'blobs'>): PersonalHolder {
  return {
    async find({ citizen }) {
      const found = await records(db.kysely, citizen);
      const targets = await sql<{
        n: number;
      }>`SELECT count(*)::int AS n FROM forms.target WHERE ${like(sql`values`, citizen)}`.execute(db.kysely);
      const holding = (place: string, title: typeof RECORDS, count: number) =>
        count > 0 ? [{ place, title, count, action: 'blank' as const, link: '/forms' }] : [];
      return [...holding('records', RECORDS, found.length), ...holding('targets', TARGETS, targets.rows[0]!.n)];
    },
    async erase({ subject, signal }) {
      const tokens = new Set(subject.citizen);
      let files = 0;
      const found = await records(db.kysely, subject.citizen);
      for (const { id, form } of found) {
        signal.throwIfAborted();
        const guarded = await guardedOf(db.kysely, form);
        const gone = await db.tx((trx) => eraseRecord(trx, id, tokens, guarded));
        files += gone.length;
        for (const blob of gone) await blobs.remove(blob);
      }
      const targets = await db.tx(async (trx) => {
        const { rows } = await sql<{
          id: number;
          values: Json;
        }>`SELECT id, values FROM forms.target WHERE ${like(sql`values`, subject.citizen)}
          FOR UPDATE`.execute(trx);
        for (const t of rows)
          await sql`UPDATE forms.target SET values = '{}'::jsonb, title = '***', relation = NULL WHERE id = ${t.id}`.execute(
            trx,
          );
        return rows.length;
      });
      const done = (place: string, title: typeof RECORDS, count: number) =>
        count > 0 ? [{ place, title, count, action: 'blank' as const }] : [];
      return {
        done: [
          ...done('records', RECORDS, found.length),
          ...done('files', FILES, files),
          ...done('targets', TARGETS, targets),
        ],
        rewrite: [],
      };
    },
  };
}

/** Empties one record and all that was ever said of it; answers the files that nothing refers to any more. */
async function eraseRecord(
  trx: Trx,
  id: string,
  tokens: ReadonlySet<string>,
  guarded: ReadonlySet<string>,
): Promise<string[]> {
  const { rows } = await sql<{ values: Json }>`SELECT values FROM forms.record WHERE id = ${id} FOR UPDATE`.execute(
    trx,
  );
  await sql`UPDATE forms.record SET values = ${JSON.stringify(withoutPerson(rows[0]!.values, tokens, guarded))}::jsonb, caption = '***'
    WHERE id = ${id}`.execute(trx);
  const changes = await sql<{
    seq: string;
    values: Json;
  }>`SELECT seq, values FROM forms.change WHERE record = ${id} AND values IS NOT NULL`.execute(trx);
  for (const c of changes.rows)
    await sql`UPDATE forms.change SET values = ${JSON.stringify(withoutPerson(c.values, tokens, guarded))}::jsonb WHERE seq = ${c.seq}`.execute(
      trx,
    );
  await sql`UPDATE forms.operation SET answer = '{}'::jsonb, content = NULL WHERE record = ${id}`.execute(trx);
  await sql`DELETE FROM forms.unique_value WHERE record = ${id}`.execute(trx);
  // What was not sent yet is not sent: the exchange would let go of it at once.
  await sql`DELETE FROM forms.outbox WHERE record = ${id} AND sent_at IS NULL`.execute(trx);
  await sql`UPDATE forms.outbox SET row = '{}'::jsonb, problem = NULL WHERE record = ${id}`.execute(trx);
  const files = await sql<{
    blob: string | null;
    exif: string | null;
  }>`UPDATE forms.file AS f SET state = 'refused', blob = NULL, exif = NULL, name = '***'
    FROM (SELECT id, blob, exif FROM forms.file WHERE record = ${id} AND (blob IS NOT NULL OR exif IS NOT NULL)) AS b
    WHERE b.id = f.id RETURNING b.blob, b.exif`.execute(trx);
  const gone: string[] = [];
  for (const blob of files.rows.flatMap((f) => [f.blob, f.exif]).filter((b): b is string => b !== null)) {
    const used = await sql`SELECT 1 AS one FROM forms.file WHERE blob = ${blob} OR exif = ${blob} LIMIT 1`.execute(trx);
    if (used.rows.length === 0) gone.push(blob);
  }
  return gone;
}
