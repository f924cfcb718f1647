/**
 * What the passing of days can change. Declared SQL knows the day as `$day`; this finds, out of the engine's own tree of the
 * statement, where the day matters:
 *
 * - a comparison of a row's columns with the day (`day > $day - INTERVAL 12 MONTH`, `val_to >= $day`), directly over one
 *   published view: what it answers of an enterprise differs between two days only if one of its rows stands on another
 *   side of such a comparison, and those rows can be asked for;
 * - the day anywhere else (`year($day)`): nothing differs while these expressions have the same value on both days, and
 *   everybody's answer may differ otherwise.
 */
import type { LakeSession } from '../../platform/lake/index.ts';

/** The day that stands for `$day` in a tree. */
const MARK = '1111-11-11';
const MARKED = `CAST('${MARK}' AS DATE)`;

/** Rows of a view that stand on another side of one of `conditions`; the day is written as {@link MARKED}. */
export interface Flip {
  /** Name of the view without its schema. */
  view: string;
  alias: string;
  /** `dayOnly`: looks at the record's day only, so that no payload has to be read. */
  conditions: { text: string; dayOnly: boolean }[];
}

/** Where a statement depends on the day. */
export interface Moves {
  flips: Flip[];
  /** Expressions of the day outside of such comparisons. */
  loose: string[];
  /** What it reads or asks cannot be followed: everybody's answer may be another on any day. */
  always: boolean;
}

type Tree = Record<string, unknown>;
type Asking = Pick<LakeSession, 'first' | 'query'>;

/** Functions that answer of one row what they are given. Anything else may be an aggregate. */
const SCALAR = new Set('date_trunc coalesce year month day quarter lower upper trim left right abs - + * /'.split(' '));
const EXPRESSIONS = ['COLUMN_REF', 'CONSTANT', 'CAST', 'FUNCTION', 'OPERATOR', 'COMPARISON', 'BETWEEN'];
/** Answers of these are another every time. */
const RESTLESS = /\b(current_date|current_timestamp|now|today|random|uuid|getdate)\b/i;
/** Views whose rows are an enterprise's own, so that a mark of them tells that nothing has changed. */
export const OWN_VIEWS = /^(record_\w+|legal_person|legal_person_relation)_v1$/;

/** Analyses a declared statement; it is known to be one SELECT over published views. */
export async function movesOf(s: Asking, sql: string): Promise<Moves> {
  const marked = sql.replace(/;\s*$/, '').replaceAll('$day', `DATE '${MARK}'`);
  const statement = await parse(s, marked);
  const found = { flips: [] as { from: Tree; conditions: Tree[] }[], loose: [] as Tree[], always: RESTLESS.test(sql) };
  for (const node of all(statement).filter((n) => n.type === 'SELECT_NODE')) {
    const from = node.from_table as Tree | undefined;
    const own = from?.type === 'BASE_TABLE' && from.schema_name === 'v' && OWN_VIEWS.test(String(from.table_name));
    const conditions: Tree[] = [];
    // What stands below in another SELECT is looked at with that one.
    const visit = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      const expression = value as Tree;
      if (expression.type === 'SELECT_NODE') return;
      if (isExpression(expression) && hasMark(expression)) {
        if (own && (expression.class === 'COMPARISON' || expression.class === 'BETWEEN') && isOfRow(expression)) {
          conditions.push(expression);
          return;
        }
        if (isConstant(expression)) {
          found.loose.push(expression);
          return;
        }
      }
      for (const child of Object.values(expression)) visit(child);
    };
    for (const [key, part] of Object.entries(node)) if (key !== 'cte_map' && key !== 'from_table') visit(part);
    visit(from);
    if (conditions.length > 0) found.flips.push({ from: from!, conditions });
  }
  for (const n of all(statement)) {
    if (n.type === 'BASE_TABLE' && n.schema_name === 'v' && !OWN_VIEWS.test(String(n.table_name))) found.always = true;
  }
  const flips: Flip[] = [];
  for (const { from, conditions } of found.flips) {
    const flip: Flip = { view: String(from.table_name), alias: String(from.alias || from.table_name), conditions: [] };
    // One after the other: they share one connection.
    for (const c of conditions) {
      const dayOnly = all(c).every((n) => n.class !== 'COLUMN_REF' || isDay(n));
      flip.conditions.push({ text: await textOf(s, c), dayOnly });
    }
    // A name that only this SELECT's own list gives (an alias) cannot be asked of the view.
    const bound = await s.query(`DESCRIBE ${flipSql(flip, `v.${flip.view}`, MARK, MARK)}`).catch(() => null);
    if (bound) flips.push(flip);
    else found.always = true;
  }
  const loose: string[] = [];
  for (const expression of found.loose) loose.push(await textOf(s, expression));
  return { flips, loose: [...new Set(loose)], always: found.always };
}

