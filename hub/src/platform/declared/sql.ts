/**
 * Judges SQL that people declare. Nothing of it is run here: the engine takes the text apart and what it made of it is
 * walked. `readSelect` is for one SELECT over published views (`v.*`); what else the tree may be asked is for callers with
 * rules of their own (a source's mapping). Refused are other tables, files, table functions, what depends on chance or on
 * the hour, what looks at the engine, and parameters other than `$day`, the day of the run.
 */
import type { LakeSession } from '../lake/index.ts';
import { type Place, Problem, type ProblemKind } from '../problem.ts';
import { sqlColumns, sqlCompile, sqlForbidden, sqlSingle } from './problems.ts';

/** A SELECT that may be run: the statement as the engine writes it, the views that it reads, whether it names `$day`. */
export interface Select {
  sql: string;
  /** With their schema: `v.legal_person_v1`. */
  views: string[];
  usesDay: boolean;
  /** Whole rows are read (`*`), so that any column of the views may matter. */
  readsAll: boolean;
  /** Names of columns that it reads, in lower case. */
  reads: ReadonlySet<string>;
  /** Names of its parameters, without the `$`. */
  parameters: ReadonlySet<string>;
}

/** A node of a statement as the engine serialises it. */
export type SqlTree = { [key: string]: unknown };
/** Whether a value is a node. */
export const isTree = (v: unknown): v is SqlTree => typeof v === 'object' && v !== null && !Array.isArray(v);

const FROM = new Set(['BASE_TABLE', 'SUBQUERY', 'JOIN', 'EMPTY', 'EXPRESSION_LIST', 'TABLE_FUNCTION']);
const NODES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'CTE_NODE']);
/** Table functions that make rows of nothing but their arguments. */
const ROWS = new Set(['unnest', 'range', 'generate_series']);
/** Words that are the hour when no column has that name. */
const HOUR = new Set(['current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp']);
/** Functions that look at the engine, plan statements or tell the hour. */
const OUTSIDE = new Set([
  ...HOUR,
  ...`current_setting getvariable json_serialize_plan json_serialize_sql json_deserialize_sql getenv ago query query_table
    current_database current_catalog current_schema current_schemas current_query in_search_path current_localtime
    current_localtimestamp pg_conf_load_time pg_postmaster_start_time`.split(/\s+/),
]);

/** What was met on a walk; names in lower case. */
export interface Seen {
  /** Tables as they are named, with schema and catalogue where those are. */
  tables: Set<string>;
  /** Aliases and common table expressions. */
  own: Set<string>;
  functions: Set<string>;
  tableFunctions: Set<string>;
  /** Names of parameters, without the `$`. */
  parameters: Set<string>;
  /** What no declared SQL may have. */
  forbidden: Set<string>;
  /** Names of columns. */
  reads: Set<string>;
  /** Whole rows are read (`*`). */
  whole: boolean;
}

/** The beginning of a walk. */
export const nothingSeen = (): Seen => ({
  ...{ tables: new Set(), own: new Set(), functions: new Set(), tableFunctions: new Set(), parameters: new Set() },
  ...{ forbidden: new Set(), reads: new Set(), whole: false },
});

