/** Corrections as somebody sees them, and what is said of them. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { catalogueOf } from '../../../catalogue/index.ts';
import type { Principal } from '../../../platform/auth/principal.ts';
import type { Bilingual } from '../../../platform/i18n/index.ts';
import { Problem } from '../../../platform/problem.ts';
import type { Deps } from '../../../platform/room.ts';
import { Shower } from '../../../refinery/index.ts';
import { baseLibraries, type LibraryDeclaration } from '../../base/index.ts';
import { outcomeTitles, type VerifySubject, verifyFields } from '../outcome.ts';
import type { Correction, correctionsQuery, handleBody } from './api.ts';
import { alreadyOpen, correctionUnknown, notYours, stateRefused } from './problems.ts';

export type CorrectionPorts = Pick<Deps, 'lake' | 'db' | 'vault' | 'audit' | 'clock' | 'folders' | 'notices'>;
type State = Correction['state'];
type Subject = VerifySubject | 'other';

interface Row extends Record<string, unknown> {
  id: number;
  verification: number | null;
  row: number | null;
  list: string | null;
  delivery: number | null;
  library: string | null;
  title: string | null;
  subject: Subject;
  entity: number | null;
  field: string;
  outcome: keyof typeof outcomeTitles | null;
  source: string | null;
  owner: string | null;
  fact: string | null;
  raised_by: string;
  raised_organisation: string | null;
  raised_at: Date;
  due: string | null;
  missing_year: number | null;
  overdue: boolean;
  state: State;
  comment: string | null;
  by_login: string;
  at: Date;
}

const titles: Record<string, Bilingual> = {
  status: { zh: '状态', en: 'Status' },
  division: { zh: '区划', en: 'Division' },
  record: { zh: '有无此记录', en: 'Whether there is such a record' },
};
const fieldTitle = (subject: Subject, field: string): Bilingual =>
  titles[field] ??
  (subject === 'other' ? [] : verifyFields[subject]).find((f) => f.name === field)?.title ?? { zh: field, en: field };

/** Stewards who belong to no department work for all of them. */
const forAll = (p: Principal): boolean => p.organisation === null && p.permissions.has('lists.handle');

/** Which corrections are there for somebody. */
function seen(p: Principal, which: 'all' | 'mine' | 'raised' = 'all') {
  if (forAll(p)) return sql`true`;
  const mine = sql`c.owner = ${p.organisation}`;
  const raised =
    p.organisation === null ? sql`c.raised_by = ${p.login}` : sql`c.raised_organisation = ${p.organisation}`;
  return which === 'mine' ? mine : which === 'raised' ? raised : sql`(${mine} OR ${raised})`;
}

/** What somebody may make of a correction: its source answers, who asked settles, who works for all may do both. */
function next(p: Principal, c: Pick<Row, 'state' | 'owner' | 'raised_organisation' | 'raised_by'>): State[] {
  if (!p.permissions.has('lists.handle')) return [];
  const all = forAll(p);
  const answers = all || (p.organisation !== null && p.organisation === c.owner);
  const asked = all || (p.organisation === null ? c.raised_by === p.login : c.raised_organisation === p.organisation);
  const answer: State[] = answers ? ['source-wrong', 'list-wrong'] : [];
  switch (c.state) {
    case 'open':
      return [...answer, ...(asked ? (['settled'] as const) : [])];
    case 'settled':
      return asked || answers ? ['open'] : [];
    default:
      return [...answer.filter((s) => s !== c.state), ...(asked ? (['open', 'settled'] as const) : [])];
  }
}

/** The attribute by which an entity is called, and its place (from 1). */
function labelOf(d: LibraryDeclaration) {
  const place = d.attributes.findIndex((a) => a.name === d.label) + 1;
  return { place, attribute: d.attributes[place - 1]! };
}

