/**
 * The mapping of a source: one SELECT over `received` that answers the declared fields. What it may be:
 *
 * - `received` has the columns of the delivery, each as text under the name that the department gives it, and `_row`, the
 *   number of the row in the delivery (from 1). Rows whose columns cannot be told apart are in quarantine and not in it.
 * - It answers exactly one row for each row of `received`; other columns than the declared fields are passed over.
 * - Whose row an answer is, is told by `_row`. A plain `SELECT … FROM received` (no DISTINCT, GROUP BY, ORDER BY, LIMIT,
 *   WITH, JOIN or UNION) need not say it: it is carried along. Any other SELECT must answer a column `_row` itself.
 * - It reads nothing but `received` and what it writes out itself (VALUES, WITH): no other table, no file, no setting. What
 *   depends on chance or on the hour is refused, so that the same delivery always means the same.
 */
import {
  isTree,
  nothingSeen,
  outsideOf,
  parseSelect,
  type Seen,
  type SqlTree as Tree,
  walk,
} from '../platform/declared/index.ts';
import type { LakeSession } from '../platform/lake/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';

const k = (code: string, zh: string, en: string) => problemKind(`catalogue.source.${code}`, 422, zh, en);
export const mappingKinds = {
  compile: k('mapping', '映射文件无法编译：{message}', 'The mapping does not compile: {message}'),
  columns: k('mapping-columns', '映射缺少字段：{fields}', 'The mapping does not answer the fields: {fields}'),
  single: k('mapping-select', '映射应当是一条 SELECT 语句。', 'The mapping must be one SELECT statement.'),
  forbidden: k(
    'mapping-forbidden',
    '映射只能读取 received，不得使用：{what}',
    'The mapping may read nothing but received; it must not use: {what}',
  ),
  row: k(
    'mapping-row',
    '映射不是直接的 SELECT … FROM received，须自行答出 _row 列。',
    'The mapping is no plain SELECT … FROM received, so it must answer the column _row itself.',
  ),
};

/** The column by which answers are held against received rows. */
export const CARRIED = '_mapped_row';

/** A mapping that may be run. */
export interface Mapping {
  /** As it is written, for messages with lines. */
  text: string;
  /** What is run: it answers the fields and `CARRIED`. */
  sql: string;
  /**
   * The same where no answer of one row can end the others': each field of `tried` (in lower case) comes as a struct {v},
   * or NULL where its expression cannot bear the row's values. Null where the statement cannot be written so.
   */
  careful: { sql: string; tried: ReadonlySet<string> } | null;
  /** Each row answers for itself, and its number is carried along. */
  plain: boolean;
  /** Names that it reads, in lower case: the delivered columns among them, and its own aliases. */
  reads: ReadonlySet<string>;
  /** It reads whole rows (`*`), so any column may matter. */
  readsAll: boolean;
  /** Names that the answers of these fields may come from, in lower case; null when any column may be among them. */
  behind(fields: readonly string[]): ReadonlySet<string> | null;
}

/** Whether each row of `received` plainly answers for itself. */
const isPlain = (node: Tree): boolean => {
  const from = node.from_table as Tree | undefined;
  const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : []);
  return (
    node.type === 'SELECT_NODE' &&
    from?.type === 'BASE_TABLE' &&
    list(node.modifiers).length === 0 &&
    list((node.cte_map as Tree | undefined)?.map).length === 0 &&
    list(node.group_sets).length === 0 &&
    list(from.column_name_alias).length === 0
  );
};

/** Names behind answers: those that the field's own expression names, and in turn those behind aliases among them. */
function namesBehind(list: Tree[], fields: readonly string[]): ReadonlySet<string> | null {
  const by = new Map<string, Seen>();
  for (const item of list) {
    const seen = nothingSeen();
    walk(item, seen);
    if (item.class === 'STAR') return null;
    const names = item.column_names as string[] | undefined;
    const name = String(item.alias || names?.at(-1) || '').toLowerCase();
    if (seen.whole || nests(item)) seen.whole = true;
    by.set(name, seen);
  }
  const out = new Set<string>();
  const open = fields.map((f) => f.toLowerCase());
  const done = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    out.add(name);
    const own = by.get(name);
    if (!own || done.has(name)) continue;
    done.add(name);
    if (own.whole) return null;
    open.push(...own.reads);
  }
  return out;
}

/** Whether an expression holds a SELECT of its own. */
const nests = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.some(nests)
    : isTree(value) && (value.class === 'SUBQUERY' || Object.values(value).some(nests));

/**
 * Reads a mapping and judges it; what it must not be is thrown as a Problem about `file`. The session only takes the
 * text apart, nothing of the mapping is run.
 */
export async function readMapping(session: LakeSession, text: string, file: string): Promise<Mapping> {
  const { tree, node } = await parseSelect(session, text, { file }, mappingKinds);
  const seen = nothingSeen();
  walk(node, seen);
  for (const table of seen.tables) if (table !== 'received' && !seen.own.has(table)) seen.forbidden.add(table);
  for (const name of seen.tableFunctions) if (name !== 'unnest') seen.forbidden.add(name);
  if (seen.parameters.size) seen.forbidden.add('?');
  for (const name of await outsideOf(session, seen.functions)) seen.forbidden.add(name);
  if (seen.forbidden.size)
    throw new Problem(mappingKinds.forbidden, { what: [...seen.forbidden].join(', ') }, { file });
  const plain = isPlain(node);
  const list = node.select_list as Tree[];
  // A table's own name as a value is the whole row.
  const readsAll =
    seen.whole || [...seen.own, 'received'].some((name) => seen.reads.has(name) && !plainUse(node, name));
  return {
    text,
    plain,
    sql: await rendered(session, tree, plain ? aliasOf(node) : null),
    careful: plain ? await carefully(session, tree, node) : null,
    reads: seen.reads,
    readsAll,
    behind: (fields) => (plain && !readsAll ? namesBehind(list, fields) : null),
  };
}