/** Walks a tree and keeps what it meets. */
export function walk(value: unknown, seen: Seen): void {
  if (Array.isArray(value)) for (const v of value) walk(v, seen);
  if (!isTree(value)) return;
  const type = String(value.type ?? '');
  const kind = String(value.class ?? '');
  if (kind === 'CONSTANT') return;
  if (kind === 'COLUMN_REF') {
    const names = (value.column_names as string[]).map((n) => n.toLowerCase());
    for (const name of names) seen.reads.add(name);
    if (names.length === 1 && HOUR.has(names[0]!)) seen.forbidden.add(names[0]!);
  } else if (kind === 'STAR' || kind === 'POSITIONAL_REFERENCE') seen.whole = true;
  else if (kind === 'PARAMETER') seen.parameters.add(String(value.identifier));
  else if ((kind === 'FUNCTION' || kind === 'WINDOW') && typeof value.function_name === 'string')
    seen.functions.add(value.function_name.toLowerCase());
  else if (!kind && /_NODE$/.test(type) && !NODES.has(type)) seen.forbidden.add(type.replace('_NODE', ''));
  else if (!kind && 'alias' in value && 'sample' in value) {
    if (!FROM.has(type)) seen.forbidden.add(type.replace('_REF', ''));
    if (typeof value.alias === 'string' && value.alias) seen.own.add(value.alias.toLowerCase());
    if (type === 'BASE_TABLE')
      seen.tables.add(
        [value.catalog_name, value.schema_name, value.table_name]
          .filter(Boolean)
          .map((n) => String(n).toLowerCase())
          .join('.'),
      );
    if (type === 'TABLE_FUNCTION')
      seen.tableFunctions.add(String((value.function as SqlTree).function_name).toLowerCase());
  }
  // Of a table (TABLESAMPLE) or of the whole SELECT (USING SAMPLE).
  if (isTree(value.sample)) seen.forbidden.add('SAMPLE');
  const ctes = isTree(value.cte_map) ? (value.cte_map.map as SqlTree[]) : [];
  for (const c of ctes) seen.own.add(String(c.key).toLowerCase());
  for (const v of Object.values(value)) walk(v, seen);
}

/** Functions of the engine itself that were judged harmless: its list of them takes a tenth of a second to ask, so it is asked once for all. */
const harmless = new Set<string>();
let listed: Promise<void> | undefined;

/** Keeps the engine's own functions that neither reach outside their arguments nor answer differently each time. */
async function listHarmless(session: Pick<LakeSession, 'query'>): Promise<void> {
  const rows = await session.query<{ name: string }>(
    `SELECT function_name AS name FROM duckdb_functions() GROUP BY function_name
     HAVING bool_and(internal) AND NOT coalesce(bool_or(stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')), false)
       AND bool_or(function_type IN ('scalar', 'aggregate', 'macro'))`,
  );
  for (const { name } of rows) if (!OUTSIDE.has(name)) harmless.add(name);
}

/** Functions among these that reach outside their arguments or answer differently each time. */
export async function outsideOf(session: Pick<LakeSession, 'query'>, functions: Iterable<string>): Promise<string[]> {
  const all = [...functions];
  if (all.every((n) => harmless.has(n))) return [];
  listed ??= listHarmless(session).catch((error) => {
    listed = undefined;
    throw error;
  });
  await listed;
  const names = all.filter((n) => !harmless.has(n));
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
  const outside = new Set([...known.map((f) => f.name), ...names.filter((n) => OUTSIDE.has(n))]);
  for (const name of names) if (!outside.has(name)) harmless.add(name);
  return [...outside];
}

/** The statement taken apart: its tree as the engine's text and its one node. Thrown as `kinds` say when it is no SELECT. */
export async function parseSelect(
  session: Pick<LakeSession, 'first'>,
  text: string,
  place: Place,
  kinds: { single: ProblemKind; compile: ProblemKind } = { single: sqlSingle, compile: sqlCompile },
): Promise<{ tree: string; node: SqlTree }> {
  const parsed = await session.first<{ tree: string }>('SELECT json_serialize_sql($text::VARCHAR)::VARCHAR AS tree', {
    text,
  });
  const tree = JSON.parse(parsed!.tree) as SqlTree;
  const { file } = place;
  if (tree.error) {
    if (tree.error_type !== 'parser') throw new Problem(kinds.single, { file }, place);
    const line = text.slice(0, Number(tree.position ?? 0)).split('\n').length;
    throw new Problem(kinds.compile, { file, message: String(tree.error_message) }, { ...place, line });
  }
  const statements = tree.statements as SqlTree[];
  if (statements.length !== 1) throw new Problem(kinds.single, { file }, place);
  return { tree: parsed!.tree, node: statements[0]!.node as SqlTree };
}

/**
 * Reads a SELECT and judges it; what it must not be is thrown as a Problem about `file`. `parameters`: those that the caller fills;
 * `$day` alone unless told otherwise.
 */
