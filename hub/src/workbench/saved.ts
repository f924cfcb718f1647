/**
 * Saved queries: their author's, shared with an organisation or with roles. Whoever opens one runs it with their own rights. When an author
 * leaves (the account is disabled or in another organisation), the query is the organisation's: its people may change it.
 */
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import { keepableDetail } from '../platform/audit/chain.ts';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import type * as api from './api.ts';
import * as k from './problems.ts';
import type { Parameter } from './run.ts';

/** Most of one person. */
const MOST = 300;

interface Row {
  id: number;
  name: string;
  description: string;
  statement: string;
  parameters: Parameter[];
  chart: z.output<typeof api.chart> | null;
  author: string;
  author_name: string;
  organisation: string | null;
  shared: 'own' | 'organisation' | 'roles';
  roles: string[];
  version: number;
  changed_at: Date;
  /** The author is still there: not disabled, and in the organisation. */
  there: boolean;
}

type Ports = Pick<Deps, 'db' | 'clock' | 'audit'>;
type Body = z.output<typeof api.savedBody>;

const columns = sql`s.id, s.name, s.description, s.statement, s.parameters, s.chart, s.author::text AS author, a.name AS author_name,
  s.organisation, s.shared, s.roles, s.version, s.changed_at,
  (NOT a.disabled AND a.organisation IS NOT DISTINCT FROM s.organisation) AS there
  FROM workbench.saved s JOIN auth.account a ON a.id = s.author`;

const visible = (who: Principal) => sql`(s.author = ${who.userId}::uuid
  OR (s.shared = 'organisation' AND s.organisation = ${who.organisation})
  OR (s.shared = 'roles' AND s.roles && ${[...who.roles]}::text[])
  OR (s.organisation = ${who.organisation} AND NOT (NOT a.disabled AND a.organisation IS NOT DISTINCT FROM s.organisation)))`;

const editable = (row: Row, who: Principal): boolean =>
  row.author === who.userId || (!row.there && row.organisation !== null && row.organisation === who.organisation);

/** A saved query as the viewer is shown it. */
export const shownOf = (row: Row, who: Principal, nameOf: (id: string) => Bilingual | null) => ({
  ...{ id: Number(row.id), name: row.name, description: row.description, statement: row.statement },
  ...{ parameters: row.parameters, chart: row.chart, author: row.author_name, organisation: row.organisation },
  organisationName: row.organisation === null ? null : nameOf(row.organisation),
  ...{ shared: row.shared, roles: row.roles, version: row.version, changedAt: row.changed_at.toISOString() },
  ...{ own: row.author === who.userId, editable: editable(row, who) },
});

/** What the viewer may open, the latest first. */
export async function savedOf(
  { db }: Pick<Ports, 'db'>,
  who: Principal,
  asked: z.output<typeof api.savedQuery>,
): Promise<Row[]> {
  const like = `%${asked.q.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
  const { rows } = await sql<Row>`SELECT ${columns} WHERE ${visible(who)}
    AND ${asked.q ? sql`(s.name ILIKE ${like} OR s.description ILIKE ${like})` : sql`true`}
    AND ${asked.of === 'own' ? sql`s.author = ${who.userId}::uuid` : asked.of === 'shared' ? sql`s.author <> ${who.userId}::uuid` : sql`true`}
    ORDER BY s.changed_at DESC, s.id DESC LIMIT 500`.execute(db.kysely);
  return rows;
}

/** One that the viewer may open. @throws Problem 404 also where it is another's. */
export async function savedById(db: Kysely<AnyTables>, who: Principal, id: number): Promise<Row> {
  const { rows } = await sql<Row>`SELECT ${columns} WHERE s.id = ${id} AND ${visible(who)}`.execute(db);
  if (!rows[0]) throw new Problem(k.savedUnknown);
  return rows[0];
}

function check(body: Body, who: Principal): void {
  if (body.shared === 'organisation' && who.organisation === null)
    throw new Problem(k.savedNoOrganisation, {}, { field: 'shared' });
  const kept = [body.name, body.description, body.statement, body.parameters];
  // Identity data stands in the vault only.
  if (JSON.stringify(keepableDetail(kept)) !== JSON.stringify(kept)) throw new Problem(k.savedIdentity);
}

const detail = (body: Body) => ({ name: body.name, shared: body.shared, roles: body.roles });

/** Keeps a new one. */
export async function save(ports: Ports, who: Principal, body: Body): Promise<number> {
  check(body, who);
  const now = ports.clock.now();
  return ports.db.tx(async (trx) => {
    const { rows: had } = await sql<{
      n: number;
    }>`SELECT count(*)::int AS n FROM workbench.saved WHERE author = ${who.userId}::uuid`.execute(trx);
    if (had[0]!.n >= MOST) throw new Problem(k.savedTooMany, { max: MOST });
    const { rows } = await sql<{ id: number }>`INSERT INTO workbench.saved
      (name, description, statement, parameters, chart, author, organisation, shared, roles, made_at, changed_at)
      VALUES (${body.name}, ${body.description}, ${body.statement}, ${JSON.stringify(body.parameters)}::jsonb,
        ${body.chart === null ? null : JSON.stringify(body.chart)}::jsonb, ${who.userId}::uuid, ${who.organisation},
        ${body.shared}, ${body.roles}::text[], ${now}, ${now}) RETURNING id`.execute(trx);
    const id = Number(rows[0]!.id);
    await ports.audit.append(
      { actor: who, action: 'workbench.save', object: `workbench/saved/${id}`, outcome: 'ok', detail: detail(body) },
      trx,
    );
    return id;
  });
}

/** Changes one; `version` is the one that was opened. */
export async function change(
  ports: Ports,
  who: Principal,
  id: number,
  body: z.output<typeof api.savedChange>,
): Promise<void> {
  check(body, who);
  await ports.db.tx(async (trx) => {
    const row = await savedById(trx, who, id);
    if (!editable(row, who)) throw new Problem(k.savedNotYours);
    const { rows } = await sql<{
      id: number;
    }>`UPDATE workbench.saved SET name = ${body.name}, description = ${body.description},
        statement = ${body.statement}, parameters = ${JSON.stringify(body.parameters)}::jsonb,
        chart = ${body.chart === null ? null : JSON.stringify(body.chart)}::jsonb, shared = ${body.shared},
        roles = ${body.roles}::text[], version = version + 1, changed_at = ${ports.clock.now()}
      WHERE id = ${id} AND version = ${body.version} RETURNING id`.execute(trx);
    if (!rows.length) throw new Problem(k.savedChanged);
    await ports.audit.append(
      { actor: who, action: 'workbench.change', object: `workbench/saved/${id}`, outcome: 'ok', detail: detail(body) },
      trx,
    );
  });
}

/** Deletes one. */
export async function remove(ports: Ports, who: Principal, id: number): Promise<void> {
  await ports.db.tx(async (trx) => {
    const row = await savedById(trx, who, id);
    if (!editable(row, who)) throw new Problem(k.savedNotYours);
    await sql`DELETE FROM workbench.saved WHERE id = ${id}`.execute(trx);
    await ports.audit.append(
      {
        ...{ actor: who, action: 'workbench.delete', object: `workbench/saved/${id}`, outcome: 'ok' },
        detail: { name: row.name },
      },
      trx,
    );
  });
}
