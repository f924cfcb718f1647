/** Members of a list as somebody sees them: filtered and paged in the lake, cases beside them from the operational store. */
import { divisionAt } from '@jingwei/codes';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Db } from '../../platform/db/index.ts';
import type { Lake, LakeParams } from '../../platform/lake/index.ts';
import type { Shower } from '../../refinery/index.ts';
import { type Scope, scopeParams, scopeSql } from './access.ts';
import type { filters, MemberItem } from './api.ts';
import type { LoadedList } from './load.ts';

/** What of members is asked for. */
export type MemberFilter = { [K in keyof typeof filters]?: z.output<(typeof filters)[K]> };

/** A member as the lake has it. */
export interface MemberRow extends Record<string, unknown> {
  entity: number;
  name: string | null;
  number: string | null;
  address: string | null;
  division: string | null;
  reason: string | null;
  due: string | null;
  since: string;
  until: string | null;
  ending: MemberItem['ending'];
}

/** Where a case stands. */
export interface Case {
  entity: number;
  since: string;
  state: string;
  comment: string | null;
  by_login: string;
  at: Date;
}

/** The name and number of subjects, as the libraries publish them. */
export const subjectSql = {
  'legal-person': 'SELECT entity, name, uscc AS number, address FROM v.legal_person_v1',
  person: 'SELECT entity, name, id_token AS number, address FROM v.person_v1',
} as const;

/** How a subject's values are protected. */
const guards = {
  'legal-person': {
    name: { protection: 'public' },
    number: { protection: 'public' },
    address: { protection: 'public' },
  },
  person: {
    name: { protection: 'personal', format: 'person-name' },
    number: { protection: 'sensitive', format: 'citizen-id' },
    address: { protection: 'personal', format: 'address' },
  },
} as const;

/** Cases kept in memory for a filter by state at most; far more than people can have worked on. */
const CASES = 200_000;

/** The condition of a filter on `m` (a member or an ended stay) with its parameters. `named`: cases in other states than open. */
export async function memberSql(
  ports: { db: Db },
  list: LoadedList,
  scope: Scope,
  filter: MemberFilter,
  day: string | null,
): Promise<{ from: string; where: string; params: LakeParams }> {
  const { id } = list.declaration;
  const which = filter.which ?? 'current';
  const ended = which === 'done' || which === 'withdrawn';
  const params: LakeParams = { list: id, ...scopeParams(scope) };
  const where = ['m.list = $list', scopeSql(scope, 'm.division')];
  if (which !== 'current') params.day = day ?? '0001-01-01';
  if (which === 'fresh') where.push('m.since = $day::DATE');
  if (ended) where.push('m.until = $day::DATE', which === 'done' ? `m.ending = 'done'` : `m.ending <> 'done'`);
  if (filter.town === 'none') where.push('m.division IS NULL');
  else if (filter.town) {
    where.push('starts_with(m.division, $town)');
    params.town = filter.town;
  }
  if (filter.overdue === 'true' && day) {
    where.push('m.due < $today::DATE');
    params.today = day;
  }
  if (filter.state) {
    // Only cases that were taken up are in the store: open ones are all others.
    const open = filter.state === 'open';
    const found = await ports.db.query<{ entity: number; since: string }>(
      `SELECT entity, since FROM libraries.list_case WHERE list = $1 AND state ${open ? '<>' : '='} $2 LIMIT ${CASES}`,
      [id, filter.state],
    );
    const key = `m.entity || ' ' || m.since`;
    if (found.length) {
      params.cases = found.map((c) => `${c.entity} ${c.since}`);
      where.push(`${key} ${open ? 'NOT IN' : 'IN'} (SELECT unnest($cases::VARCHAR[]))`);
    } else if (!open) where.push('false');
  }
  const from = ended ? 'lst.ended m' : '(SELECT *, NULL::DATE AS until, NULL::VARCHAR AS ending FROM lst.member) m';
  return { from, where: where.join(' AND '), params };
}

