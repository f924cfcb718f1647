/**
 * Sharing as a holder of a person's data: what recipients were given cannot be taken back, so each is told which of its records to delete and
 * says that it did; the hub's own copies of delivered files are cut. Personal data stands in none of it: a record is named by the number
 * that it has in the recipient's own file.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Kysely, sql } from 'kysely';
import { without } from '../exchange/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { type Lake, literal } from '../platform/lake/index.ts';
import { cityDay, dueOf } from '../platform/law/index.ts';
import type { ErasedPlace, ErasureWork, PersonalHolder } from '../platform/personal.ts';
import { Problem } from '../platform/problem.ts';
import type { SharingPorts } from './act.ts';
import { recordNumber } from './delivery/tables.ts';
import { nameOf } from './entries.ts';
import { matterOf, type ShareRow } from './matters.ts';
import { dutyDone, fileGone, unknownDuty } from './problems.ts';
import { outboxOf } from './target/folder.ts';

const FACTS = 'SELECT fact FROM v.subject_row_v1 WHERE erasure = $e';

/** What a recipient is to delete, and whether it said that it did. */
export interface Duty {
  id: number;
  erasure: number;
  share: number;
  request: number;
  requester: string;
  entry: string;
  records: string[];
  deliveries: number[];
  told_at: Date;
  due: string | null;
  acknowledged_at: Date | null;
  login: string | null;
  statement: string | null;
  overdue_at: Date | null;
}

const dutyColumns = sql`d.id, d.erasure, d.share, s.request, d.requester, s.entry, d.records, d.deliveries, d.told_at, d.due::text AS due,
  d.acknowledged_at, d.login, d.statement, d.overdue_at`;

/** Duties of an order of erasure, or of an organisation (open ones first). */
export async function erasureDuties(
  db: Kysely<AnyTables>,
  of: { erasure: number } | { organisation: string } | 'all',
): Promise<Duty[]> {
  const which =
    of === 'all' ? sql`true` : 'erasure' in of ? sql`d.erasure = ${of.erasure}` : sql`d.requester = ${of.organisation}`;
  const { rows } =
    await sql<Duty>`SELECT ${dutyColumns} FROM sharing.erasure_duty d JOIN sharing.share s ON s.id = d.share
    WHERE ${which} ORDER BY d.acknowledged_at IS NOT NULL, d.due NULLS LAST, d.id LIMIT 1000`.execute(db);
  return rows;
}

/** Whom a room tells that a grant's recipient has records to delete: once for an order and grant. */
export async function addDuty(
  ports: Pick<SharingPorts, 'db' | 'clock' | 'notices' | 'audit' | 'calendar'>,
  days: number,
  duty: { erasure: number; share: ShareRow; records: readonly string[]; deliveries: readonly number[] },
): Promise<void> {
  const at = ports.clock.now();
  const { due } = dueOf(ports.calendar(), cityDay(at), days);
  const { erasure, share } = duty;
  await ports.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
      fresh: boolean;
    }>`INSERT INTO sharing.erasure_duty (erasure, share, requester, records, deliveries, told_at, due)
      VALUES (${erasure}, ${share.id}, ${share.requester}, ${[...duty.records]}::text[], ${[...duty.deliveries]}::int[], ${at}, ${due})
      ON CONFLICT (erasure, share) DO UPDATE SET
        records = (SELECT array_agg(DISTINCT x ORDER BY x) FROM unnest(sharing.erasure_duty.records || EXCLUDED.records) AS x),
        deliveries = (SELECT array_agg(DISTINCT x ORDER BY x) FROM unnest(sharing.erasure_duty.deliveries || EXCLUDED.deliveries) AS x)
      RETURNING id, xmax = 0 AS fresh`.execute(trx);
    const { id, fresh } = made.rows[0]!;
    if (!fresh) return;
    await ports.notices.tell(trx, {
      ...{
        key: `erasure.receiver/${id}`,
        kind: 'erasure.receiver',
        about: `erasure-duty/${id}`,
        link: `/sharing/erasures`,
      },
      to: [away(share.requester) ? { role: 'data-steward' } : { role: 'data-officer', organisation: share.requester }],
      title: {
        zh: `须删除已接收的记录：共享申请 ${share.request}`,
        en: `Records to be deleted: request ${share.request}`,
      },
      text: {
        zh: `请删除该共享中 ${duty.records.length} 条记录并说明办理情况${due ? `，期限 ${due}` : ''}。`,
        en: `Delete ${duty.records.length} records of this grant and say that you did${due ? `, by ${due}` : ''}.`,
      },
    });
    await ports.audit.append(
      {
        ...{ actor: null, action: 'sharing.erasure-told', object: `erasure-duty/${id}`, outcome: 'ok' },
        detail: { erasure, share: share.id, requester: share.requester, records: duty.records.length },
      },
      trx,
    );
  });
}