/** Where it was found, in words. */
function originOf(r: Row, library: LibraryDeclaration | undefined): Bilingual {
  if (r.delivery !== null) return { zh: `共享交付 ${r.delivery}`, en: `Delivery ${r.delivery}` };
  if (r.library === null) return { zh: r.title ?? r.list ?? '', en: r.title ?? r.list ?? '' };
  if (library) return library.title;
  return r.subject === 'person' ? { zh: '人口库', en: 'Persons' } : { zh: '法人库', en: 'Legal persons' };
}

const day = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
const overdue = (today: string) => sql`(c.state = 'open' AND coalesce(c.due < ${today}::date, false))`;

async function shown(ports: CorrectionPorts, rows: readonly Row[], p: Principal): Promise<Correction[]> {
  const catalogue = catalogueOf(ports.lake);
  const names = new Map<string, string | null>();
  for (const [subject, view] of [
    ['person', 'v.person_v1'],
    ['legal-person', 'v.legal_person_v1'],
  ] as const) {
    const entities = [...new Set(rows.filter((r) => r.subject === subject && r.entity !== null).map((r) => r.entity!))];
    if (!entities.length) continue;
    const found = await ports.lake.query<{ entity: number; name: string | null }>(
      `SELECT entity, name FROM ${view} WHERE entity IN (SELECT unnest($entities::BIGINT[]))`,
      { entities },
    );
    for (const f of found) names.set(`${subject} ${f.entity}`, f.name);
  }
  const libraries = new Map(
    rows.some((r) => r.subject === 'other')
      ? baseLibraries(ports.lake, ports.folders).libraries.map((l) => [l.declaration.library, l.declaration])
      : [],
  );
  for (const library of libraries.values()) {
    const entities = rows.filter((r) => r.library === library.library && r.entity !== null).map((r) => r.entity!);
    if (!entities.length) continue;
    const found = await ports.lake.query<{ entity: number; value: string }>(
      `SELECT entity, value FROM lib.base_value WHERE library = $library AND attribute = $label
         AND entity IN (SELECT unnest($entities::BIGINT[]))`,
      { library: library.number, label: labelOf(library).place, entities },
    );
    for (const f of found) names.set(`${library.library} ${f.entity}`, f.value);
  }
  const shower = new Shower(p, ports.vault);
  const organisation = (id: string | null): Bilingual | null =>
    id === null ? null : (catalogue.organisations.get(id)?.name ?? { zh: id, en: id });
  const items = rows.map((r): Correction => {
    const person = r.subject === 'person';
    const source = r.source === null ? undefined : catalogue.sources.get(r.source)?.declaration;
    const guard = { level: source?.level ?? ('important' as const), owner: r.owner ?? '' };
    const field = person ? { protection: 'personal', format: 'person-name' } : { protection: 'public' };
    const library = r.subject === 'other' && r.library !== null ? libraries.get(r.library) : undefined;
    const name = names.get(`${r.subject === 'other' ? r.library : r.subject} ${r.entity}`) ?? null;
    // Of a record, delivered or shown, the field is the source's own.
    const itemTitle = (name: string) =>
      r.delivery === null && r.library === null ? undefined : source?.fields.find((f) => f.name === name)?.title;
    const fact = r.fact === null ? null : BigInt(r.fact);
    return {
      ...{ id: r.id, verification: r.verification, row: r.row, list: r.list, delivery: r.delivery },
      ...{ library: r.library, originTitle: originOf(r, library) },
      ...{ subject: r.subject, entity: r.entity },
      name: library
        ? shower.cell(library, labelOf(library).attribute as never, name)
        : shower.cell(guard, field as never, name),
      ...{ field: r.field, fieldTitle: itemTitle(r.field) ?? fieldTitle(r.subject, r.field) },
      outcomeTitle: r.outcome === null ? null : outcomeTitles[r.outcome],
      ...{ source: r.source, sourceTitle: source?.title ?? null, owner: r.owner, ownerName: organisation(r.owner) },
      received: fact === null || fact < 0n ? null : { run: Number(fact >> 32n), row: Number(fact & 0xffff_ffffn) },
      ...{ raisedBy: r.raised_by, raisedOrganisation: r.raised_organisation },
      ...{ raisedName: organisation(r.raised_organisation), raisedAt: r.raised_at.toISOString() },
      ...{
        due: r.due,
        missingYear: r.missing_year,
        overdue: r.overdue,
        state: r.state,
        comment: r.comment,
        by: r.by_login,
      },
      ...{ at: r.at.toISOString(), next: next(p, r) },
    };
  });
  await shower.settle(ports.audit, 'corrections');
  return items;
}

