/** What the themes' routes answer with, each for who asks: overview, one theme, its members, one member. */
import { randomUUID } from 'node:crypto';
import { divisionAt } from '@jingwei/codes';
import type { z } from 'zod';
import { type Catalogue, catalogueOf } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { ident, type LakeParams } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { sealedStream } from '../../platform/seal/index.ts';
import { csvFile } from '../../platform/sheet/index.ts';
import { Shower } from '../../refinery/index.ts';
import { listsOf } from '../lists/index.ts';
import type * as api from './api.ts';
import { themesOf } from './job.ts';
import type { LoadedTheme } from './load.ts';
import { forbidden, memberUnknown, unknown } from './problems.ts';

/** What it stands on. */
export type ThemePorts = Pick<Deps, 'lake' | 'audit' | 'vault' | 'seal'>;
/** Who asks, and what for. */
export interface Asked {
  principal: Principal;
  purpose?: string | undefined;
}

/** What part of a theme somebody sees (null: all), or undefined when it is not there for them. */
export function scopeOf(
  ports: ThemePorts,
  theme: LoadedTheme,
  principal: Principal,
): { division: string | null } | undefined {
  const { access } = theme.declaration;
  if (principal.organisation === null)
    return access.roles.some((r) => principal.roles.includes(r)) ? { division: null } : undefined;
  if (access.organisations !== 'all' && !access.organisations.includes(principal.organisation)) return undefined;
  const division = listsOf(ports.lake).jurisdictions.get(principal.organisation)?.division;
  return division === undefined ? undefined : { division };
}

function find(ports: ThemePorts, id: string, principal: Principal) {
  const theme = themesOf(ports.lake).themes.get(id);
  const scope = theme && scopeOf(ports, theme, principal);
  // One that is not there for them is as unknown as one that is not declared.
  if (!theme || !scope) throw new Problem(unknown, { theme: id });
  return { theme, scope };
}

/** Members one by one: of persons with the right and a purpose only, and the refusal is audited. */
async function allowed(
  ports: ThemePorts,
  theme: LoadedTheme,
  { principal, purpose }: Asked,
  object: string,
): Promise<string | null> {
  const named = purpose ?? principal.purpose;
  if (!theme.library.personal) return named;
  const right = principal.permissions.has('person.read');
  if (right && named) return named;
  await ports.audit.append({
    ...{ actor: principal, action: 'themes.look', object, outcome: 'refused' },
    detail: { reason: right ? 'no purpose' : 'no permission' },
  });
  throw new Problem(right ? purposeNeeded : forbidden);
}

const within = (scope: { division: string | null }, column: string) =>
  scope.division === null ? 'true' : `starts_with(${column}, $scope)`;
const bound = (scope: { division: string | null }): LakeParams =>
  scope.division === null ? {} : { scope: scope.division };

/** The own name of a division, or of the one that it lies in. */
export function divisionTitle(code: string | null): string | null {
  for (const n of [9, 6, 4]) {
    const name = code && n <= code.length ? divisionAt(code.slice(0, n))?.name : undefined;
    if (name) return name;
  }
  return null;
}

async function summaryOf(
  ports: ThemePorts,
  catalogue: Catalogue,
  theme: LoadedTheme,
  scope: { division: string | null },
) {
  const d = theme.declaration;
  const run = await ports.lake.first<{
    day: string;
    members: number;
    entered: number;
    gone: number;
    filled: number;
    contradicted: number;
    without_entity: number;
  }>('SELECT * FROM thm.run WHERE theme = $id ORDER BY day DESC LIMIT 1', { id: d.theme });
  // Who sees a part is told the figures of that part.
  const part =
    run && scope.division !== null
      ? await ports.lake.first<{ members: number; entered: number; gone: number }>(
          `SELECT (SELECT count(*) FROM thm.member WHERE theme = $id AND ${within(scope, 'division')}) AS members,
             (SELECT count(*) FROM thm.member WHERE theme = $id AND since = $day::DATE AND ${within(scope, 'division')}) AS entered,
             (SELECT count(*) FROM thm.past WHERE theme = $id AND until = $day::DATE AND ${within(scope, 'division')}) AS gone`,
          { id: d.theme, day: run.day, ...bound(scope) },
        )
      : run;
  const library =
    d.library === 'legal-person'
      ? { zh: '法人库', en: 'Legal persons' }
      : (theme.libraryTitle ?? { zh: d.library, en: d.library });
  const summary: z.output<typeof api.themeSummary> = {
    ...{ id: d.theme, title: d.title, purpose: d.purpose, owner: d.owner, level: d.level, library: d.library },
    ownerName: catalogue.organisations.get(d.owner)?.name ?? { zh: d.owner, en: d.owner },
    ...{ libraryTitle: library, personal: theme.library.personal, missing: theme.missing, scope: scope.division },
    state: theme.missing.length ? 'waiting' : run ? 'ready' : 'new',
    ...{
      day: run?.day ?? null,
      members: part?.members ?? null,
      entered: part?.entered ?? null,
      gone: part?.gone ?? null,
    },
    ...{ filled: run?.filled ?? null, contradicted: run?.contradicted ?? null },
  };
  return { summary, run };
}