/** Another hub's department: nobody of it works here. What it answers is put down by who oversees sharing. */
const away = (requester: string): boolean => /^peer\d+$/.test(requester);

/** Whether somebody answers for a recipient. */
export const answers = (requester: string, p: Principal): boolean =>
  requester === p.organisation || (away(requester) && p.organisation === null && p.permissions.has('sharing.oversee'));

/** A recipient says that it deleted what it was told to. */
export async function acknowledgeDuty(ports: SharingPorts, id: number, statement: string, p: Principal): Promise<void> {
  await ports.db.tx(async (trx) => {
    const { rows } = await sql<{
      requester: string;
      acknowledged_at: Date | null;
      erasure: number;
    }>`SELECT requester, acknowledged_at, erasure
      FROM sharing.erasure_duty WHERE id = ${id} FOR UPDATE`.execute(trx);
    const duty = rows[0];
    // Another department's duty is as unknown as one that is not there.
    if (!duty || !answers(duty.requester, p)) throw new Problem(unknownDuty, { id });
    if (duty.acknowledged_at) throw new Problem(dutyDone, { id });
    await sql`UPDATE sharing.erasure_duty SET acknowledged_at = ${ports.clock.now()}, login = ${p.login}, statement = ${statement} WHERE id = ${id}`.execute(
      trx,
    );
    await ports.notices.withdraw(trx, { kind: 'erasure.receiver', about: `erasure-duty/${id}` });
    await ports.notices.withdraw(trx, { kind: 'erasure.overdue', about: `erasure-duty/${id}` });
    await ports.audit.append(
      {
        ...{ actor: p, action: 'sharing.erasure-acknowledged', object: `erasure-duty/${id}`, outcome: 'ok' },
        detail: { erasure: duty.erasure },
      },
      trx,
    );
  });
}

/** Tells of duties that are overdue, once each. */
export async function sweepDuties(ports: SharingPorts): Promise<void> {
  const today = cityDay(ports.clock.now());
  await ports.db.tx(async (trx) => {
    const { rows } = await sql<{
      id: number;
      requester: string;
      erasure: number;
    }>`UPDATE sharing.erasure_duty SET overdue_at = ${ports.clock.now()}
      WHERE acknowledged_at IS NULL AND overdue_at IS NULL AND due < ${today}::date RETURNING id, requester, erasure`.execute(
      trx,
    );
    for (const d of rows)
      await ports.notices.tell(trx, {
        ...{
          key: `erasure.overdue/duty/${d.id}`,
          kind: 'erasure.overdue',
          about: `erasure-duty/${d.id}`,
          link: '/sharing/erasures',
        },
        to: [
          { role: 'data-officer', organisation: d.requester },
          { role: 'department-head', organisation: d.requester },
          { role: 'data-steward' },
        ],
        title: { zh: '删除已接收记录超期', en: 'Deleting delivered records is overdue' },
        text: {
          zh: `${nameOf(ports, d.requester).zh}未在期限内说明已删除（删除事项 ${d.erasure}）。`,
          en: `${nameOf(ports, d.requester).en} has not said that it deleted them (erasure ${d.erasure}).`,
        },
      });
  });
}

interface Given extends Record<string, unknown> {
  share: number;
  fact: string;
  delivery: number;
}

