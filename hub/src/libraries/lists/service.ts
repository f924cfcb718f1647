/** What the lists' routes answer with: overview, one list, its members, one member, a word on a case. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { type Catalogue, catalogueOf } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { Shower } from '../../refinery/index.ts';
import { fields, raise } from '../verify/corrections/index.ts';
import { entitled, needMembers, needWork, type Scope, scopeOf, scopeParams, scopeSql } from './access.ts';
import type { doubtBody, followBody, ListDetail, ListSummary, membersQuery } from './api.ts';
import { jurisdictionLevels } from './declaration.ts';
import type { Lists, LoadedList } from './load.ts';
import { caseCounts, casesOf, type MemberRow, memberItem, memberSelect, memberSql, titleOf } from './members.ts';
import { fieldUnknown, memberUnknown, stateUnknown } from './problems.ts';

/** What it stands on. */
export type ListPorts = Pick<Deps, 'lake' | 'db' | 'audit' | 'vault' | 'clock' | 'folders' | 'seal' | 'notices'>;

type Counts = NonNullable<ListSummary['counts']>;
const sums = `coalesce(sum(members), 0)::BIGINT AS members, coalesce(sum(fresh), 0)::BIGINT AS fresh,
  coalesce(sum(still), 0)::BIGINT AS still, coalesce(sum(ended_done), 0)::BIGINT AS "endedDone",
  coalesce(sum(ended_withdrawn), 0)::BIGINT AS "endedWithdrawn"`;

/** The day of the last run and when it ended. */
export async function lastRun(ports: Pick<ListPorts, 'lake'>, list: string) {
  return ports.lake.first<{
    day: string;
    finished: string;
    who: number;
    done: number;
    excepted: number;
    without_subject: number;
    ms: number;
  }>('SELECT * FROM lst.run WHERE list = $list ORDER BY day DESC LIMIT 1', { list });
}

async function summaryOf(
  ports: ListPorts,
  catalogue: Catalogue,
  list: LoadedList,
  scope: Scope,
): Promise<{ summary: ListSummary; last: Awaited<ReturnType<typeof lastRun>> }> {
  const d = list.declaration;
  const last = await lastRun(ports, d.id);
  const counts = last
    ? await ports.lake.first<Record<string, unknown> & Counts>(
        `SELECT ${sums} FROM lst.split WHERE list = $list AND day = $day::DATE AND ${scopeSql(scope, 'town')}`,
        { list: d.id, day: last.day, ...scopeParams(scope) },
      )
    : undefined;
  const name = catalogue.organisations.get(d.owner)?.name ?? { zh: d.owner, en: d.owner };
  const state = list.missing.length ? 'waiting' : last ? 'ready' : 'new';
  const summary: ListSummary = {
    ...{ id: d.id, title: d.title, owner: d.owner, ownerName: name, subject: d.subject, cadence: d.cadence },
    ...{ level: d.level, state, missing: list.missing, scope: scope.division, members: scope.members },
    ...{ day: last?.day ?? null, finished: last?.finished ?? null, counts: counts ?? null },
  };
  return { summary, last };
}

/** The lists that are there for somebody. */
export async function overview(ports: ListPorts, lists: Lists, principal: Principal) {
  const catalogue = catalogueOf(ports.lake);
  const items: ListSummary[] = [];
  for (const list of lists.lists.values()) {
    const scope = scopeOf(lists, list, principal);
    if (scope) items.push((await summaryOf(ports, catalogue, list, scope)).summary);
  }
  const steward = principal.roles.includes('data-steward');
  const problems = steward ? lists.problems.map((p) => p.toJSON()) : [];
  return {
    items,
    problems: problems.map((p) => ({
      ...{ code: p.code, zh: p.title.zh, en: p.title.en },
      place: p.place?.file ? `${p.place.file}:${p.place.line ?? 1}` : null,
    })),
  };
}