/** The themes that are there for somebody; stewards are told what is wrong with those that are not. */
export async function overview(ports: ThemePorts, principal: Principal) {
  const catalogue = catalogueOf(ports.lake);
  const { themes, problems } = themesOf(ports.lake);
  const items = [];
  for (const theme of themes.values()) {
    const scope = scopeOf(ports, theme, principal);
    if (scope) items.push((await summaryOf(ports, catalogue, theme, scope)).summary);
  }
  const told = principal.roles.includes('data-steward') ? problems : [];
  return {
    items,
    problems: told.map((p) => {
      const { title, place } = p.toJSON();
      return { code: p.kind.code, ...title, place: place?.file ? `${place.file}:${place.line ?? 1}` : null };
    }),
  };
}

/** One theme. */
export async function detail(ports: ThemePorts, id: string, principal: Principal) {
  const { theme, scope } = find(ports, id, principal);
  const catalogue = catalogueOf(ports.lake);
  const { summary, run } = await summaryOf(ports, catalogue, theme, scope);
  const given = { id, ...bound(scope) };
  const towns = await ports.lake.query<{ town: string | null; members: number }>(
    `SELECT left(division, 9) AS town, count(*) AS members FROM thm.member WHERE theme = $id AND ${within(scope, 'division')} GROUP BY 1 ORDER BY 2 DESC, 1`,
    given,
  );
  const history =
    scope.division === null
      ? await ports.lake.query<{ day: string; members: number; entered: number; gone: number }>(
          'SELECT day, members, entered, gone FROM thm.run WHERE theme = $id ORDER BY day DESC LIMIT 180',
          { id },
        )
      : await ports.lake.query<{ day: string; members: number; entered: number; gone: number }>(
          `SELECT day, sum(members)::BIGINT AS members, 0 AS entered, 0 AS gone FROM thm.split WHERE theme = $id AND ${within(scope, 'town')} GROUP BY day ORDER BY day DESC LIMIT 180`,
          given,
        );
  const names = new Map(
    [...catalogue.sources.values()].map((s) => [s.declaration.id.replace(/[^a-z0-9]+/g, '_'), s.declaration]),
  );
  const sources = theme.select.views.flatMap((v) => {
    const d = names.get(/record_(.+)_v1$/.exec(v)?.[1] ?? '');
    return d ? [{ source: d.id, title: d.title }] : [];
  });
  const { access } = theme.declaration;
  return {
    ...summary,
    ...{ ground: theme.declaration.ground, retention: theme.declaration.retention, views: theme.select.views, sources },
    columns: columnsOf(theme),
    sql: principal.roles.includes('data-steward') ? theme.text : null,
    towns: towns.map((t) => ({ ...t, title: divisionTitle(t.town) })),
    history: history.reverse(),
    withoutEntity: run?.without_entity ?? 0,
    access: {
      roles: access.roles,
      organisations:
        access.organisations === 'all'
          ? [{ zh: '各部门、镇街（本辖区）', en: 'All departments and towns (own division)' }]
          : access.organisations.map((o) => catalogue.organisations.get(o)?.name ?? { zh: o, en: o }),
    },
  };
}

const columnsOf = (theme: LoadedTheme) => theme.shown.map(({ name, title, unit }) => ({ name, title, unit }));

interface Row extends Record<string, unknown> {
  entity: number;
  division: string | null;
  reason: string | null;
  fact: bigint | number | null;
  since: string;
  until: string | null;
}

