/**
 * Golden records and relations of declared libraries, by the same rule as those of legal persons (../golden.ts): of every
 * source its latest current row, among sources the one of the most trusted rank, among equals the latest.
 */
import { type LakeStep, literal } from '../../platform/lake/index.ts';
import { type LibraryPlan, rankRows, sameValue } from './plan.ts';

/** A number that orders claims by their day, then by when they came. */
const RECENCY = `(greatest(0, coalesce("day" - DATE '1800-01-01', 0))::HUGEINT * 9223372036854775808 + fact)`;

/** SQL of claims: entity, attribute (position from 1), source, class, rank, day, fact, value; of current rows only unless `all`. */
export function claimSql(library: Pick<LibraryPlan, 'declaration' | 'number'>, entities: string, all = false): string {
  const n = library.number;
  return `SELECT c.entity, c.attribute, c.source, c.class, k.rank::SMALLINT AS rank, c."day", c.fact, c.value, c.closed_run, c.method FROM (
      SELECT l.entity, l.method, l.closed_run, m.source, m.class, m."day", m.fact, unnest(m.said) AS value, generate_subscripts(m.said, 1) AS attribute
      FROM lib.base_link l JOIN lib.base_mention m ON m.library = ${n} AND m.source = l.source AND m.fact = l.fact
      WHERE l.library = ${n} AND l.entity IN (${entities})${all ? '' : ' AND l.closed_run IS NULL'}) c
    JOIN (${rankRows(library.declaration)}) k ON k.source = c.source AND k.attribute = c.attribute WHERE c.value <> ''`;
}

/** Steps that make the golden records of the entities in the temporary table `b_touched` again. */
export function goldenSteps(library: LibraryPlan): LakeStep[] {
  const { declaration: d, number: n } = library;
  const title = (what: string) => `${d.library}: ${what}`;
  const touched = 'SELECT entity FROM b_touched';
  const series = d.attributes.flatMap((a, i) => (a.series ? [i + 1] : []));
  const same = sameValue(d, 'attribute', 'value');
  return [
    { name: title('claims'), sql: `CREATE OR REPLACE TEMP TABLE b_claim AS ${claimSql(library, touched)}` },
    {
      name: title('what sources say'),
      sql: `CREATE OR REPLACE TEMP TABLE b_says AS SELECT entity, attribute, source,
          unnest(arg_max({'value': value, 'day': "day", 'fact': fact, 'class': class, 'rank': rank}, ${RECENCY})) FROM b_claim GROUP BY entity, attribute, source`,
    },
    {
      name: title('whom to believe'),
      sql: `CREATE OR REPLACE TEMP TABLE b_believed AS SELECT entity, attribute,
          unnest(arg_max({'value': value, 'class': class, 'fact': fact, 'source': source}, (100 - rank)::HUGEINT * 1180591620717411303424000000 + ${RECENCY})),
          count(DISTINCT ${same}) > 1${series.length > 0 ? ` AND attribute NOT IN (${series.join(', ')})` : ''} AS disputed FROM b_says GROUP BY entity, attribute`,
    },
    {
      name: title('forget values'),
      sql: ['value', 'contradiction', 'record']
        .map((t) => `DELETE FROM lib.base_${t} WHERE library = ${n} AND entity IN (${touched})`)
        .join('; '),
    },
    {
      name: title('keep values'),
      sql: `INSERT INTO lib.base_value SELECT ${n}, entity, attribute, value, class, fact, disputed FROM b_believed ORDER BY entity, attribute`,
    },
    {
      name: title('keep contradictions'),
      sql: `INSERT INTO lib.base_contradiction SELECT ${n}, s.entity, s.attribute, s.value, s.class, s.rank, s."day", s.fact, s.fact = b.fact AND s.source = b.source
        FROM b_says s JOIN b_believed b ON b.entity = s.entity AND b.attribute = s.attribute WHERE b.disputed ORDER BY s.entity, s.attribute, s.rank, s.fact`,
    },
    {
      name: title('keep records'),
      sql: `INSERT INTO lib.base_record
        WITH v AS (SELECT entity, count(*) FILTER (disputed) AS disputed, count(*) FILTER (NOT disputed) AS agreed FROM b_believed GROUP BY entity)
        SELECT ${n}, l.entity, count(DISTINCT l.fact)::INTEGER, count(DISTINCT m.class)::SMALLINT, coalesce(any_value(v.disputed), 0)::SMALLINT,
          round(coalesce(any_value(v.agreed), 0) / ${d.attributes.length}, 4), (min(l.fact) FILTER (l.fact > 0) >> 32)::INTEGER, (max(l.fact) FILTER (l.fact > 0) >> 32)::INTEGER
        FROM lib.base_link l JOIN lib.base_mention m ON m.library = ${n} AND m.source = l.source AND m.fact = l.fact LEFT JOIN v ON v.entity = l.entity
        WHERE l.library = ${n} AND l.closed_run IS NULL AND l.entity IN (${touched}) GROUP BY l.entity HAVING bool_or(l.fact > 0) ORDER BY l.entity`,
    },
  ];
}