/** One list with its towns, its days and its cases. */
export async function detail(ports: ListPorts, lists: Lists, id: string, principal: Principal): Promise<ListDetail> {
  const { list, scope } = entitled(lists, id, principal);
  const catalogue = catalogueOf(ports.lake);
  const { summary, last } = await summaryOf(ports, catalogue, list, scope);
  const given = { list: id, ...scopeParams(scope) };
  const towns = await ports.lake.query<{ town: string | null } & Record<string, unknown> & Counts>(
    `SELECT town, ${sums} FROM lst.split WHERE list = $list AND day = $day::DATE AND ${scopeSql(scope, 'town')}
     GROUP BY town ORDER BY members DESC, town`,
    { ...given, day: last?.day ?? '0001-01-01' },
  );
  const history = await ports.lake.query<{ day: string } & Record<string, unknown> & Counts>(
    `SELECT day, ${sums} FROM lst.split WHERE list = $list AND ${scopeSql(scope, 'town')}
     GROUP BY day ORDER BY day DESC LIMIT 90`,
    given,
  );
  const d = list.declaration;
  const named = (o: string) =>
    catalogue.organisations.get(o)?.name ?? lists.jurisdictions.get(o)?.name ?? { zh: o, en: o };
  const received = jurisdictionLevels.flatMap((level) => {
    const of = d.entitled[level];
    return of === 'all'
      ? [...lists.jurisdictions.values()].filter((j) => j.division.length === 9).map((j) => j.organisation)
      : of;
  });
  const whole = scope.division === null;
  return {
    ...summary,
    ...{ purpose: d.purpose, ground: d.ground, states: d.states },
    entitled: received.map((o) => ({
      ...{ organisation: o, name: named(o), division: lists.jurisdictions.get(o)?.division ?? null },
    })),
    sql: principal.roles.includes('data-steward') ? list.texts : null,
    last:
      last && whole
        ? { who: last.who, done: last.done, excepted: last.excepted, withoutSubject: last.without_subject, ms: last.ms }
        : null,
    counties: byCounty(towns).map((t) => ({ ...t, title: titleOf(t.town) })),
    towns: towns.map((t) => ({ ...t, title: titleOf(t.town) })),
    history: history.reverse(),
    cases: await caseCounts(ports, id, scope, summary.counts?.members ?? 0),
  };
}

/** Figures of towns summed by the county (six digits) that they lie in, the most members first. */
function byCounty(towns: readonly ({ town: string | null } & Counts)[]): ({ town: string | null } & Counts)[] {
  const counties = new Map<string | null, { town: string | null } & Counts>();
  for (const t of towns) {
    const county = t.town?.slice(0, 6) ?? null;
    const known = counties.get(county);
    counties.set(county, {
      town: county,
      members: (known?.members ?? 0) + t.members,
      fresh: (known?.fresh ?? 0) + t.fresh,
      still: (known?.still ?? 0) + t.still,
      endedDone: (known?.endedDone ?? 0) + t.endedDone,
      endedWithdrawn: (known?.endedWithdrawn ?? 0) + t.endedWithdrawn,
    });
  }
  return [...counties.values()].sort((a, b) => b.members - a.members);
}

