/** What rows say, as text, and the keys under which open rows and register rows meet. */
import { ident, type LakeStep, literal } from '../../platform/lake/index.ts';
import { FLAG, ofPlan, SEPARATOR } from '../../refinery/index.ts';
import type { LibraryPlan } from '../base/index.ts';
import { addressBlock, addressNumber, addressRoom } from '../base/index.ts';
import type { LinkageDeclaration } from './declaration.ts';

/** What a source's rows are called for ever, also when sources are declared in another order. */
export const sourceName = (s: { source: string; mention: string }): string => `${s.source} ${s.mention}`;

/** SQL of the name of a source by its position. */
export function sourceNameSql(library: Pick<LibraryPlan, 'declaration'>, source: string): string {
  const whens = library.declaration.sources.map((s, i) => `WHEN ${i + 1} THEN ${literal(sourceName(s))}`);
  return `CASE ${source} ${whens.join(' ')} END`;
}

/**
 * Fills `into (source, fact, t)` with the texts of the facts in `needed (source, fact)`, in the order of the linkage's columns; NULL where nothing clean was said.
 */
export function textStep(library: LibraryPlan, d: LinkageDeclaration, needed: string, into: string): LakeStep {
  const columns = Object.values(d.columns);
  const reads = library.reads.filter((r) => r.plan);
  const classes = [...new Set(reads.map((r) => r.plan!.number))].join(', ') || 'NULL';
  const facts = ['lib.fact', 'lib.fact_delta']
    .map(
      (t) =>
        `SELECT class, fact, payload FROM ${t} WHERE entity = 0 AND class IN (${classes}) AND fact IN (SELECT fact FROM ${needed})`,
    )
    .join(' UNION ALL ');
  const selects = reads.map(({ source, index, plan }) => {
    const value = (evidence: string) => {
      const field = source.evidence[evidence];
      const at = plan!.declaration.fields.findIndex((f) => f.name === field) + 1;
      if (at === 0) return 'NULL::VARCHAR';
      return `CASE WHEN starts_with(p[${at}], ${FLAG}) THEN NULL ELSE nullif(p[${at}], '') END`;
    };
    return `SELECT n.source, f.fact, [${columns.map((c) => value(c.evidence)).join(', ')}] AS t
      FROM (SELECT class, fact, string_split(payload, ${SEPARATOR}) AS p FROM x WHERE ${ofPlan(plan!)}) f JOIN ${needed} n ON n.fact = f.fact AND n.source = ${index + 1}`;
  });
  const none = 'SELECT 0::SMALLINT AS source, 0::BIGINT AS fact, []::VARCHAR[] AS t WHERE false';
  return {
    name: `${library.declaration.library}: what they say in words`,
    sql: `CREATE OR REPLACE TEMP TABLE ${into} AS WITH x AS MATERIALIZED (${facts}) ${selects.join(' UNION ALL ') || none}`,
  };
}

function partOf(d: LinkageDeclaration, part: string): string {
  const [column, of] = part.split('.');
  const at = Object.keys(d.columns).indexOf(column!) + 1;
  const text = `nullif(upper(replace(t[${at}], ' ', '')), '')`;
  const digits = `regexp_replace(t[${at}], '[^0-9]', '', 'g')`;
  if (of === undefined) return text;
  if (of === 'year') return `nullif(substr(${digits}, 1, 4), '')`;
  if (of === 'month-day') return `nullif(substr(${digits}, 5, 4), '')`;
  if (of === 'room') return addressRoom(`t[${at}]`);
  if (of === 'block') return addressBlock(`t[${at}]`);
  if (of === 'number') return addressNumber(`t[${at}]`);
  const n = Number(of.slice(-1));
  const cut = of.startsWith('start') ? `left(${text}, ${n})` : `right(${text}, ${n})`;
  return `CASE WHEN length(${text}) >= ${n} THEN ${cut} END`;
}

/** SQL of (source, fact, k) out of a table of texts: one row a key. A column's part is taken once however many rules use it. */
export function keysSql(d: LinkageDeclaration, texts: string): string {
  const all = [...new Set(d.blocking.flat())];
  const named = all.map((p, i) => `${partOf(d, p)} AS ${ident(`p${i}`)}`).join(', ');
  const rules = d.blocking.map((rule, r) => {
    const own = rule.map((p) => ident(`p${all.indexOf(p)}`));
    // One joined text: a hash of several columns is weakly mixed.
    return `CASE WHEN ${own.map((p) => `${p} IS NOT NULL`).join(' AND ')} THEN hash(concat_ws(chr(31), '${r}', ${own.join(', ')})) END`;
  });
  return `SELECT DISTINCT source, fact, k FROM (SELECT source, fact, unnest([${rules.join(', ')}]) AS k FROM (SELECT source, fact, ${named} FROM ${texts})) WHERE k IS NOT NULL`;
}