const columns = sql`c.id, c.verification, c.row, c.list, c.delivery, c.library, v.title, c.subject, c.entity::int AS entity, c.field, c.outcome,
  c.source, c.owner, c.fact::text AS fact, c.raised_by, c.raised_organisation, c.raised_at, c.due::text AS due, c.missing_year, c.state,
  c.comment, c.by_login, c.at`;
const from = sql`libraries.correction c LEFT JOIN libraries.verification v ON v.id = c.verification`;

/** A page of corrections, those due first, with what may be chosen among them. */
export async function corrections(ports: CorrectionPorts, q: z.output<typeof correctionsQuery>, p: Principal) {
  const today = day(ports.clock.now());
  const where = [seen(p, q.which)];
  if (q.state) where.push(sql`c.state = ${q.state}`);
  if (q.owner) where.push(sql`c.owner = ${q.owner}`);
  if (q.source) where.push(sql`c.source = ${q.source}`);
  if (q.field) where.push(sql`c.field = ${q.field}`);
  if (q.overdue) where.push(q.overdue === 'true' ? overdue(today) : sql`NOT ${overdue(today)}`);
  const condition = sql.join(where, sql` AND `);
  const rows = await sql<Row>`SELECT ${columns}, ${overdue(today)} AS overdue FROM ${from} WHERE ${condition}
    ORDER BY c.state = 'settled', c.due, c.id LIMIT ${q.size} OFFSET ${(q.page - 1) * q.size}`.execute(ports.db.kysely);
  const total = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${from} WHERE ${condition}`.execute(
    ports.db.kysely,
  );
  const facets = await sql<{
    owner: string | null;
    source: string | null;
    field: string;
    subject: Subject;
    n: number;
  }>`
    SELECT c.owner, c.source, c.field, min(c.subject) AS subject, count(*)::int AS n FROM libraries.correction c
    WHERE ${seen(p, q.which)} GROUP BY c.owner, c.source, c.field ORDER BY n DESC LIMIT 2000`.execute(ports.db.kysely);
  const catalogue = catalogueOf(ports.lake);
  const facet = (
    key: (f: (typeof facets.rows)[number]) => string | null,
    title: (id: string, f: (typeof facets.rows)[number]) => Bilingual,
  ) => {
    const found = new Map<string, { value: string; title: Bilingual; count: number }>();
    for (const f of facets.rows) {
      const value = key(f);
      if (value === null) continue;
      const known = found.get(value) ?? { value, title: title(value, f), count: 0 };
      found.set(value, { ...known, count: known.count + f.n });
    }
    return [...found.values()].sort((a, b) => b.count - a.count);
  };
  return {
    items: await shown(ports, rows.rows, p),
    total: total.rows[0]!.n,
    owners: facet(
      (f) => f.owner,
      (id) => catalogue.organisations.get(id)?.name ?? { zh: id, en: id },
    ),
    sources: facet(
      (f) => f.source,
      (id) => catalogue.sources.get(id)?.declaration.title ?? { zh: id, en: id },
    ),
    fields: facet(
      (f) => f.field,
      (id, f) =>
        catalogue.sources.get(f.source ?? '')?.declaration.fields.find((x) => x.name === id)?.title ??
        fieldTitle(f.subject, id),
    ),
  };
}

async function one(ports: CorrectionPorts, id: number, p: Principal): Promise<Row> {
  const today = day(ports.clock.now());
  const found = await sql<Row>`SELECT ${columns}, ${overdue(today)} AS overdue FROM ${from}
    WHERE c.id = ${id} AND ${seen(p)}`.execute(ports.db.kysely);
  if (!found.rows[0]) throw new Problem(correctionUnknown, { id });
  return found.rows[0];
}

/** One with its history, the latest first. */
export async function correctionOf(ports: CorrectionPorts, id: number, p: Principal) {
  const [item] = await shown(ports, [await one(ports, id, p)], p);
  const entries = await ports.db.query<Record<string, unknown> & { at: Date }>(
    `SELECT state, comment, by_login AS by, organisation, at FROM libraries.correction_entry WHERE correction = $1 ORDER BY seq DESC`,
    [id],
  );
  return { ...item!, entries: entries.map((e) => ({ ...e, at: e.at.toISOString() })) as never };
}

/** How a row of a verification stands when its correction does. */
const rowState: Record<State, string> = {
  open: 'library',
  'source-wrong': 'library',
  'list-wrong': 'department',
  settled: 'settled',
};

/** Says how a correction stands; the row that it is of follows. Kept with its history and its audit entry, or not at all. */
export async function handle(ports: CorrectionPorts, id: number, body: z.output<typeof handleBody>, p: Principal) {
  const row = await one(ports, id, p);
  const possible = next(p, row);
  if (!possible.includes(body.state)) {
    if (!possible.length) throw new Problem(notYours);
    throw new Problem(stateRefused, { from: row.state, to: body.state });
  }
  const at = ports.clock.now();
  // What was settled is opened again only while nobody has asked the same anew.
  const again = (error: unknown) => {
    if ((error as { code?: string }).code === '23505') throw new Problem(alreadyOpen, { id: '…' });
    throw error;
  };
  const write = ports.db.tx(async (trx) => {
    const changed = await sql`UPDATE libraries.correction SET state = ${body.state}, comment = ${body.comment},
      by_login = ${p.login}, at = ${at} WHERE id = ${id} AND state = ${row.state}`.execute(trx);
    // Somebody else was quicker: what they said stands.
    if (Number(changed.numAffectedRows) !== 1) throw new Problem(stateRefused, { from: '…', to: body.state });
    await sql`INSERT INTO libraries.correction_entry (correction, state, comment, by_login, organisation, at)
      VALUES (${id}, ${body.state}, ${body.comment}, ${p.login}, ${p.organisation}, ${at})`.execute(trx);
    if (body.state !== 'open')
      await ports.notices.withdraw(trx, { kind: 'correction.assigned', about: `correction/${id}` });
    if (row.verification !== null)
      await sql`UPDATE libraries.verification_case SET state = ${rowState[body.state]}, at = ${at}
        WHERE verification = ${row.verification} AND row = ${row.row}`.execute(trx);
    await ports.audit.append(
      {
        ...{ actor: p, action: 'correction.handle', object: `correction/${id}`, outcome: 'ok' },
        detail: { from: row.state, state: body.state },
      },
      trx,
    );
  });
  await write.catch(again);
  return correctionOf(ports, id, p);
}

/** Figures for the overview. */
export async function summary(ports: CorrectionPorts, p: Principal) {
  const today = day(ports.clock.now());
  const found = await sql<Record<'open' | 'overdue' | 'answered' | 'settled', number>>`
    SELECT count(*) FILTER (WHERE c.state = 'open')::int AS open, count(*) FILTER (WHERE ${overdue(today)})::int AS overdue,
      count(*) FILTER (WHERE c.state IN ('source-wrong', 'list-wrong'))::int AS answered,
      count(*) FILTER (WHERE c.state = 'settled')::int AS settled
    FROM libraries.correction c WHERE ${seen(p)}`.execute(ports.db.kysely);
  return found.rows[0]!;
}
