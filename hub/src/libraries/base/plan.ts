/** A declared library as the SQL of its sources: which place of a payload holds what. */
import { ident, literal } from '../../platform/lake/index.ts';
import { type ClassPlan, FLAG, ofPlan, SEPARATOR } from '../../refinery/index.ts';
import type { LoadedLibrary } from './check.ts';
import type { LibraryDeclaration, LibrarySource, ValueForm } from './declaration.ts';
import { pointSql, shapeSql } from './geometry.ts';
import { addressBlock, addressNumber, addressRoad, addressRoom, addressTown } from './places.ts';

/** A source of a library: its position in the declaration and the plan (version) of the class it is read by; null: legal persons. */
export interface LibraryRead {
  source: LibrarySource;
  index: number;
  plan: ClassPlan | null;
}

/** A library with the classes that speak of it. */
export interface LibraryPlan {
  declaration: LibraryDeclaration;
  sha256: string;
  number: number;
  /** Numbers of the classes of its sources. */
  classes: number[];
  /** How each source is read. */
  reads: LibraryRead[];
}

/** Holds a library against the classes that there are. */
export function libraryPlan({ declaration, sha256 }: LoadedLibrary, plans: readonly ClassPlan[]): LibraryPlan {
  const reads = declaration.sources.flatMap((source, index): LibraryRead[] =>
    source.source === 'legal-person'
      ? [{ source, index, plan: null }]
      : plans.filter((p) => p.source === source.source).map((plan) => ({ source, index, plan })),
  );
  const classes = [...new Set(reads.flatMap((r) => (r.plan ? [r.plan.number] : [])))];
  return { declaration, sha256, number: declaration.number, classes, reads };
}

/** A value in the form in which it is compared, NULL for nothing. `x` is NULL where nothing clean was said. */
export function inForm(form: ValueForm, x: string): string {
  switch (form) {
    case 'code':
      return `nullif(upper(replace(${x}, ' ', '')), '')`;
    case 'address-town':
      return addressTown(x);
    case 'address-road':
      return addressRoad(x);
    case 'address-number':
      return addressNumber(x);
    case 'address-block':
      return addressBlock(x);
    case 'address-room':
      return addressRoom(x);
    default:
      return x;
  }
}

/**
 * SQL of the mentions that a source's facts are: source, class, fact, day, anchor, keys, evidence, blocks, said, place. `facts`: SQL of
 * (class, fact, day, payload), or of legal persons (fact and their columns).
 */
