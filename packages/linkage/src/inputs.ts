/** Where the rows of a model's tables come from. */
import { ident } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { fail } from './errors.ts';
import type { ColumnModel, Model } from './model.ts';

/** Where a table's rows come from, as SQL with its column names. */
export interface Input {
  name: string;
  sql: string;
  columns: string[];
  id: string;
}

/** Finds the tables of a model; `given` overrides relations by table name. */
export async function inputs(p: Pipeline, model: Model): Promise<Input[]> {
  const out: Input[] = [];
  for (const table of model.tables) {
    if (!table.path && !table.relation)
      fail('no-data', `表 ${table.name} 没有数据`, `table ${table.name} has neither path nor relation`, {
        table: table.name,
      });
    const sql = table.path
      ? await p.engine.file({ path: table.path, ...(table.delimiter ? { delimiter: table.delimiter } : {}) })
      : table.relation!;
    const rows = await p.rows<{ column_name: string }>(`columns of ${table.name}`, `DESCRIBE SELECT * FROM ${sql}`);
    const columns = rows.map((r) => r.column_name);
    const id = table.id ?? model.id;
    if (!columns.includes(id)) {
      fail(
        'no-id',
        `表 ${table.name} 没有标识列“${id}”`,
        `table ${table.name} has no id column '${id}' (it has ${columns.join(', ')})`,
        { table: table.name, column: id },
      );
    }
    out.push({ name: table.name, sql, columns, id });
  }
  return out;
}

/** The column of a table that a column of the model is read from, as SQL. */
export function rawColumn(input: Input, name: string, column: ColumnModel): string {
  const from = typeof column.from === 'string' ? column.from : (column.from?.[input.name] ?? name);
  if (!input.columns.includes(from)) {
    fail(
      'no-column',
      `表 ${input.name} 没有列“${from}”`,
      `table ${input.name} has no column '${from}' (it has ${input.columns.join(', ')})`,
      { table: input.name, column: from },
    );
  }
  return ident(from);
}