/** Steps that make the relations of the rows in lib.base_touched again. */
export function relationSteps(libraries: readonly LibraryPlan[]): LakeStep[] {
  const byName = new Map(libraries.map((l) => [l.declaration.library, l]));
  const selects = libraries.flatMap((library) => {
    const d = library.declaration;
    const position = (source: string, mention: string, of = d) =>
      of.sources.findIndex((s) => s.source === source && s.mention === mention) + 1;
    const said = (name: string | undefined) =>
      name === undefined
        ? 'NULL::VARCHAR'
        : `nullif(m.said[${d.attributes.findIndex((a) => a.name === name) + 1}], '')`;
    return d.relations.flatMap((r) =>
      r.sources.map((s) => {
        const mine = `f.library = ${library.number} AND f.source = ${position(s.source, s.from)}`;
        const target = byName.get(r.to);
        const other = !target
          ? s.source === 'legal-person'
            ? { join: '', library: '0', entity: '(-f.fact)::INTEGER', code: 'NULL::VARCHAR', where: 'true' }
            : {
                join: '',
                library: '0',
                entity: 'NULL::INTEGER',
                code: said(s.code),
                where: `${said(s.code)} IS NOT NULL`,
              }
          : {
              join: `JOIN lib.base_link t ON t.fact = f.fact AND t.library = ${target.number} AND t.source = ${position(s.source, s.to, target.declaration)}`,
              library: String(target.number),
              entity: 't.entity',
              code: 'NULL::VARCHAR',
              where: `t.entity IS NOT NULL${target === library ? ' AND t.entity <> f.entity' : ''}`,
            };
        return `SELECT ${library.number}::SMALLINT, ${literal(r.kind)}, f.entity, ${other.library}::SMALLINT, ${other.entity}, ${other.code}, ${said(s.qualifier)}, ${s.rank}::SMALLINT, m.class, f.fact, m."day"
          FROM lib.base_link f JOIN b_news n ON n.fact = f.fact JOIN lib.base_mention m ON m.library = f.library AND m.source = f.source AND m.fact = f.fact ${other.join}
          WHERE ${mine} AND f.entity IS NOT NULL AND f.closed_run IS NULL AND ${other.where}`;
      }),
    );
  });
  return [
    {
      name: 'rows whose relations are made again',
      sql: 'CREATE OR REPLACE TEMP TABLE b_news AS SELECT DISTINCT fact FROM lib.base_touched',
    },
    {
      name: 'forget relations',
      sql: 'DELETE FROM lib.base_relation WHERE class >= 0 AND fact IN (SELECT fact FROM b_news)',
    },
    ...(selects.length > 0
      ? [
          {
            name: 'keep relations',
            sql: `INSERT INTO lib.base_relation SELECT * FROM (${selects.join(' UNION ALL ')}) t(library, kind, entity, to_library, to_entity, to_code, qualifier, rank, class, fact, day)
              ORDER BY library, entity, kind`,
          },
        ]
      : []),
    { name: 'relations are made', sql: 'DELETE FROM lib.base_touched' },
  ];
}
