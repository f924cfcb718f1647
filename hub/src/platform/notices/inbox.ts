/** A person's inbox: what is there, what was read and acknowledged. Everybody sees their own and nobody another's. */
import { sql } from 'kysely';
import type { Db } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import { Problem } from '../problem.ts';
import { noticeUnknown } from './problems.ts';

/** A notice as its owner sees it. */
export interface InboxRow {
  id: number;
  kind: string;
  urgency: 'info' | 'normal' | 'urgent';
  title: Bilingual;
  text: Bilingual;
  link: string;
  because: 'direct' | 'deputy' | 'escalation';
  for_name: string | null;
  arrived_at: Date;
  read_at: Date | null;
  acknowledged_at: Date | null;
  settled_at: Date | null;
}

/** What of an inbox is asked for. */
export interface InboxQuery {
  unread?: boolean | undefined;
  urgent?: boolean | undefined;
  kind?: string | undefined;
  before?: number | undefined;
  limit: number;
}

/** Unread notices that are not settled: in all, and urgent ones that wait to be acknowledged. */
export async function unreadOf(db: Db, account: string): Promise<{ unread: number; urgent: number }> {
  const { rows } = await sql<{
    unread: number;
    urgent: number;
  }>`SELECT count(*) FILTER (WHERE read_at IS NULL) AS unread,
      count(*) FILTER (WHERE urgency = 'urgent' AND acknowledged_at IS NULL) AS urgent
    FROM notices.notice WHERE account = ${account}::uuid AND settled_at IS NULL
      AND (read_at IS NULL OR (urgency = 'urgent' AND acknowledged_at IS NULL))`.execute(db.kysely);
  return rows[0]!;
}

/** A page of an inbox, the newest first. */
export async function inboxOf(
  db: Db,
  account: string,
  asked: InboxQuery,
): Promise<{ items: InboxRow[]; next: number | null }> {
  const { rows } =
    await sql<InboxRow>`SELECT n.id, n.kind, n.urgency, n.title, n.text, n.link, n.because, f.name AS for_name,
      n.arrived_at, n.read_at, n.acknowledged_at, n.settled_at
    FROM notices.notice n LEFT JOIN auth.account f ON f.id = n.for_account
    WHERE n.account = ${account}::uuid
      AND ${asked.unread ? sql`n.read_at IS NULL AND n.settled_at IS NULL` : sql`true`}
      AND ${asked.urgent ? sql`n.urgency = 'urgent'` : sql`true`}
      AND ${asked.kind === undefined ? sql`true` : sql`n.kind = ${asked.kind}`}
      AND ${asked.before === undefined ? sql`true` : sql`n.id < ${asked.before}`}
    ORDER BY n.id DESC LIMIT ${asked.limit + 1}`.execute(db.kysely);
  const items = rows.slice(0, asked.limit);
  return { items, next: rows.length > asked.limit ? items.at(-1)!.id : null };
}

/** Marks own notices as read: those named, or all of them. */
export async function markRead(db: Db, account: string, ids: readonly number[] | 'all', at: Date): Promise<void> {
  const which = ids === 'all' ? sql`true` : sql`id = ANY(${[...ids]}::bigint[])`;
  await sql`UPDATE notices.notice SET read_at = ${at} WHERE account = ${account}::uuid AND read_at IS NULL AND ${which}`.execute(
    db.kysely,
  );
}

/** Acknowledges an own notice: it is known and taken care of; nothing escalates any more. Problem `notices.unknown`. */
export async function acknowledge(db: Db, account: string, id: number, at: Date): Promise<void> {
  const { numAffectedRows } = await sql`UPDATE notices.notice SET acknowledged_at = coalesce(acknowledged_at, ${at}),
    read_at = coalesce(read_at, ${at}) WHERE id = ${id} AND account = ${account}::uuid`.execute(db.kysely);
  if (Number(numAffectedRows) !== 1) throw new Problem(noticeUnknown);
}
