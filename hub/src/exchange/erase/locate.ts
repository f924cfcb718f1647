/** Finds the received rows that are about a person: by the number, then by name and own telephone together where a row has no number. */
import type { SourceDeclaration } from '../../catalogue/index.ts';
import { ident, type Lake, type LakeParams, type LakeSession, literal } from '../../platform/lake/index.ts';
import { listed } from '../../platform/personal.ts';
import { className, rawTable } from '../names.ts';
import { type PersonGroup, type PersonMention, personGroups } from '../persons.ts';

const mentionsOf = new WeakMap<Lake, () => readonly PersonMention[]>();

/** The libraries tell which fields of a row they read of which person; until they do, declarations alone decide. */
export function usePersonMentions(lake: Lake, mentions: () => readonly PersonMention[]): void {
  mentionsOf.set(lake, mentions);
}

/** The persons that rows of a source may name. */
export const groupsOf = (lake: Lake, d: SourceDeclaration): PersonGroup[] =>
  personGroups(d, mentionsOf.get(lake)?.() ?? []);

/** What was learnt of a person while looking. */
export interface Located {
  /** Tokens of own telephones and accounts. */
  own: string[];
  /** Names as written. */
  names: string[];
}

const list = (values: readonly string[]): string => `[${values.map(literal).join(', ')}]::VARCHAR[]`;
const fieldList = (g: PersonGroup): string => list(g.fields);

/** One value of a row in a place: received rows have columns, quarantined ones JSON (mended values count as well). */
const received = (f: string): string => `r.${ident(f)}`;
const waiting = (f: string): string => `json_extract_string(q.cells, ${literal(`$.${f}`)})`;
const mended = (f: string): string => `json_extract_string(q.mended, ${literal(`$.${f}`)})`;

/** Adds hits of one group to the temporary table `hit` of a session. */
async function lookGroup(
  s: LakeSession,
  d: SourceDeclaration,
  g: PersonGroup,
  condition: (value: (f: string) => string) => string,
  params: LakeParams,
): Promise<void> {
  const head = `${literal(d.id)}, ${d.number}::SMALLINT`;
  const tail = `${g.whole}, ${fieldList(g)}`;
  await s.run(
    `INSERT INTO hit SELECT ${head}, r._run, r._row, 'accepted', ${tail} FROM ${rawTable(d.id)} r WHERE ${condition(received)}`,
    params,
  );
  await s.run(
    `INSERT INTO hit SELECT ${head}, q.run, q.row, 'quarantined', ${tail} FROM ex.quarantine q
    WHERE q.source = ${literal(d.id)} AND (${condition(waiting)} OR ${condition(mended)})`,
    params,
  );
}

/** Values of some fields in the rows of `hit`. */
async function valuesOf(s: LakeSession, d: SourceDeclaration, fields: readonly string[]): Promise<string[]> {
  if (fields.length === 0) return [];
  const found = new Set<string>();
  for (const f of fields) {
    const rows = await s.query<{ x: string }>(
      `SELECT DISTINCT ${received(f)} AS x FROM ${rawTable(d.id)} r SEMI JOIN (SELECT run, row FROM hit WHERE source = ${literal(d.id)} AND place = 'accepted'
          AND list_contains(fields, ${literal(f)})) h ON h.run = r._run AND h.row = r._row
       UNION SELECT DISTINCT unnest([${waiting(f)}, ${mended(f)}]) FROM ex.quarantine q SEMI JOIN (SELECT run, row FROM hit WHERE source = ${literal(d.id)}
          AND place = 'quarantined') h ON h.run = q.run AND h.row = q.row`,
    );
    for (const { x } of rows) if (x) found.add(x);
  }
  return [...found];
}

/**
 * Fills `ex.subject_row` with the rows about a person. `again`: rows that were found before stay (an order that is carried out), else the
 * answer is made anew (a look).
 */
