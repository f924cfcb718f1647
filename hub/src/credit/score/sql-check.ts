/**
 * What declared SQL may do: one SELECT over published views `v.*` and its own common table expressions. The engine's own
 * parser answers the tree, so nothing is guessed from the text.
 */
import type { LakeSession } from '../../platform/lake/index.ts';
import { type Place, Problem } from '../../platform/problem.ts';
import { sqlColumns, sqlForeign, sqlInvalid } from './problems.ts';

/** Table functions that read nothing. */
const HARMLESS = new Set(['unnest', 'range', 'generate_series']);

/** Puts the scored day in the place of `$day`. The day is checked, so that nothing else can come in. */
export function withDay(sql: string, day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`not a day: ${day}`);
  return sql.replaceAll('$day', `DATE '${day}'`);
}

/** The published views that a statement reads, without `v.`; problems are thrown with the place. */
export async function viewsRead(s: Pick<LakeSession, 'first'>, sql: string, place: Place): Promise<Set<string>> {
  const row = await s.first<{ tree: string }>('SELECT json_serialize_sql($sql::VARCHAR)::VARCHAR AS tree', {
    sql: withDay(sql, '2000-01-01'),
  });
  const tree = JSON.parse(row!.tree) as {
    error: boolean;
    error_message?: string;
    position?: string;
    statements?: unknown[];
  };
  if (tree.error) {
    const at = Number(tree.position);
    const line = Number.isFinite(at) ? withDay(sql, '2000-01-01').slice(0, at).split('\n').length : 1;
    throw new Problem(sqlInvalid, { message: tree.error_message ?? '' }, { ...place, line });
  }
  if (tree.statements?.length !== 1) throw new Problem(sqlInvalid, { message: 'one SELECT' }, place);
  const names = new Set<string>();
  collect(tree.statements, (key, value) => {
    if (key === 'cte_map') for (const { key: name } of (value as { map: { key: string }[] }).map) names.add(name);
  });
  const found = new Set<string>();
  collect(tree.statements, (_, node) => {
    const n = node as { type?: string; schema_name?: string; catalog_name?: string; table_name?: string };
    if (n?.type === 'BASE_TABLE') {
      const plain = !n.schema_name && !n.catalog_name && names.has(n.table_name!);
      if (!plain && !(n.schema_name === 'v' && !n.catalog_name)) {
        throw new Problem(sqlForeign, { name: [n.schema_name, n.table_name].filter(Boolean).join('.') }, place);
      }
      if (!plain) found.add(n.table_name!);
    }
    if (n?.type === 'TABLE_FUNCTION') {
      const name = (node as { function?: { function_name?: string } }).function?.function_name ?? '';
      if (!HARMLESS.has(name)) throw new Problem(sqlForeign, { name: `${name}()` }, place);
    }
  });
  return found;
}

/** Calls `see` with every member of a tree. */
function collect(node: unknown, see: (key: string, value: unknown) => void): void {
  if (node === null || typeof node !== 'object') return;
  for (const [key, value] of Object.entries(node)) {
    see(key, value);
    collect(value, see);
  }
}

/** The columns that a statement answers, found without running it; must be exactly `expected`, in any order. */
export async function checkColumns(
  s: Pick<LakeSession, 'query'>,
  sql: string,
  expected: readonly string[],
  place: Place,
): Promise<void> {
  let columns: string[];
  try {
    const rows = await s.query<{ column_name: string }>(`DESCRIBE ${withDay(sql, '2000-01-01')}`);
    columns = rows.map((r) => r.column_name);
  } catch (error) {
    throw new Problem(sqlInvalid, { message: (error as Error).message.split('\n')[0] }, place);
  }
  if ([...columns].sort().join() !== [...expected].sort().join()) {
    throw new Problem(sqlColumns, { expected: expected.join(', '), found: columns.join(', ') }, place);
  }
}