export function mentionSql(library: LibraryPlan, read: LibraryRead, facts: string): string {
  const { declaration: d } = library;
  const { source, plan } = read;
  const value = (field: string): string => {
    if (!plan) return `nullif(f.${ident(field)}::VARCHAR, '')`;
    const at = plan.declaration.fields.findIndex((f) => f.name === field) + 1;
    if (at === 0) return 'NULL::VARCHAR';
    return `CASE WHEN starts_with(f.p[${at}], ${FLAG}) THEN NULL ELSE nullif(f.p[${at}], '') END`;
  };
  /** As received: also what could not be cleaned. */
  const received = (field: string): string =>
    `ltrim(f.p[${plan!.declaration.fields.findIndex((f) => f.name === field) + 1}], ${FLAG})`;
  const geometry = (how: string | { field?: string | undefined; point?: [string, string] | undefined }): string => {
    const [field, lat] = typeof how === 'string' ? [how] : (how.point ?? [how.field!]);
    const declared = plan?.declaration.fields.find((f) => f.name === field);
    const other = plan?.declaration.fields.find((f) => f.name === lat);
    if (!declared || (lat !== undefined && !other)) return "''";
    const made = other
      ? pointSql(received(declared.name), received(other.name), declared, other)
      : shapeSql(received(declared.name), declared.system);
    return `coalesce(${made}, '')`;
  };
  const holds = (when: Record<string, string>): string[] =>
    Object.entries(when).map(([field, is]) => `${value(field)} = ${literal(is)}`);
  const joins: string[] = [];
  const keys = d.keys.map((k) => {
    const field = source.keys[k.name];
    if (!field) return 'NULL::VARCHAR';
    if (k.form !== 'citizen-id') return inForm(k.form, value(field));
    const alias = `i${joins.length}`;
    joins.push(`LEFT JOIN v.identity_v1 ${alias} ON ${alias}.token = ${value(field)} AND ${alias}.check_code = 'ok'`);
    return `${alias}.norm`;
  });
  const evidence = d.evidence.map((e) => {
    const field = source.evidence[e.name];
    return field ? hashed(inForm(e.form, value(field))) : 'NULL::UBIGINT';
  });
  // The address itself is kept only where a reading of it may be asked for.
  const address = d.evidence.find((e) => e.form.startsWith('address-') && source.evidence[e.name]);
  const place = d.addresses && address ? value(source.evidence[address.name]!) : 'NULL::VARCHAR';
  const said = d.attributes.map((a) => {
    const how = source.attributes[a.name];
    if (how === undefined) return "''";
    if (a.type === 'geometry') return geometry(how);
    const { field, value: fixed, values, when } = typeof how === 'string' ? { field: how } : how;
    let x = field === undefined ? literal(fixed ?? '') : `coalesce(${value(field)}, '')`;
    const known = Object.entries(values ?? {});
    if (known.length > 0)
      x = `CASE ${x} ${known.map(([from, to]) => `WHEN ${literal(from)} THEN ${literal(to)}`).join(' ')} ELSE ${x} END`;
    const only = holds(when ?? {});
    return only.length > 0 ? `CASE WHEN ${only.join(' AND ')} THEN ${x} ELSE '' END` : x;
  });
  const list = (items: string[], type: string) => (items.length > 0 ? `[${items.join(', ')}]` : `[]::${type}[]`);
  const blocks = blocksOf(d, 'evidence');
  const where = [...(plan ? [ofPlan(plan)] : []), ...holds(source.when)];
  const from = plan
    ? `(SELECT class, fact, "day", string_split(payload, ${SEPARATOR}) AS p FROM (${facts}) WHERE ${ofPlan(plan)}) f`
    : `(${facts}) f`;
  return `SELECT source, class, fact, "day", ${source.register ? 'keys[1] IS NOT NULL' : 'false'} AS anchor, keys, evidence, ${list(blocks, 'UBIGINT')} AS blocks, said, place
    FROM (SELECT ${read.index + 1}::SMALLINT AS source, f.class, f.fact, f."day", ${list(keys, 'VARCHAR')} AS keys,
        ${list(evidence, 'UBIGINT')} AS evidence, ${list(said, 'VARCHAR')} AS said, ${place} AS place
      FROM ${from} ${joins.join(' ')}${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''})`;
}

/** The number by which a value is compared. hash(NULL) is a number: what was not said must stay unsaid. */
export const hashed = (x: string): string =>
  `list_transform([${x}], lambda h: CASE WHEN h IS NOT NULL THEN hash(h) END)[1]`;

/** What the rules look for, of a list of evidence: SQL of a number for each rule, NULL where a part is missing. */
export function blocksOf(d: Pick<LibraryDeclaration, 'match' | 'evidence'>, evidence: string): string[] {
  return d.match.map((rule, r) => {
    const by = rule.by.map((name) => `${evidence}[${d.evidence.findIndex((e) => e.name === name) + 1}]`);
    return `CASE WHEN ${by.map((b) => `${b} IS NOT NULL`).join(' AND ')} THEN hash(${[r, ...by].join(', ')}) END`;
  });
}

/** Rank of every attribute of every source: rows of (source, attribute, rank), positions from 1. */
export function rankRows(d: LibraryDeclaration): string {
  const rows = d.sources.flatMap((s, i) =>
    d.attributes.flatMap((a, j) => {
      const how = s.attributes[a.name];
      if (how === undefined) return [];
      return [`(${i + 1}, ${j + 1}, ${(typeof how === 'string' ? undefined : how.rank) ?? s.rank})`];
    }),
  );
  return rows.length > 0
    ? `SELECT * FROM (VALUES ${rows.join(', ')}) t(source, attribute, rank)`
    : 'SELECT 0 AS source, 0 AS attribute, 0 AS rank WHERE false';
}

/** What makes two values of an attribute the same, as SQL. */
export function sameValue(d: LibraryDeclaration, attribute: string, value: string): string {
  const places = d.attributes.flatMap((a, i) => (a.format === 'address' ? [i + 1] : []));
  if (places.length === 0) return value;
  return `CASE WHEN ${attribute} IN (${places.join(', ')}) THEN coalesce(${addressRoom(value)}, ${addressBlock(value)}, ${value}) ELSE ${value} END`;
}
