/** Entries of other hubs as they are searched and shown. */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { ForeignDataset } from '../../catalogue/index.ts';
import type { Db } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { unknownEntry } from '../problems.ts';
import { type Level, levels, type PeerKind, type PeerState } from '../store.ts';

/** An entry with the hub that it is of. */
export interface RemoteEntry {
  id: number;
  peer: number;
  uri: string;
  content: ForeignDataset;
  first_seen: Date;
  changed_at: Date | null;
  changed: string[];
  gone_at: Date | null;
  name_zh: string;
  name_en: string;
  level: Level;
  kind: PeerKind;
  state: PeerState;
  requests: boolean;
}

const columns = sql`e.id, e.peer, e.uri, e.content, e.first_seen, e.changed_at, e.changed, e.gone_at, p.name_zh, p.name_en,
  p.level, p.kind, p.state, p.requests`;

export const remoteQuery = z.object({
  q: z.string().trim().max(200).optional(),
  peer: z.coerce.number().int().optional(),
  level: z.enum(levels).optional(),
  sharing: z.enum(['unconditional', 'conditional', 'refused', 'open']).optional(),
  /** `gone`: what is no longer in the other catalogue; `changed`: changed within 30 days. */
  show: z.enum(['all', 'changed', 'gone']).default('all'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  size: z.coerce.number().int().min(1).max(100).default(20),
});

const like = (word: string): string => `%${word.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;

/** A page of entries, those whose title has the words first. */
export async function remoteEntries(
  db: Db,
  q: z.output<typeof remoteQuery>,
  now: Date,
): Promise<{ rows: RemoteEntry[]; total: number; byLevel: Record<string, number> }> {
  const words = (q.q ?? '').split(/\s+/).filter(Boolean).slice(0, 8);
  const where: RawBuilder<unknown>[] = words.map((w) => sql`e.words LIKE ${like(w)}`);
  where.push(q.show === 'gone' ? sql`e.gone_at IS NOT NULL` : sql`e.gone_at IS NULL`);
  if (q.show === 'changed')
    where.push(sql`coalesce(e.changed_at, e.first_seen) > ${new Date(now.getTime() - 30 * 86_400_000)}`);
  if (q.peer !== undefined) where.push(sql`e.peer = ${q.peer}`);
  if (q.sharing === 'open') where.push(sql`e.content->>'access' = 'PUBLIC'`);
  else if (q.sharing) where.push(sql`e.content->>'sharing' = ${q.sharing}`);
  const level = q.level ? sql`p.level = ${q.level}` : sql`true`;
  const from = sql`FROM peers.remote_entry e JOIN peers.peer p ON p.id = e.peer WHERE ${sql.join(where, sql` AND `)}`;
  const first = words[0] ? sql`lower(e.content->'title'->>'zh') LIKE ${like(words[0])} DESC,` : sql``;
  const [found, counts] = [
    await sql<RemoteEntry>`SELECT ${columns} ${from} AND ${level}
      ORDER BY ${first} coalesce(e.changed_at, e.first_seen) DESC, e.id LIMIT ${q.size} OFFSET ${(q.page - 1) * q.size}`.execute(
      db.kysely,
    ),
    await sql<{ level: Level; n: number }>`SELECT p.level, count(*)::int AS n ${from} GROUP BY p.level`.execute(
      db.kysely,
    ),
  ];
  const byLevel = Object.fromEntries(counts.rows.map((r) => [r.level, r.n]));
  const total = q.level ? (byLevel[q.level] ?? 0) : counts.rows.reduce((n, r) => n + r.n, 0);
  return { rows: found.rows, total, byLevel };
}

/** One entry. */
export async function remoteEntry(db: Db, id: number): Promise<RemoteEntry> {
  const found = await sql<RemoteEntry>`SELECT ${columns} FROM peers.remote_entry e JOIN peers.peer p ON p.id = e.peer
    WHERE e.id = ${id}`.execute(db.kysely);
  if (!found.rows[0]) throw new Problem(unknownEntry);
  return found.rows[0];
}
