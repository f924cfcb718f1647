/** Drafts and lists of requests. What moves a request on is in act.ts. */
import { isDeepStrictEqual } from 'node:util';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { SharingPorts } from './act.ts';
import { missingOf } from './complete.ts';
import { type Content, content } from './content.ts';
import { type SharedEntry, sharedEntry, typeOf } from './entries.ts';
import { columnsOf, keepStep, matterOf, type RequestRow } from './matters.ts';
import { seesAll } from './people.ts';
import { conflict, differsNow, notYours, refusedType, unknownEntry, wrongState } from './problems.ts';

export const draftBody = z.strictObject({ entry: z.string().max(120), content });
export const editBody = z.strictObject({ version: z.number().int(), content });

/** The entry of a request; one that is not shared is told with its ground and the way to object. */
export function entryToAsk(ports: SharingPorts, id: string): SharedEntry {
  const found = sharedEntry(ports, id);
  if (!found) throw new Problem(unknownEntry, { id });
  const { type, ground } = found.entry.sharing;
  if (type === 'refused') throw new Problem(refusedType, { ground });
  return found;
}

/** Everything that a content lacks, told at once. */
export function missingFor(ports: SharingPorts, found: SharedEntry, c: Content, requester: string): Problem[] {
  const { source } = found.entry;
  return missingOf(found, c, {
    ...{ requester, today: cityDay(ports.clock.now()) },
    typed: (item) => (source === null ? 'text' : typeOf(ports, source, item)),
  });
}

/** A new draft of the own department; answers its number. */
export async function draft(ports: SharingPorts, body: z.output<typeof draftBody>, p: Principal): Promise<number> {
  const { entry } = entryToAsk(ports, body.entry);
  if (p.organisation === null) throw new Problem(notYours, { action: '起草共享申请' });
  const at = ports.clock.now();
  return ports.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO sharing.request (requester, provider, entry, sharing, state, content,
        created_by, created_at)
      VALUES (${p.organisation}, ${entry.provider}, ${entry.id}, ${entry.sharing.type}, 'draft',
        ${JSON.stringify(body.content)}::jsonb, ${p.login}, ${at}) RETURNING id`.execute(trx);
    const id = made.rows[0]!.id;
    await keepStep(trx, {
      ...{ request: id, matter: 'request', id, action: 'draft', from_state: null, to_state: 'draft' },
      ...{ actor: 'requester-officer', login: p.login, organisation: p.organisation, deputy_for: null },
      ...{ article: 20, comment: null, detail: null, at },
    });
    const object = `sharing-request/${id}`;
    await ports.audit.append(
      { actor: p, action: 'sharing.request.draft', object, outcome: 'ok', detail: { entry: entry.id } },
      trx,
    );
    return id;
  });
}

/** Changes a draft, or what is to be supplemented. */
export async function edit(
  ports: SharingPorts,
  id: number,
  body: z.output<typeof editBody>,
  p: Principal,
): Promise<void> {
  const row = await matterOf(ports.db.kysely, 'request', id, p);
  if (p.organisation !== row.requester || !p.permissions.has('sharing.request'))
    throw new Problem(notYours, { action: '修改申请' });
  if (row.state !== 'draft' && row.state !== 'supplement')
    throw new Problem(wrongState, { state: row.state, action: '修改申请' });
  await ports.db.tx(async (trx) => {
    const changed = await sql`UPDATE sharing.request SET content = ${JSON.stringify(body.content)}::jsonb,
      version = version + 1 WHERE id = ${id} AND version = ${body.version} AND state = ${row.state}`.execute(trx);
    if (Number(changed.numAffectedRows) !== 1) {
      const now = await matterOf(trx, 'request', id, null);
      const parts = Object.keys(body.content) as (keyof Content)[];
      const differing = parts.filter((k) => !isDeepStrictEqual(now.content[k], body.content[k]));
      const details = differing.map((field) => new Problem(differsNow, { field }, { field: `content.${field}` }));
      throw new Problem(conflict, {}, undefined, details);
    }
    await ports.audit.append(
      { actor: p, action: 'sharing.request.edit', object: `sharing-request/${id}`, outcome: 'ok' },
      trx,
    );
  });
}

export const listQuery = z.object({
  /** `raised`: by the own department; `received`: asked of it; `all`: both. */
  which: z.enum(['all', 'raised', 'received']).default('all'),
  state: z.string().max(20).optional(),
  entry: z.string().max(120).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  size: z.coerce.number().int().min(1).max(100).default(20),
});

/** Which requests are there for somebody: those of their department, drafts only of the own. */
export function requestsSeen(p: Principal, which: 'all' | 'raised' | 'received' = 'all'): RawBuilder<unknown> {
  if (seesAll(p)) return sql`submitted_at IS NOT NULL`;
  const raised = sql`requester = ${p.organisation}`;
  const received = sql`(provider = ${p.organisation} AND submitted_at IS NOT NULL)`;
  return which === 'raised' ? raised : which === 'received' ? received : sql`(${raised} OR ${received})`;
}

/** A page of requests, those that wait first. */
export async function requests(
  ports: SharingPorts,
  q: z.output<typeof listQuery>,
  p: Principal,
): Promise<{ rows: RequestRow[]; total: number }> {
  const where = [requestsSeen(p, q.which)];
  if (q.state) where.push(sql`state = ${q.state}`);
  if (q.entry) where.push(sql`entry = ${q.entry}`);
  const condition = sql.join(where, sql` AND `);
  const found = await sql<RequestRow>`SELECT ${columnsOf.request} FROM sharing.request WHERE ${condition}
    ORDER BY state IN ('granted', 'refused', 'withdrawn'), id DESC LIMIT ${q.size} OFFSET ${(q.page - 1) * q.size}`.execute(
    ports.db.kysely,
  );
  const total = await sql<{ n: number }>`SELECT count(*)::int AS n FROM sharing.request WHERE ${condition}`.execute(
    ports.db.kysely,
  );
  return { rows: found.rows, total: total.rows[0]!.n };
}

/** The request that somebody drafted for an organisation, the newest first: how a room that was broken off finds its own again. */
export async function draftedBy(ports: SharingPorts, requester: string, login: string): Promise<number | undefined> {
  const found = await sql<{ id: number }>`SELECT id FROM sharing.request WHERE requester = ${requester}
    AND created_by = ${login} ORDER BY id DESC LIMIT 1`.execute(ports.db.kysely);
  return found.rows[0]?.id;
}
