/**
 * `v.record_<owner>_<resource>_v1`: the current facts of one class with its fields as typed columns of their declared
 * names. Declared SQL (lists, scores, warnings, measures) and deliveries read these instead of payloads. Columns: entity, day, fact,
 * amount, then every field (a field named like one of those has `_` behind it): dates as DATE, integers as BIGINT, decimals
 * as DECIMAL(18,4), yes and no as BOOLEAN, all others as text. A value that could not be cleaned is NULL; sensitive fields
 * are tokens of the vault, as everywhere in the lake.
 *
 * `entity` of a class about legal persons is the legal person's, and rows that belong to none are left out. Of a class about natural
 * persons it is the person's in the declared library of persons, of any other class that of the first declared library whose register
 * it is, else of the first that reads it; NULL where a row was given to none: every current row of such a class is there.
 */
import { ident, type LakeSession } from '../platform/lake/index.ts';
import { FLAG, SEPARATOR } from './views.ts';

/** A field's place in the payloads of a declaration's version. */
export interface FieldPlace {
  name: string;
  type: string;
  position: number;
  version: number;
}

/** A class as the catalogue publishes it. */
export interface ClassFields {
  class: number;
  source: string;
  /** What its rows are about; absent: legal persons. */
  subject?: string;
  fields: FieldPlace[];
}

/** Name of a class's view, without the schema: `record_sw_tax_arrears_v1`. */
export const recordView = (source: string): string => `record_${source.replace(/[^a-z0-9]+/g, '_')}_v1`;

const TYPES: Record<string, string> = { integer: 'BIGINT', decimal: 'DECIMAL(18,4)', date: 'DATE', boolean: 'BOOLEAN' };
const OWN = new Set(['entity', 'day', 'fact', 'amount']);

/** All classes with the fields of all versions. */
export async function classFields(s: Pick<LakeSession, 'query'>): Promise<ClassFields[]> {
  const rows = await s.query<FieldPlace & { class: number; source: string; subject: string } & Record<string, unknown>>(
    `SELECT c.class, c.source, c.subject, f.name, f.type, f.position, f.version
     FROM v.class_v1 c JOIN v.class_field_v1 f ON f.class = c.class ORDER BY c.class, f.version, f.position`,
  );
  const classes = new Map<number, ClassFields>();
  for (const { class: number, source, subject, name, type, position, version } of rows) {
    const known = classes.get(number) ?? { class: number, source, subject, fields: [] };
    known.fields.push({ name, type, position, version });
    classes.set(number, known);
  }
  return [...classes.values()];
}

/**
 * SELECT of a class's records out of `from`, which has entity, class, day, fact, run, payload and, where it is asked for,
 * amount. A field that stands at different places in different versions is taken where the run's version has it. `only`
 * leaves out fields that nobody asks for: taking a payload apart is most of the work. `unowned`: facts that `from` gives to nobody
 * (entity 0), instead of those that it gives to somebody; their entity comes of `whose`, SQL of (fact, entity) with one line a fact.
 */
export function recordSelect(
  cls: ClassFields,
  from: string,
  only?: (field: string) => boolean,
  unowned?: { whose: string | null },
): string {
  const newest = Math.max(...cls.fields.map((f) => f.version));
  const versions = new Set(cls.fields.map((f) => f.version));
  let versioned = false;
  const names = [...new Set(cls.fields.map((f) => f.name))].filter((name) => only?.(name) ?? true);
  const columns = names.map((name) => {
    const places = cls.fields.filter((f) => f.name === name);
    const last = places.find((p) => p.version === newest) ?? places.at(-1)!;
    const one = places.length === versions.size && places.every((p) => p.position === last.position);
    if (!one) versioned = true;
    const position = one
      ? String(last.position)
      : `CASE r.version ${places.map((p) => `WHEN ${p.version} THEN ${p.position}`).join(' ')} END`;
    const raw = `f.pieces[${position}]`;
    const type = TYPES[last.type];
    const value = type
      ? // An amount may carry its unit behind a blank.
        `try_cast(CASE WHEN contains(${raw}, ' ') THEN split_part(${raw}, ' ', 1) ELSE ${raw} END AS ${type})`
      : `CASE WHEN NOT starts_with(${raw}, ${FLAG}) THEN nullif(${raw}, '') END`;
    return `${value} AS ${ident(OWN.has(name) ? `${name}_` : name)}`;
  });
  // The payload is split once for all its fields.
  const own = ['entity', 'day', 'fact', ...((only?.('amount') ?? true) ? ['amount'] : [])];
  const shown = own.map((c) =>
    c === 'entity' && unowned ? `${unowned.whose ? 'w.entity' : 'NULL::INTEGER'} AS entity` : `f.${c}`,
  );
  return `SELECT ${[...shown, ...columns].join(', ')}
    FROM (SELECT ${own.join(', ')}, run, string_split(payload, ${SEPARATOR}) AS pieces FROM ${from}
      WHERE class = ${cls.class} AND entity ${unowned ? '= 0' : '> 0'}) f
    ${unowned?.whose ? `LEFT JOIN (${unowned.whose}) w ON w.fact = f.fact` : ''}
    ${versioned ? 'JOIN v.refined_run_v1 r ON r.run = f.run' : ''}`;
}

const ofLegalPersons = (cls: ClassFields): boolean => (cls.subject ?? 'legal-person') === 'legal-person';

/** Whose the facts of a class are in the declared libraries. One line a fact, so that the engine leaves it out where nobody asks. */
const whoseFacts = (cls: ClassFields): string =>
  `SELECT l.fact, arg_min(l.entity, CASE WHEN l.method = 'register' THEN 0 ELSE 1 END * 1000 + l.library) AS entity FROM lib.base_link l
   JOIN lib.base_mention m ON m.library = l.library AND m.source = l.source AND m.fact = l.fact
   WHERE m.class = ${cls.class} AND l.closed_run IS NULL AND l.entity IS NOT NULL${
     cls.subject === 'natural-person'
       ? ` AND l.library = (SELECT library FROM lib.base_library WHERE name = 'person')`
       : ''
   } GROUP BY l.fact`;

let line: Promise<unknown> = Promise.resolve();

/**
 * Creates or replaces the view of every class that the catalogue knows. Lists, themes, scores and warnings may ask at once: one after
 * another is let in, since two that replace the same view would conflict.
 */
export function defineRecordViews(s: LakeSession): Promise<ClassFields[]> {
  const turn = line.then(() => defineAll(s));
  line = turn.catch(() => undefined);
  return turn;
}

async function defineAll(s: LakeSession): Promise<ClassFields[]> {
  const classes = await classFields(s);
  const text = new Map(
    (
      await s.query<{ view_name: string; sql: string }>(
        `SELECT view_name, comment AS sql FROM duckdb_views() WHERE schema_name = 'v' AND starts_with(view_name, 'record_')`,
      )
    ).map((v) => [v.view_name, v.sql]),
  );
  const declared = await s.first(
    `SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'lib' AND table_name = 'base_link'`,
  );
  for (const cls of classes) {
    const unowned = ofLegalPersons(cls) ? undefined : { whose: declared ? whoseFacts(cls) : null };
    const select = recordSelect(cls, 'v.legal_person_fact_v1', undefined, unowned);
    const name = recordView(cls.source);
    // The text is kept as the view's comment: a view that says the same already is left alone.
    if (text.get(name) === select) continue;
    await s.run(`CREATE OR REPLACE VIEW v.${ident(name)} AS ${select}`);
    await s.run(`COMMENT ON VIEW v.${ident(name)} IS '${select.replaceAll("'", "''")}'`);
  }
  return classes;
}