function memberSql(
  theme: LoadedTheme,
  scope: { division: string | null },
  q: { which: 'current' | 'entered' | 'gone'; town?: string | undefined; q?: string | undefined },
  day: string | null,
) {
  const params: LakeParams = { id: theme.declaration.theme, ...bound(scope) };
  const where = ['m.theme = $id', within(scope, 'm.division')];
  if (q.which !== 'current') {
    params.day = day ?? '0001-01-01';
    where.push(q.which === 'entered' ? 'm.since = $day::DATE' : 'm.until = $day::DATE');
  }
  if (q.town === 'none') where.push('m.division IS NULL');
  else if (q.town) {
    where.push('starts_with(m.division, $town)');
    params.town = q.town;
  }
  let extra = 0;
  const columns = theme.shown.map((c, i) =>
    c.from === 'library' ? `l.${ident(c.column)}::VARCHAR AS c${i}` : `m.said[${++extra}] AS c${i}`,
  );
  if (q.q) {
    where.push(`contains(l.${ident(theme.library.label)}, $q)`);
    params.q = q.q;
  }
  const from = `${q.which === 'gone' ? 'thm.past m' : '(SELECT *, NULL::DATE AS until FROM thm.member) m'} LEFT JOIN ${theme.library.view} l ON l.entity = m.entity WHERE ${where.join(' AND ')}`;
  return { from, params, select: `m.entity, m.division, m.reason, m.fact, m.since, m.until, ${columns.join(', ')}` };
}

function item(theme: LoadedTheme, shower: Shower, principal: Principal, r: Row): z.output<typeof api.member> {
  // What a theme is delivered with is its receiver's own to work with, at its level.
  const guard = { level: theme.declaration.level, owner: principal.organisation ?? theme.declaration.owner };
  return {
    entity: r.entity,
    values: theme.shown.map((c, i) =>
      shower.cell(
        guard,
        { protection: c.protection, ...(c.format ? { format: c.format } : {}) } as never,
        (r[`c${i}`] as string | null) ?? null,
      ),
    ),
    ...{
      division: r.division,
      divisionTitle: divisionTitle(r.division),
      reason: r.reason,
      since: r.since,
      until: r.until,
    },
  };
}