const aliasOf = (node: Tree): string => String((node.from_table as Tree).alias || 'received');

/** Whether a table's name only stands before a column's: `r.code`. */
function plainUse(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.every((v) => plainUse(v, name));
  if (!isTree(value)) return true;
  if (value.class === 'COLUMN_REF') {
    const names = value.column_names as string[];
    return names.length > 1 || names[0]!.toLowerCase() !== name;
  }
  return Object.values(value).every((v) => plainUse(v, name));
}

/** Where the answers of a plain SELECT begin in its tree's text: nothing but empty lists stands before them. */
const SELECT_LIST = '"select_list":[';
const HEAD = /^(\{"class":"[A-Z_]+","type":"[A-Z_]+","alias":)("(?:[^"\\]|\\.)*")/;

/**
 * A plain SELECT with each of its named expressions under TRY. The tree is changed as text: its numbers may be greater than
 * JavaScript can hold.
 */
async function carefully(session: LakeSession, tree: string, node: Tree): Promise<Mapping['careful']> {
  const list = node.select_list as Tree[];
  const texts = await session.query<{ item: string }>(
    `SELECT unnest(json_extract($tree::JSON, '$.statements[0].node.select_list[*]'))::VARCHAR AS item`,
    { tree },
  );
  const start = tree.indexOf(SELECT_LIST) + SELECT_LIST.length;
  const whole = texts.map((t) => t.item).join(',');
  if (texts.length !== list.length || !tree.startsWith(whole, start)) return null;
  const tried = new Set<string>();
  const items = texts.map(({ item }, i) => {
    const alias = String(list[i]!.alias ?? '');
    if (alias === '' || list[i]!.class === 'STAR' || list[i]!.class === 'COLUMN_REF') return item;
    tried.add(alias.toLowerCase());
    const own = item.replace(HEAD, '$1"v"');
    return (
      `{"class":"OPERATOR","type":"OPERATOR_TRY","alias":${JSON.stringify(alias)},"query_location":0,"children":[` +
      `{"class":"FUNCTION","type":"FUNCTION","alias":"","query_location":0,"function_name":"struct_pack","schema":"main",` +
      `"children":[${own}],"filter":null,"order_bys":{"type":"ORDER_MODIFIER","orders":[]},"distinct":false,` +
      `"is_operator":false,"export_state":false,"catalog":""}]}`
    );
  });
  // An answer that is made of another one would be made of its struct.
  for (const [i, item] of [...list, ...['where_clause', 'qualify'].map((n) => node[n])].entries()) {
    const seen = nothingSeen();
    walk(item, seen);
    const name = String(list[i]?.alias ?? '').toLowerCase();
    if ([...seen.reads].some((r) => tried.has(r) && r !== name)) return null;
  }
  const own = `${tree.slice(0, start)}${items.join(',')}${tree.slice(start + whole.length)}`;
  return { sql: await rendered(session, own, aliasOf(node)), tried };
}

/** The statement as the engine writes it, with the row's number as its first answer where it can be carried. */
async function rendered(session: LakeSession, tree: string, alias: string | null): Promise<string> {
  let own = tree;
  if (alias !== null) {
    const at = own.indexOf(SELECT_LIST) + SELECT_LIST.length;
    const reference = {
      ...{ class: 'COLUMN_REF', type: 'COLUMN_REF', alias: CARRIED, query_location: 0 },
      column_names: [alias, '_row'],
    };
    own = `${own.slice(0, at)}${JSON.stringify(reference)},${own.slice(at)}`;
  }
  const row = await session.first<{ sql: string }>('SELECT json_deserialize_sql($own::JSON) AS sql', { own });
  return alias === null ? `SELECT *, _row AS ${CARRIED} FROM (${row!.sql})` : row!.sql;
}

/** A column that the mapping reads and `received` has not, told from other faults. */
export const absentColumn = (message: string): string | undefined =>
  /Referenced column "([^"]+)" not found/.exec(message)?.[1];

/**
 * Compiles a mapping against the table `received` of the session, without running it. Throws a Problem about `file` with
 * the line when it does not compile or does not answer every field.
 */
export async function compileMapping(
  session: LakeSession,
  mapping: Mapping,
  fields: readonly string[],
  file: string,
): Promise<void> {
  const described = async (sql: string) => {
    const rows = await session.query<{ column_name: string }>(`DESCRIBE ${sql}`);
    return rows.map((r) => r.column_name.toLowerCase());
  };
  let answered: string[];
  try {
    answered = await described(mapping.text);
    if (!(mapping.plain || answered.includes('_row'))) throw new Problem(mappingKinds.row, {}, { file });
    await described(mapping.sql);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { message } = error as Error;
    const line = /LINE (\d+):/.exec(message)?.[1];
    throw new Problem(
      mappingKinds.compile,
      { message: message.split('\n')[0] },
      { file, ...(line ? { line: Number(line) } : {}) },
    );
  }
  const absent = fields.filter((n) => !answered.includes(n));
  if (absent.length) throw new Problem(mappingKinds.columns, { fields: absent.join(', ') }, { file });
}
