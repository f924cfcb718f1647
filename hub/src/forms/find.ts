/**
 * What a relation may point at: enterprises, persons, buildings and addresses of the libraries, through their published views. What is public of an
 * enterprise (name, code, address) anybody who fills in such a form may find; persons are found by their whole name only and shown masked.
 */
import { mask } from '../platform/auth/protection.ts';
import type { Lake } from '../platform/lake/index.ts';
import type { RelationValue } from './design.ts';

export type Target = 'person' | 'enterprise' | 'building' | 'address';

/** Something found: `title` is what is kept with the relation, `detail` helps to choose. */
export interface Found {
  id: string;
  title: string;
  detail: string;
  code: string | null;
}

/** View, and the columns of title, detail, code and search. */
const WHERE: Record<Target, { view: string; select: string; where: string }> = {
  enterprise: {
    view: 'legal_person_v1',
    select: 'entity, name AS title, address AS detail, uscc AS code',
    where: '(contains(name, $q) OR uscc = upper($q))',
  },
  person: {
    view: 'person_v1',
    select:
      "entity, name AS title, coalesce(sex, '') || ' ' || coalesce(left(CAST(birth AS VARCHAR), 4), '') AS detail, NULL AS code",
    where: 'name = $q',
  },
  building: {
    view: 'building_v1',
    select: "entity, address AS title, coalesce(title, '') AS detail, standard AS code",
    where: '(contains(address, $q) OR contains(title, $q) OR standard = $q)',
  },
  address: {
    view: 'dwelling_v1',
    select: "entity, address AS title, coalesce(room, '') AS detail, standard AS code",
    where: '(contains(address, $q) OR standard = $q)',
  },
};

const MOST = 20;
type Row = { entity: number; title: string | null; detail: string | null; code: string | null };

/** Whether the libraries have this at present. */
export async function available(lake: Lake, to: Target): Promise<boolean> {
  return (
    (await lake.first("SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'v' AND view_name = $view", {
      view: WHERE[to].view,
    })) !== undefined
  );
}

function shown(to: Target, r: Row): Found {
  const person = to === 'person';
  return {
    id: String(r.entity),
    title: (person ? mask('person-name', r.title ?? '') : (r.title ?? '')) || `#${r.entity}`,
    detail: r.detail?.trim() ?? '',
    code: person ? null : r.code,
  };
}

/** Searches; at most twenty. */
export async function find(lake: Lake, to: Target, q: string): Promise<Found[]> {
  const { view, select, where } = WHERE[to];
  if (!(await available(lake, to))) return [];
  const rows = await lake.query<Row>(
    `SELECT ${select} FROM v.${view} WHERE ${where} ORDER BY length(title), entity LIMIT ${MOST}`,
    { q: q.normalize('NFKC').trim() },
  );
  return rows.map((r) => shown(to, r));
}

/** What an id points at now, as it may be kept; undefined where there is nothing of that id. */
export async function resolve(lake: Lake, to: Target, id: string): Promise<RelationValue | undefined> {
  if (!/^\d{1,10}$/.test(id) || !(await available(lake, to))) return undefined;
  const { view, select } = WHERE[to];
  const row = await lake.first<Row>(`SELECT ${select} FROM v.${view} WHERE entity = $id::BIGINT`, { id });
  if (!row) return undefined;
  const { title, code } = shown(to, row);
  return { id, title, ...(code === null ? {} : { code }) };
}