/** A page of members. */
export async function members(ports: ThemePorts, id: string, query: z.output<typeof api.membersQuery>, asked: Asked) {
  const { theme, scope } = find(ports, id, asked.principal);
  const purpose = await allowed(ports, theme, asked, `theme/${id}`);
  const run = await ports.lake.first<{ day: string }>(
    'SELECT max(day)::VARCHAR AS day FROM thm.run WHERE theme = $id',
    { id },
  );
  const sql = memberSql(theme, scope, query, run?.day ?? null);
  const total = (await ports.lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${sql.from}`, sql.params))!.n;
  const rows = await ports.lake.query<Row>(
    `SELECT ${sql.select} FROM ${sql.from} ORDER BY m.since DESC, m.entity LIMIT ${query.limit} OFFSET ${query.offset}`,
    sql.params,
  );
  const principal = { ...asked.principal, purpose };
  const shower = new Shower(principal, ports.vault);
  const items = rows.map((r) => item(theme, shower, principal, r));
  await shower.settle(ports.audit, `theme:${id}`);
  return { total, columns: columnsOf(theme), items };
}

/** One member: why it belongs, by which record, earlier stays, other themes. */
export async function member(ports: ThemePorts, id: string, entity: number, asked: Asked) {
  const { theme, scope } = find(ports, id, asked.principal);
  const purpose = await allowed(ports, theme, asked, `theme/${id}/${entity}`);
  const principal = { ...asked.principal, purpose };
  const sql = memberSql(theme, scope, { which: 'current' }, null);
  const row = await ports.lake.first<Row>(`SELECT ${sql.select} FROM ${sql.from} AND m.entity = $entity`, {
    ...sql.params,
    entity,
  });
  const stays = await ports.lake.query<{ since: string; until: string; reason: string | null }>(
    `SELECT since, until, reason FROM thm.past WHERE theme = $id AND entity = $entity AND ${within(scope, 'division')} ORDER BY until DESC`,
    { id, entity, ...bound(scope) },
  );
  if (!row && !stays.length) throw new Problem(memberUnknown);
  const shower = new Shower(principal, ports.vault);
  const current = row ? item(theme, shower, principal, row) : null;
  await shower.settle(ports.audit, `theme:${id}/${entity}`);
  const record = row?.fact
    ? await ports.lake.first<{
        source: string;
        run: number;
        row: number;
        day: string | null;
        input: string | null;
        finished: string | null;
      }>(
        `SELECT c.source, r.run, ($fact::BIGINT & 4294967295)::BIGINT AS row, NULL::DATE AS day, r.input, r.finished FROM v.run_v1 r JOIN v.class_v1 c ON c.source = r.source WHERE r.run = $fact::BIGINT >> 32`,
        { fact: BigInt(row.fact) },
      )
    : undefined;
  const others = (await belongs(ports, theme.declaration.library, entity, asked)).items.filter((t) => t.id !== id);
  const source = record && catalogueOf(ports.lake).sources.get(record.source);
  return {
    ...{
      theme: id,
      title: theme.declaration.title,
      library: theme.declaration.library,
      columns: columnsOf(theme),
      current,
      stays,
    },
    record: record ? { ...record, title: source?.declaration.title ?? { zh: record.source, en: record.source } } : null,
    others: others.map(({ id, title, since }) => ({ id, title, since })),
  };
}

/** Themes that an entity of a library belongs to, of those that are there for who asks. */
export async function belongs(ports: ThemePorts, library: string, entity: number, asked: Asked) {
  const { themes } = themesOf(ports.lake);
  const mine = [...themes.values()].filter((t) => t.declaration.library === library);
  const seen = new Map(
    mine.flatMap((t) => {
      const scope = scopeOf(ports, t, asked.principal);
      return scope ? [[t.declaration.theme, { t, scope }] as const] : [];
    }),
  );
  const [first] = [...seen.values()];
  if (!first) return { items: [] };
  await allowed(ports, first.t, asked, `themes/${library}/${entity}`);
  const rows = await ports.lake.query<{ theme: string; since: string; reason: string | null; division: string | null }>(
    'SELECT theme, since, reason, division FROM thm.member WHERE entity = $entity AND list_contains($ids::VARCHAR[], theme) ORDER BY theme',
    { entity, ids: [...seen.keys()] },
  );
  return {
    items: rows.flatMap((r) => {
      const { t, scope } = seen.get(r.theme)!;
      if (scope.division !== null && !r.division?.startsWith(scope.division)) return [];
      return [{ id: r.theme, title: t.declaration.title, since: r.since, reason: r.reason }];
    }),
  };
}

/** The members as a file: the same filters, division and protection; its purpose is in the audit before the first byte leaves. */
export async function exportTheme(
  ports: ThemePorts,
  id: string,
  query: z.output<typeof api.exportQuery>,
  asked: Asked,
) {
  const { theme, scope } = find(ports, id, asked.principal);
  await allowed(ports, theme, asked, `theme/${id}`);
  const purpose = asked.purpose ?? asked.principal.purpose;
  if (!purpose) throw new Problem(purposeNeeded);
  const principal = { ...asked.principal, purpose };
  const run = await ports.lake.first<{ day: string | null }>(
    'SELECT max(day)::VARCHAR AS day FROM thm.run WHERE theme = $id',
    { id },
  );
  const sql = memberSql(theme, scope, query, run?.day ?? null);
  const note = (more: Record<string, unknown>) =>
    ports.audit.append({
      ...{ actor: principal, action: 'themes.export', object: `theme/${id}`, purpose, outcome: 'ok' },
      detail: { ...query, scope: scope.division, day: run?.day ?? null, ...more },
    });
  await note({ phase: 'begun' });
  async function* rows(): AsyncGenerator<(string | null)[]> {
    yield [
      '序号',
      ...theme.shown.map((c) => `${c.title.zh}${c.unit ? `（${c.unit}）` : ''}`),
      '区划',
      '列入原因',
      '列入日期',
      '退出日期',
    ];
    let n = 0;
    for await (const batch of ports.lake.stream<Row>(
      `SELECT ${sql.select} FROM ${sql.from} ORDER BY m.since DESC, m.entity`,
      sql.params,
    )) {
      const shower = new Shower(principal, ports.vault);
      const items = batch.map((r) => item(theme, shower, principal, r));
      await shower.settle(ports.audit, `theme:${id}/export`);
      for (const m of items)
        yield [String(++n), ...m.values.map((v) => v.value), m.divisionTitle, m.reason, m.since, m.until];
    }
    await note({ phase: 'ended', rows: n });
  }
  const { title } = theme.declaration;
  const subject = {
    kind: 'export' as const,
    subject: `theme/${id}/${randomUUID()}`,
    title: { zh: `专题库导出：${title.zh}`, en: `Export of a theme: ${title.en}` },
    organisation: principal.organisation,
    facts: { theme: id, ...(run?.day ? { day: run.day } : {}) },
  };
  return {
    chunks: sealedStream(ports.seal, subject, csvFile(rows())),
    filename: `${title.zh}-${run?.day ?? ''}.csv`,
    contentType: 'text/csv; charset=utf-8',
  };
}
