/**
 * Judges SQL that people declare: one SELECT that reads published views (`v.*`) only. Nothing of it is run here; the
 * engine takes the text apart and what it made of it is walked. Refused are other tables, files, table functions, what
 * depends on chance or on the hour, what looks at the engine, and parameters other than `$day`, the day of the run.
 */
import type { LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { compile, forbidden, single } from './problems.ts';

/** A SELECT that may be run: the statement as the engine writes it, the views that it reads, whether it names `$day`. */
export interface Select {
  sql: string;
  views: string[];
  usesDay: boolean;
}

type Tree = { [key: string]: unknown };
const isTree = (v: unknown): v is Tree => typeof v === 'object' && v !== null && !Array.isArray(v);

const FROM = new Set(['BASE_TABLE', 'SUBQUERY', 'JOIN', 'EMPTY', 'EXPRESSION_LIST', 'TABLE_FUNCTION']);
const NODES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'CTE_NODE']);
/** Table functions that make rows of nothing but their arguments. */
const ROWS = new Set(['unnest', 'range', 'generate_series']);
/** Words that are the hour where no column has the name, and functions that look at the engine or plan statements. */
const HOUR = ['current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp', 'today', 'now'];
const OUTSIDE = new Set([
  ...HOUR,
  ...`current_setting getvariable json_serialize_plan json_serialize_sql json_deserialize_sql getenv ago query query_table
    current_database current_catalog current_schema current_schemas current_query in_search_path current_localtime
    current_localtimestamp pg_conf_load_time pg_postmaster_start_time`.split(/\s+/),
]);

interface Seen {
  tables: Set<string>;
  own: Set<string>;
  functions: Set<string>;
  forbidden: Set<string>;
  usesDay: boolean;
}

function walk(value: unknown, seen: Seen): void {
  if (Array.isArray(value)) for (const v of value) walk(v, seen);
  if (!isTree(value)) return;
  const type = String(value.type ?? '');
  const kind = String(value.class ?? '');
  if (kind === 'CONSTANT') return;
  if (kind === 'COLUMN_REF') {
    const names = value.column_names as string[];
    if (names.length === 1 && HOUR.includes(names[0]!.toLowerCase())) seen.forbidden.add(names[0]!.toLowerCase());
  } else if (kind === 'PARAMETER') {
    if (value.identifier === 'day') seen.usesDay = true;
    else seen.forbidden.add(`$${String(value.identifier)}`);
  } else if ((kind === 'FUNCTION' || kind === 'WINDOW') && typeof value.function_name === 'string')
    seen.functions.add(value.function_name.toLowerCase());
  else if (!kind && /_NODE$/.test(type) && !NODES.has(type)) seen.forbidden.add(type.replace('_NODE', ''));
  else if (!kind && 'alias' in value && 'sample' in value) {
    if (!FROM.has(type)) seen.forbidden.add(type.replace('_REF', ''));
    if (type === 'BASE_TABLE')
      seen.tables.add(
        [value.catalog_name, value.schema_name, value.table_name]
          .filter(Boolean)
          .map((n) => String(n).toLowerCase())
          .join('.'),
      );
    if (type === 'TABLE_FUNCTION') {
      const name = String((value.function as Tree).function_name).toLowerCase();
      if (!ROWS.has(name)) seen.forbidden.add(name);
    }
  }
  if (isTree(value.sample)) seen.forbidden.add('SAMPLE');
  const ctes = isTree(value.cte_map) ? (value.cte_map.map as Tree[]) : [];
  for (const c of ctes) seen.own.add(String(c.key).toLowerCase());
  for (const v of Object.values(value)) walk(v, seen);
}

/** Functions among these that reach outside their arguments or answer differently each time. */
async function outsideOf(session: LakeSession, names: string[]): Promise<string[]> {
  if (!names.length) return [];
  const known = await session.query<{ name: string }>(
    `SELECT DISTINCT function_name AS name FROM duckdb_functions()
     WHERE list_contains($names::VARCHAR[], function_name)
       AND ((function_type IN ('pragma', 'table', 'table_macro') AND function_name NOT IN (
              SELECT function_name FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'macro')))
         OR stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY') OR NOT internal)
       AND NOT list_contains($rows::VARCHAR[], function_name)`,
    { names, rows: [...ROWS] },
  );
  return [...new Set([...known.map((f) => f.name), ...names.filter((n) => OUTSIDE.has(n))])];
}

/** Reads a SELECT and judges it; what it must not be is thrown as a Problem about `file`. */
export async function readSelect(session: LakeSession, text: string, file: string): Promise<Select> {
  const parsed = await session.first<{ tree: string }>('SELECT json_serialize_sql($text::VARCHAR)::VARCHAR AS tree', {
    text,
  });
  const tree = JSON.parse(parsed!.tree) as Tree;
  if (tree.error) {
    if (tree.error_type !== 'parser') throw new Problem(single, { file }, { file, line: 1 });
    const line = text.slice(0, Number(tree.position ?? 0)).split('\n').length;
    throw new Problem(compile, { file, message: String(tree.error_message) }, { file, line });
  }
  const statements = tree.statements as Tree[];
  if (statements.length !== 1) throw new Problem(single, { file }, { file, line: 1 });
  const seen: Seen = {
    ...{
      tables: new Set<string>(),
      own: new Set<string>(),
      functions: new Set<string>(),
      forbidden: new Set<string>(),
    },
    usesDay: false,
  };
  walk(statements[0]!.node, seen);
  const views: string[] = [];
  for (const table of seen.tables) {
    if (/^v\.[a-z0-9_]+$/.test(table)) views.push(table);
    else if (!seen.own.has(table)) seen.forbidden.add(table);
  }
  for (const name of await outsideOf(session, [...seen.functions])) seen.forbidden.add(name);
  if (seen.forbidden.size) {
    const what = [...seen.forbidden];
    const at = text.toLowerCase().indexOf(what[0]!.toLowerCase());
    const line = at < 0 ? 1 : text.slice(0, at).split('\n').length;
    throw new Problem(forbidden, { file, what: what.join(', ') }, { file, line });
  }
  // What was judged is what is run: comments and a closing semicolon are gone from the statement as the engine writes it.
  const row = await session.first<{ sql: string }>('SELECT json_deserialize_sql($tree::JSON) AS sql', {
    tree: parsed!.tree,
  });
  return { sql: row!.sql, views: views.sort(), usesDay: seen.usesDay };
}

/** Which of these views are not published (yet). */
export async function absentViews(session: Pick<LakeSession, 'query'>, views: readonly string[]): Promise<string[]> {
  if (!views.length) return [];
  const there = await session.query<{ name: string }>(
    `SELECT 'v.' || table_name AS name FROM information_schema.tables WHERE table_schema = 'v'`,
  );
  const names = new Set(there.map((r) => r.name));
  return views.filter((v) => !names.has(v));
}