/** The SELECT of members with their names, in a stable order. */
export const memberSelect = (list: LoadedList, q: { from: string; where: string }, tail: string): string =>
  `SELECT m.entity, m.division, m.reason, m.due, m.since, m.until, m.ending, s.name, s.number, s.address
   FROM (SELECT * FROM ${q.from} WHERE ${q.where} ORDER BY m.due NULLS LAST, m.entity ${tail}) m
   LEFT JOIN (${subjectSql[list.declaration.subject]}) s ON s.entity = m.entity
   ORDER BY m.due NULLS LAST, m.entity`;

/** The cases of these members. */
export async function casesOf(db: Db, list: string, rows: readonly MemberRow[]): Promise<Map<string, Case>> {
  if (!rows.length) return new Map();
  const found = await db.query<Case>(
    'SELECT entity, since, state, comment, by_login, at FROM libraries.list_case WHERE list = $1 AND entity = ANY($2::bigint[])',
    [list, rows.map((r) => r.entity)],
  );
  return new Map(found.map((c) => [`${c.entity} ${c.since}`, c]));
}

/** A member as this person sees it. What is delivered to an organisation is its own to work with. */
export function memberItem(
  list: LoadedList,
  principal: Principal,
  shower: Shower,
  row: MemberRow,
  known: ReadonlyMap<string, Case>,
): MemberItem {
  const { level, owner, subject } = list.declaration;
  const guard = { level, owner: principal.organisation ?? owner };
  const fields = guards[subject];
  const found = known.get(`${row.entity} ${row.since}`);
  return {
    entity: row.entity,
    name: shower.cell(guard, fields.name as never, row.name),
    number: shower.cell(guard, fields.number as never, row.number),
    address: shower.cell(guard, fields.address as never, row.address),
    division: row.division,
    divisionTitle: titleOf(row.division),
    ...{ reason: row.reason, due: row.due, since: row.since, until: row.until, ending: row.ending },
    state: found?.state ?? 'open',
    ...{ comment: found?.comment ?? null, by: found?.by_login ?? null, at: found?.at.toISOString() ?? null },
  };
}

/** The own name of a division or town (浒山街道), or of the one that it lies in. */
export function titleOf(division: string | null): string | null {
  if (!division) return null;
  for (const n of [division.length, 9, 6, 4]) {
    const name = n <= division.length ? divisionAt(division.slice(0, n))?.name : undefined;
    if (name) return name;
  }
  return null;
}

/** Members by the state of their case, those in other states than open from the store. */
export async function caseCounts(
  ports: { db: Db; lake: Lake },
  list: string,
  scope: Scope,
  members: number,
): Promise<{ state: string; members: number }[]> {
  const rows = await ports.db.query<{ state: string; members: number }>(
    `SELECT state, count(*) AS members FROM libraries.list_case
     WHERE list = $1 AND ended_on IS NULL AND state <> 'open' AND ($2::text IS NULL OR starts_with(division, $2))
     GROUP BY state ORDER BY state`,
    [list, scope.division],
  );
  const taken = rows.reduce((n, r) => n + Number(r.members), 0);
  return [
    { state: 'open', members: Math.max(0, members - taken) },
    ...rows.map((r) => ({ ...r, members: Number(r.members) })),
  ];
}

/** Cases of members who are no longer on the list end with the run that found so. */
export async function endCases(ports: { db: Db; lake: Lake }, list: string, day: string): Promise<number> {
  const open = await ports.db.query<{ entity: number; since: string }>(
    'SELECT entity, since FROM libraries.list_case WHERE list = $1 AND ended_on IS NULL',
    [list],
  );
  if (!open.length) return 0;
  const keys = open.map((c) => `${c.entity} ${c.since}`);
  const there = await ports.lake.query<{ key: string }>(
    `SELECT m.entity || ' ' || m.since AS key FROM lst.member m
     JOIN (SELECT unnest($keys::VARCHAR[]) AS key) k ON k.key = m.entity || ' ' || m.since WHERE m.list = $list`,
    { keys, list },
  );
  const still = new Set(there.map((r) => r.key));
  const gone = open.filter((c) => !still.has(`${c.entity} ${c.since}`));
  await ports.db.tx(async (trx) => {
    for (const c of gone)
      await sql`UPDATE libraries.list_case SET ended_on = ${day}
        WHERE list = ${list} AND entity = ${c.entity} AND since = ${c.since}`.execute(trx);
  });
  return gone.length;
}