export async function locateRows(
  lake: Lake,
  declarations: readonly SourceDeclaration[],
  subject: { erasure: number; citizen: readonly string[] },
  again: boolean,
): Promise<Located> {
  return lake.write('exchange:erasure', async (s) => {
    await s.run(
      'CREATE OR REPLACE TEMP TABLE hit (source VARCHAR, class SMALLINT, run INTEGER, row INTEGER, place VARCHAR, whole BOOLEAN, fields VARCHAR[])',
    );
    const there = new Set(
      (await s.query<{ t: string }>("SELECT table_name AS t FROM duckdb_tables() WHERE schema_name = 'raw'")).map(
        (r) => r.t,
      ),
    );
    const classes = declarations
      .filter((d) => there.has(className(d.id)))
      .map((d) => ({ d, groups: groupsOf(lake, d) }));
    const own = new Set<string>();
    const names = new Set<string>();
    for (const { d, groups } of classes) {
      for (const g of groups)
        if (g.id !== null)
          await lookGroup(s, d, g, (value) => `list_contains($tokens::VARCHAR[], ${value(g.id!)})`, {
            tokens: listed(subject.citizen),
          });
      for (const x of await valuesOf(
        s,
        d,
        groups.flatMap((g) => (g.id ? g.numbers : [])),
      ))
        own.add(x);
      for (const x of await valuesOf(
        s,
        d,
        groups.flatMap((g) => (g.id ? g.names : [])),
      ))
        names.add(x);
    }
    const ownList = [...own].filter((t) => /^[pb]~/.test(t));
    if (ownList.length > 0 && names.size > 0) {
      const by = (fields: readonly string[], values: string, value: (f: string) => string) =>
        `(${fields.map((f) => `list_contains(${values}::VARCHAR[], ${value(f)})`).join(' OR ')})`;
      for (const { d, groups } of classes)
        for (const g of groups)
          if (g.names.length > 0 && g.numbers.length > 0) {
            const same = (value: (f: string) => string) => {
              const other = g.id === null ? '' : ` AND coalesce(${value(g.id)}, '') = ''`;
              return `${by(g.names, '$names', value)} AND ${by(g.numbers, '$own', value)}${other}`;
            };
            await lookGroup(s, d, g, same, { names: [...names], own: ownList });
          }
    }
    if (!again) await s.run('DELETE FROM ex.subject_row WHERE erasure = $e', { e: subject.erasure });
    await keepHits(s, subject.erasure);
    return { own: ownList, names: [...names] };
  });
}

/** Keeps the hits of a session beside those that stand already. */
async function keepHits(s: LakeSession, erasure: number): Promise<void> {
  await s.run(
    `CREATE OR REPLACE TEMP TABLE hit_one AS SELECT source, any_value(class) AS class, run, row, place, bool_or(whole) AS whole,
       list_sort(list_distinct(flatten(list(fields)))) AS fields FROM hit GROUP BY source, run, row, place`,
  );
  await s.run(
    `INSERT INTO ex.subject_row SELECT $e, h.source, h.class, h.run, h.row, (h.run::BIGINT << 32) | h.row, h.place, h.whole, h.fields FROM hit_one h
     ANTI JOIN (FROM ex.subject_row WHERE erasure = $e) k ON k.run = h.run AND k.row = h.row AND k.place = h.place ORDER BY h.source, h.run, h.row`,
    { e: erasure },
  );
}

/** Rows that others know to be about the person (linked by evidence; named beside an enterprise): fields by fact. */
export async function addSubjectRows(
  lake: Lake,
  erasure: number,
  rows: readonly { source: string; class: number; fact: bigint; whole: boolean; fields: readonly string[] }[],
): Promise<number> {
  if (rows.length === 0) return 0;
  return lake.write('exchange:erasure', async (s) => {
    await s.run(
      'CREATE OR REPLACE TEMP TABLE hit (source VARCHAR, class SMALLINT, run INTEGER, row INTEGER, place VARCHAR, whole BOOLEAN, fields VARCHAR[])',
    );
    await s.append(
      'hit',
      rows.map((r) => [
        ...[r.source, r.class, Number(r.fact >> 32n), Number(r.fact & 0xffffffffn), 'accepted', r.whole],
        r.fields,
      ]),
    );
    // Rows that were found with other fields gain these.
    await s.run(
      `UPDATE ex.subject_row SET fields = list_sort(list_distinct(list_concat(ex.subject_row.fields, h.fields))), whole = ex.subject_row.whole OR h.whole
       FROM (SELECT run, row, bool_or(whole) AS whole, flatten(list(fields)) AS fields FROM hit GROUP BY run, row) h
       WHERE ex.subject_row.erasure = $e AND ex.subject_row.run = h.run AND ex.subject_row.row = h.row AND ex.subject_row.place = 'accepted'
         AND NOT EXISTS (SELECT 1 FROM ex.erased x WHERE x.erasure = $e AND x.run = h.run AND x.row = h.row)`,
      { e: erasure },
    );
    await keepHits(s, erasure);
    return rows.length;
  });
}

/** Of some tokens those that still stand in received rows (of others). */
export async function standingTokens(
  lake: Lake,
  declarations: readonly SourceDeclaration[],
  tokens: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  if (tokens.length === 0) return found;
  const there = new Set(
    (await lake.query<{ t: string }>("SELECT table_name AS t FROM duckdb_tables() WHERE schema_name = 'raw'")).map(
      (r) => r.t,
    ),
  );
  for (const d of declarations)
    for (const f of d.fields) {
      if (f.protection !== 'sensitive' || f.format === 'citizen-id') continue;
      const waits = `SELECT DISTINCT ${waiting(f.name)} AS x FROM ex.quarantine q WHERE q.source = $source AND list_contains($tokens::VARCHAR[], ${waiting(f.name)})`;
      const has = `SELECT DISTINCT ${received(f.name)} AS x FROM ${rawTable(d.id)} r WHERE list_contains($tokens::VARCHAR[], ${received(f.name)})`;
      const rows = await lake.query<{ x: string }>(there.has(className(d.id)) ? `${has} UNION ${waits}` : waits, {
        tokens,
        source: d.id,
      });
      for (const { x } of rows) found.add(x);
    }
  return found;
}