/** A page of members. */
export async function members(
  ports: ListPorts,
  lists: Lists,
  id: string,
  query: z.output<typeof membersQuery>,
  principal: Principal,
) {
  const { list, scope } = entitled(lists, id, principal);
  needMembers(scope);
  const last = await lastRun(ports, id);
  const q = await memberSql(ports, list, scope, query, last?.day ?? null);
  const total = await ports.lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${q.from} WHERE ${q.where}`, q.params);
  const tail = `LIMIT ${query.size} OFFSET ${(query.page - 1) * query.size}`;
  const rows = await ports.lake.query<MemberRow>(memberSelect(list, q, tail), q.params);
  const shower = new Shower(principal, ports.vault);
  const known = await casesOf(ports.db, id, rows);
  const items = rows.map((r) => memberItem(list, principal, shower, r, known));
  await shower.settle(ports.audit, `list:${id}`);
  return { items, total: total!.n };
}

async function find(ports: ListPorts, lists: Lists, id: string, entity: number, principal: Principal) {
  const { list, scope } = entitled(lists, id, principal);
  needMembers(scope);
  const q = await memberSql(ports, list, scope, {}, null);
  const own = { ...q, where: `${q.where} AND m.entity = $entity` };
  const row = await ports.lake.first<MemberRow>(memberSelect(list, own, 'LIMIT 1'), { ...q.params, entity });
  if (!row) throw new Problem(memberUnknown);
  return { list, scope, row };
}

/** One member with its earlier stays and every word said on its cases. */
export async function member(ports: ListPorts, lists: Lists, id: string, entity: number, principal: Principal) {
  const { list, row } = await find(ports, lists, id, entity, principal);
  const shower = new Shower(principal, ports.vault);
  const item = memberItem(list, principal, shower, row, await casesOf(ports.db, id, [row]));
  const stays = await ports.lake.query<{ since: string; until: string; ending: string; reason: string | null }>(
    'SELECT since, until, ending, reason FROM lst.ended WHERE list = $list AND entity = $entity ORDER BY since DESC',
    { list: id, entity },
  );
  const entries = await ports.db.query<{
    state: string;
    comment: string | null;
    by: string;
    organisation: string | null;
    at: Date;
  }>(
    `SELECT state, comment, by_login AS by, organisation, at FROM libraries.list_entry
     WHERE list = $1 AND entity = $2 ORDER BY seq DESC LIMIT 200`,
    [id, entity],
  );
  await shower.settle(ports.audit, `list:${id}/${entity}`);
  return { ...item, stays, entries: entries.map((e) => ({ ...e, at: e.at.toISOString() })) };
}

/** Says where a member's case stands; kept with its audit entry or not at all. */
export async function follow(
  ports: ListPorts,
  lists: Lists,
  id: string,
  entity: number,
  body: z.output<typeof followBody>,
  principal: Principal,
) {
  const { list, scope, row } = await find(ports, lists, id, entity, principal);
  needWork(scope);
  if (!list.declaration.states.some((s) => s.id === body.state)) throw new Problem(stateUnknown, { state: body.state });
  const at = ports.clock.now();
  const comment = body.comment || null;
  const { login, organisation } = principal;
  await ports.db.tx(async (trx) => {
    await sql`INSERT INTO libraries.list_case (list, entity, since, division, state, comment, by_login, organisation, at)
      VALUES (${id}, ${entity}, ${row.since}, ${row.division}, ${body.state}, ${comment}, ${login}, ${organisation}, ${at})
      ON CONFLICT (list, entity, since) DO UPDATE SET state = EXCLUDED.state, comment = EXCLUDED.comment,
        division = EXCLUDED.division, by_login = EXCLUDED.by_login, organisation = EXCLUDED.organisation,
        at = EXCLUDED.at, ended_on = NULL`.execute(trx);
    await sql`INSERT INTO libraries.list_entry (list, entity, since, state, comment, by_login, organisation, at)
      VALUES (${id}, ${entity}, ${row.since}, ${body.state}, ${comment}, ${login}, ${organisation}, ${at})`.execute(
      trx,
    );
    await ports.audit.append(
      {
        ...{ actor: principal, action: 'lists.follow', object: `list/${id}/${entity}`, outcome: 'ok' },
        detail: { state: body.state, since: row.since },
      },
      trx,
    );
  });
  return member(ports, lists, id, entity, principal);
}

/** Asks the department of a source about a value that a member's case shows to be wrong. */
export async function doubt(
  ports: ListPorts,
  lists: Lists,
  id: string,
  entity: number,
  body: z.output<typeof doubtBody>,
  principal: Principal,
) {
  const { list, scope } = await find(ports, lists, id, entity, principal);
  needWork(scope);
  const { subject } = list.declaration;
  if (!(body.field in fields[subject])) throw new Problem(fieldUnknown, { field: body.field });
  const doubts = [{ from: { list: id }, entity, field: body.field, outcome: null }];
  return raise(ports, subject, doubts, body.comment, principal);
}