/** Records of the person that were delivered at any time: also those that a later delivery took back. */
const given = (lake: Lake, erasure: number): Promise<Given[]> =>
  lake.query<Given>(
    `SELECT DISTINCT share, fact::VARCHAR AS fact, delivery FROM shr.delivered WHERE change >= 0 AND fact IN (${FACTS}) ORDER BY share, delivery, fact`,
    { e: erasure },
  );

async function numbersOf(lake: Lake, mark: string, facts: readonly string[]): Promise<string[]> {
  const rows = await lake.query<{ n: string }>(
    `SELECT DISTINCT ${recordNumber('fact')} AS n FROM (SELECT unnest($facts::VARCHAR[]) AS fact) ORDER BY n`,
    { mark, facts },
  );
  return rows.map((r) => r.n);
}

/** Sharing as a holder. */
export function sharingHolder(ports: SharingPorts, days: number): PersonalHolder {
  return {
    async find(subject) {
      const rows = await given(ports.lake, subject.erasure);
      const shares = [...new Set(rows.map((r) => r.share))];
      return Promise.all(
        shares.map(async (id) => {
          const share = await matterOf(ports.db.kysely, 'share', id, null);
          const of = nameOf(ports, share.requester);
          const mine = rows.filter((r) => r.share === id);
          return {
            place: `share:${id}`,
            title: {
              zh: `已交付 ${of.zh}（申请 ${share.request}）`,
              en: `Delivered to ${of.en} (request ${share.request})`,
            },
            count: new Set(mine.map((r) => r.fact)).size,
            action: 'delete' as const,
            link: `/sharing/requests/${share.request}`,
          };
        }),
      );
    },
    async erase(work) {
      const rows = await given(ports.lake, work.subject.erasure);
      const done: ErasedPlace[] = [];
      for (const id of [...new Set(rows.map((r) => r.share))]) {
        work.signal.throwIfAborted();
        const share = await matterOf(ports.db.kysely, 'share', id, null);
        const mine = rows.filter((r) => r.share === id);
        const records = await numbersOf(ports.lake, share.mark, [...new Set(mine.map((r) => r.fact))]);
        const deliveries = [...new Set(mine.map((r) => r.delivery))];
        for (const d of deliveries) await cutDelivery(ports, d, new Set(records), work);
        await addDuty(ports, days, { erasure: work.subject.erasure, share, records, deliveries });
        const of = nameOf(ports, share.requester);
        done.push({
          place: `share:${id}`,
          title: {
            zh: `已交付 ${of.zh}（申请 ${share.request}）`,
            en: `Delivered to ${of.en} (request ${share.request})`,
          },
          count: records.length,
          action: 'delete',
        });
      }
      return { done, rewrite: [] };
    },
  };
}

/** What stands for the file of a delivery now; null: removed whole. */
export async function deliveredFile(
  db: Kysely<AnyTables>,
  delivery: { id: number; sha256: string; bytes: number },
): Promise<{ sha256: string | null; bytes: number; cut: boolean }> {
  const { rows } = await sql<{
    replacement: string | null;
    bytes: string | null;
  }>`SELECT replacement, bytes FROM sharing.cut_file
    WHERE delivery = ${delivery.id} ORDER BY turn DESC LIMIT 1`.execute(db);
  return rows[0]
    ? { sha256: rows[0].replacement, bytes: Number(rows[0].bytes ?? 0), cut: true }
    : { sha256: delivery.sha256, bytes: delivery.bytes, cut: false };
}

