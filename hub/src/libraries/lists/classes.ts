/**
 * A view for each class of records, so that declared SQL names fields and not places: `v.class_<owner>_<resource>_v1`
 * (entity, day, fact, amount, then the declared fields: dates as DATE, integers as BIGINT, decimals as DECIMAL(18,4), all
 * others as text). What could not be cleaned is NULL. Sensitive fields are tokens of the vault, as everywhere in the lake.
 */
import type { CataloguedSource, SourceDeclaration } from '../../catalogue/index.ts';
import { ident, type Lake } from '../../platform/lake/index.ts';
import { FLAG, SEPARATOR } from '../views.ts';

/** The view's name for a source. */
export const classView = (source: string): string => `v.class_${source.replaceAll(/[.-]/g, '_')}_v1`;

const typed: Partial<Record<SourceDeclaration['fields'][number]['type'], string>> = {
  date: 'DATE',
  integer: 'BIGINT',
  decimal: 'DECIMAL(18,4)',
};
/** Names that the view has of itself; a field of such a name gets an underscore behind. */
const OWN = new Set(['entity', 'day', 'fact', 'amount']);

/**
 * The statement for one source. `earlier`: other recorded versions of its declaration, as version -> names of the fields in
 * their order; a field that stood elsewhere then is read from there.
 */
export function classViewSql(
  source: Pick<CataloguedSource, 'declaration' | 'version'>,
  earlier: ReadonlyMap<number, readonly string[]> = new Map(),
): string {
  const { declaration, version } = source;
  const names = declaration.fields.map((f) => f.name);
  const moved = [...earlier].filter(([v, fields]) => v !== version && fields.join() !== names.join());
  const columns = declaration.fields.map((f, i) => {
    const places = moved.map(([v, fields]) => `WHEN ${v} THEN ${fields.indexOf(f.name) + 1}`);
    const place = places.length ? `CASE r.version ${places.join(' ')} ELSE ${i + 1} END` : String(i + 1);
    const part = `split_part(f.payload, ${SEPARATOR}, ${place})`;
    // Place 0 is no place: the field did not exist in that version.
    const there = places.length ? `${place} > 0 AND ` : '';
    const value = `CASE WHEN ${there}${part} <> '' AND NOT starts_with(${part}, ${FLAG}) THEN ${part} END`;
    const type = typed[f.type];
    const name = ident(OWN.has(f.name) ? `${f.name}_` : f.name);
    return `${type ? `try_cast(${value} AS ${type})` : value} AS ${name}`;
  });
  const versions = moved.length ? 'LEFT JOIN v.refined_run_v1 r ON r.run = f.run' : '';
  return `CREATE OR REPLACE VIEW ${classView(declaration.id)} AS
    SELECT f.entity, f.day, f.fact, f.amount, ${columns.join(', ')}
    FROM v.legal_person_fact_v1 f ${versions} WHERE f.class = ${declaration.number}`;
}

/** Makes the views of every source of the catalogue. */
export async function defineClassViews(lake: Lake, sources: Iterable<CataloguedSource>): Promise<void> {
  const rows = await lake.query<{ class: number; version: number; name: string }>(
    'SELECT class, version, name FROM v.class_field_v1 ORDER BY class, version, position',
  );
  const known = new Map<number, Map<number, string[]>>();
  for (const { class: c, version, name } of rows) {
    const versions = known.get(c) ?? new Map<number, string[]>();
    known.set(c, versions);
    versions.set(version, [...(versions.get(version) ?? []), name]);
  }
  await lake.define([...sources].map((s) => classViewSql(s, known.get(s.declaration.number))));
}