/** The text of a condition with a day in its place. */
const on = (text: string, day: string): string => text.replaceAll(MARKED, `DATE '${day}'`);

/** Enterprises of which a row stands on another side of a comparison on one day than on the other. */
export function flipSql(flip: Flip, from: string, one: string, other: string): string {
  return `SELECT entity FROM ${from} AS "${flip.alias}" WHERE ${flipCondition(flip, one, other)}`;
}

/** The condition of {@link flipSql} alone. */
export function flipCondition(flip: Flip, one: string, other: string): string {
  return flip.conditions.map((c) => `((${on(c.text, one)}) IS DISTINCT FROM (${on(c.text, other)}))`).join(' OR ');
}

/** Whether everybody's answer may differ between two days for another reason than the rows of `flips`. */
export async function movesAll(s: Asking, moves: Moves, one: string, other: string): Promise<boolean> {
  if (moves.always) return true;
  if (one === other || moves.loose.length === 0) return false;
  const same = moves.loose.map((e) => `(${on(e, one)}) IS NOT DISTINCT FROM (${on(e, other)})`).join(' AND ');
  const row = await s.first<{ same: boolean }>(`SELECT ${same} AS same`);
  return !row!.same;
}

async function parse(s: Asking, sql: string): Promise<Tree> {
  const row = await s.first<{ tree: string }>('SELECT json_serialize_sql($sql::VARCHAR)::VARCHAR AS tree', { sql });
  // Places in the text are beyond what a number holds here and mean nothing out of it.
  return JSON.parse(row!.tree, (key, value) => (key === 'query_location' ? 0 : value)) as Tree;
}

async function textOf(s: Asking, expression: Tree): Promise<string> {
  const shell = await parse(s, 'SELECT 1');
  const node = ((shell.statements as Tree[])[0] as { node: Tree }).node;
  node.select_list = [{ ...expression, alias: '' }];
  const row = await s.first<{ text: string }>('SELECT json_deserialize_sql($tree::VARCHAR::JSON) AS text', {
    tree: JSON.stringify(shell),
  });
  return row!.text.replace(/^SELECT\s+/, '').replace(/;\s*$/, '');
}

/** Every object of a tree. */
function all(tree: unknown, into: Tree[] = []): Tree[] {
  if (tree === null || typeof tree !== 'object') return into;
  if (!Array.isArray(tree)) into.push(tree as Tree);
  for (const value of Object.values(tree)) all(value, into);
  return into;
}

const isExpression = (n: Tree): boolean => typeof n.class === 'string';
const hasMark = (n: Tree): boolean => all(n).some((x) => x.class === 'CONSTANT' && (x.value as Tree)?.value === MARK);
const isConstant = (n: Tree): boolean =>
  all(n).every((x) => !isExpression(x) || (EXPRESSIONS.includes(String(x.class)) && x.class !== 'COLUMN_REF'));
const isOfRow = (n: Tree): boolean =>
  all(n).every(
    (x) =>
      !isExpression(x) ||
      (EXPRESSIONS.includes(String(x.class)) &&
        (x.class !== 'FUNCTION' || SCALAR.has(String(x.function_name)) || isConstant(x))),
  );
const isDay = (n: Tree): boolean => String(n.column_names) === 'day';