export async function readSelect(
  session: Pick<LakeSession, 'first' | 'query'>,
  text: string,
  file: string,
  parameters: readonly string[] = ['day'],
): Promise<Select> {
  const { tree, node } = await parseSelect(session, text, { file, line: 1 });
  const seen = nothingSeen();
  walk(node, seen);
  const { forbidden } = seen;
  for (const name of seen.tableFunctions) if (!ROWS.has(name)) forbidden.add(name);
  for (const name of seen.parameters) if (!parameters.includes(name)) forbidden.add(`$${name}`);
  const views: string[] = [];
  const own = ctesOf(node);
  for (const table of seen.tables) {
    if (/^v\.[a-z0-9_]+$/.test(table)) views.push(table);
    else if (!own.has(table)) forbidden.add(table);
  }
  for (const name of await outsideOf(session, seen.functions)) forbidden.add(name);
  if (forbidden.size) {
    const what = [...forbidden];
    throw new Problem(sqlForbidden, { file, what: what.join(', ') }, { file, line: lineOf(text, what[0]!) });
  }
  // What was judged is what is run: comments and a closing semicolon are gone from the statement as the engine writes it.
  const row = await session.first<{ sql: string }>('SELECT json_deserialize_sql($tree::JSON) AS sql', { tree });
  return {
    sql: row!.sql,
    views: views.sort(),
    usesDay: seen.parameters.has('day'),
    readsAll: seen.whole,
    reads: seen.reads,
    parameters: seen.parameters,
  };
}

/** Names of common table expressions, at any depth. An alias is none: a table named like one is still a table. */
function ctesOf(value: unknown, into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const v of value) ctesOf(v, into);
  if (!isTree(value)) return into;
  if (isTree(value.cte_map)) for (const c of value.cte_map.map as SqlTree[]) into.add(String(c.key).toLowerCase());
  for (const v of Object.values(value)) ctesOf(v, into);
  return into;
}

/** Line (from 1) where a word first stands, whatever its case. */
function lineOf(text: string, word: string): number {
  const at = text.toLowerCase().indexOf(word.toLowerCase());
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}

/** The names of all published views, with their schema. */
export async function publishedViews(session: Pick<LakeSession, 'query'>): Promise<Set<string>> {
  const there = await session.query<{ name: string }>(
    `SELECT 'v.' || table_name AS name FROM information_schema.tables WHERE table_schema = 'v'`,
  );
  return new Set(there.map((r) => r.name));
}

/** Which of these views are not published (yet). */
export async function absentViews(session: Pick<LakeSession, 'query'>, views: readonly string[]): Promise<string[]> {
  if (!views.length) return [];
  const names = await publishedViews(session);
  return views.filter((v) => !names.has(v));
}

/** Puts a day in the place of `$day`. The day is checked, so that nothing else can come in. */
export function withDay(sql: string, day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`not a day: ${day}`);
  return sql.replaceAll('$day', `DATE '${day}'`);
}

/**
 * The columns that a statement answers, found without running it; a Problem with the line when it does not compile.
 * `text`: the statement as people wrote it, where that is not what is run.
 */
export async function answeredColumns(
  session: Pick<LakeSession, 'query'>,
  sql: string,
  place: Place,
  text = sql,
): Promise<string[]> {
  try {
    const rows = await session.query<{ column_name: string }>(
      `DESCRIBE SELECT * FROM (${withDay(sql, '2000-01-01').replace(/;\s*$/, '')}\n)`,
    );
    return rows.map((r) => r.column_name);
  } catch (error) {
    const message = (error as Error).message.split('\n')[0]!;
    const line = lineOf(text, /"([^"]+)"/.exec(message)?.[1] ?? message);
    throw new Problem(sqlCompile, { file: place.file, message }, { ...place, line });
  }
}

/** Refuses a statement that does not answer the columns; `exact`: nor any other. */
export async function needColumns(
  session: Pick<LakeSession, 'query'>,
  sql: string,
  expected: readonly string[],
  place: Place,
  { exact = true, text = sql }: { exact?: boolean; text?: string } = {},
): Promise<void> {
  const found = (await answeredColumns(session, sql, place, text)).map((c) => c.toLowerCase());
  const wrong = [
    ...expected.filter((c) => !found.includes(c)),
    ...(exact ? found.filter((c) => !expected.includes(c)) : []),
  ];
  if (wrong.length)
    throw new Problem(
      sqlColumns,
      { file: place.file, expected: expected.join(', '), columns: wrong.join(', ') },
      { line: 1, ...place },
    );
}