/** Cuts the hub's own copy of what was delivered; its manifest and seal stay as proof of what left. */
async function cutDelivery(
  ports: SharingPorts,
  id: number,
  records: ReadonlySet<string>,
  work: ErasureWork,
): Promise<void> {
  const found = await sql<{
    sha256: string | null;
    bytes: string;
    format: 'csv' | 'parquet' | 'xlsx';
    kind: string;
    state: string;
  }>`SELECT sha256, bytes, format, kind, state
    FROM sharing.delivery WHERE id = ${id}`.execute(ports.db.kysely);
  const d = found.rows[0];
  if (!d?.sha256 || d.state !== 'ready') return;
  const turns = await sql<{
    turn: number;
    erasure: number;
    original: string;
  }>`SELECT turn, erasure, original FROM sharing.cut_file
    WHERE delivery = ${id} ORDER BY turn`.execute(ports.db.kysely);
  const now = await deliveredFile(ports.db.kysely, { id, sha256: d.sha256, bytes: Number(d.bytes) });
  // Done before a kill: what it replaced may still lie there.
  if (turns.rows.some((t) => t.erasure === work.subject.erasure)) {
    for (const t of turns.rows) if (t.original !== now.sha256) await ports.blobs.remove(t.original);
    return;
  }
  if (now.sha256 === null || !(await ports.blobs.has(now.sha256))) return;
  const kept = await rest(ports, id, d, now.sha256, records);
  await sql`INSERT INTO sharing.cut_file (delivery, turn, original, replacement, bytes, records, erasure, at)
    VALUES (${id}, ${turns.rows.length + 1}, ${now.sha256}, ${kept?.sha256 ?? null}, ${kept?.bytes ?? null}, ${records.size},
      ${work.subject.erasure}, ${work.at})`.execute(ports.db.kysely);
  if (kept?.sha256 !== now.sha256) await ports.blobs.remove(now.sha256);
  await laidDown(ports, id, now.sha256);
}

/** What was laid into a folder of this machine for the recipient goes as well; what is still on its way does not go on. */
async function laidDown(ports: SharingPorts, delivery: number, sha256: string): Promise<void> {
  const { rows } = await sql<{ share: number }>`SELECT share FROM sharing.delivery WHERE id = ${delivery}`.execute(
    ports.db.kysely,
  );
  const folder = outboxOf(ports.folders.data, await matterOf(ports.db.kysely, 'share', rows[0]!.share, null));
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
    if (hash.digest('hex') === sha256) rmSync(join(folder, name));
  }
  await sql`UPDATE sharing.transmission SET state = 'failed', problem = ${JSON.stringify(new Problem(fileGone).toJSON())}::jsonb
    WHERE delivery = ${delivery} AND state IN ('waiting', 'sending')`.execute(ports.db.kysely);
}

async function rest(
  ports: SharingPorts,
  id: number,
  d: { format: 'csv' | 'parquet' | 'xlsx'; kind: string },
  sha256: string,
  records: ReadonlySet<string>,
): Promise<{ sha256: string; bytes: number } | null> {
  if (d.format === 'xlsx') return null;
  if (d.format === 'csv') {
    const at = d.kind === 'changes' ? 1 : 0;
    const told = { records: 0, cut: 0 };
    const numberIn = (bytes: Uint8Array) =>
      Buffer.from(bytes.subarray(0, 64)).toString('latin1').split(',')[at]?.replaceAll('"', '').trim() ?? '';
    const how = { format: 'csv', encoding: 'utf-8', delimiter: ',' } as const;
    return ports.blobs.put(without(ports.blobs.get(sha256), how, (_, bytes) => records.has(numberIn(bytes)), told));
  }
  const work = join(ports.folders.data, 'work');
  mkdirSync(work, { recursive: true, mode: 0o700 });
  const [from, to] = [join(work, `delivery-${id}.parquet`), join(work, `delivery-${id}.rest.parquet`)];
  try {
    await pipeline(Readable.from(ports.blobs.get(sha256)), createWriteStream(from, { mode: 0o600 }));
    await ports.lake.session((s) =>
      s.run(
        `COPY (SELECT * FROM read_parquet(${literal(from)}) WHERE NOT list_contains($records::VARCHAR[], _record)) TO ${literal(to)} (FORMAT parquet, COMPRESSION zstd)`,
        { records: [...records] },
      ),
    );
    return await ports.blobs.put(createReadStream(to) as AsyncIterable<Uint8Array>);
  } finally {
    rmSync(from, { force: true });
    rmSync(to, { force: true });
  }
}
