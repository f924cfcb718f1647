import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DuckDBEngine,
  type Evaluation,
  type Explanation,
  evaluate,
  explain,
  type Linkage,
  LinkageError,
  type RecordRef,
  report,
  tableName,
} from '@jingwei/linkage';
import type { ProblemView } from '../output.ts';

/** A mistake of the model or the data as a problem: the first one's code, and every one with its place where there are several. */
export function problemOf(error: LinkageError): ProblemView {
  const view = (m: LinkageError['mistakes'][number]): ProblemView => ({
    code: m.code,
    title: { zh: m.zh, en: m.en },
    ...(m.place ? { place: m.place } : {}),
  });
  const [first, ...more] = error.mistakes;
  return { ...view(first!), ...(more.length > 0 ? { details: error.mistakes.map(view) } : {}) };
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** A record named on the command line: `id`, or `table:id` where the model has several tables. */
export function refOf(l: Linkage, text: string): RecordRef {
  const table = l.model.tables.find((t) => l.model.tables.length > 1 && text.startsWith(`${t.name}:`));
  return table ? { table: table.name, id: text.slice(table.name.length + 1) } : { id: text };
}

/** Measures against a file of truth: columns id, entity, and table where the model has several. */
export async function evaluateFile(l: Linkage, engine: DuckDBEngine, path: string): Promise<Evaluation> {
  const relation = await engine.file({ path });
  const names = (await engine.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${relation}`)).map(
    (r) => r.column_name,
  );
  const several = l.model.tables.length > 1;
  for (const column of ['id', 'entity', ...(several ? ['table'] : [])]) {
    if (names.includes(column)) continue;
    throw new LinkageError({
      code: 'linkage.truth',
      zh: `真值文件缺少列“${column}”`,
      en: `the file of truth has no column '${column}' (it has ${names.join(', ')})`,
      place: { file: path, column },
    });
  }
  const src = l.model.tables.map((t, i) => `WHEN ${quoted(t.name)} THEN ${i}`).join(' ');
  const table = several ? `, CASE "table" ${src} END AS src` : '';
  return evaluate(l, `(SELECT id AS uid, entity${table} FROM ${relation})`);
}

/** The pairs to explain: those asked for, else those nearest to even odds. */
export async function explanationsOf(l: Linkage, asked: readonly string[]): Promise<Explanation[]> {
  const s = l.schema;
  const out: Explanation[] = [];
  for (const pair of asked) {
    const sides = pair.split(',').map((x) => x.trim());
    if (sides.length !== 2 || sides.some((x) => x === '')) {
      throw new LinkageError({
        code: 'linkage.explain-pair',
        zh: `应为两条记录的标识，以逗号分开：${pair}`,
        en: `must be the ids of two records with a comma between them: ${pair}`,
      });
    }
    out.push(await explain(l, refOf(l, sides[0]!), refOf(l, sides[1]!)));
  }
  if (asked.length > 0) return out;
  const near = await l.engine.rows<{ l: string; lt: number; r: string; rt: number }>(
    `SELECT a.uid AS l, a.src AS lt, b.uid AS r, b.src AS rt FROM (SELECT * FROM ${s}.scored ORDER BY abs(w), l, r LIMIT 6) AS x JOIN ${s}.rec AS a ON a.rid = x.l JOIN ${s}.rec AS b ON b.rid = x.r ORDER BY abs(x.w), a.tie, b.tie`,
  );
  const ref = (id: string, t: number) => ({
    id,
    ...(l.model.tables.length > 1 ? { table: l.model.tables[t]!.name } : {}),
  });
  for (const n of near) out.push(await explain(l, ref(n.l, n.lt), ref(n.r, n.rt)));
  return out;
}

/** Writes clusters.csv, pairs.csv, history.csv (of this run), parameters.json and report.html. */
export async function writeAnswer(
  l: Linkage,
  folder: string,
  more: { explanations: readonly Explanation[]; evaluation?: Evaluation },
): Promise<void> {
  const { engine, schema: s, model } = l;
  mkdirSync(folder, { recursive: true });
  const copy = (sql: string, name: string) => engine.run(`COPY (${sql}) TO ${quoted(join(folder, name))} (HEADER)`);
  const table = (r: string) => tableName(model, `${r}.src`);
  await copy(
    `SELECT ${tableName(model, 'src')} AS "table", uid AS id, cluster FROM ${s}.clusters ORDER BY cluster, src, uid`,
    'clusters.csv',
  );
  await copy(
    `SELECT ${table('a')} AS left_table, a.uid AS left_id, ${table('b')} AS right_table, b.uid AS right_id, round(x.w, 4) AS bits, 1 / (1 + power(2, -x.w)) AS probability FROM ${s}.scored AS x JOIN ${s}.rec AS a ON a.rid = x.l JOIN ${s}.rec AS b ON b.rid = x.r WHERE x.w >= -5 ORDER BY x.w DESC, a.uid, b.uid`,
    'pairs.csv',
  );
  await copy(
    `SELECT run, moment AS at, cause, event, cluster, other, records, ${tableName(model, 'l_src')} AS left_table, l_uid AS left_id, ${tableName(model, 'r_src')} AS right_table, r_uid AS right_id, round(bits, 4) AS bits FROM ${s}.history WHERE run = (SELECT max(run) FROM ${s}.history) ORDER BY event, cluster, other`,
    'history.csv',
  );
  writeFileSync(join(folder, 'parameters.json'), JSON.stringify(l.parameters));
  writeFileSync(join(folder, 'report.html'), report(l, more));
}
