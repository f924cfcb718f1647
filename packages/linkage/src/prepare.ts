/**
 * Prepares records: one table `rec` with an integer per record, values brought to one form, and what comparisons need beside the value (kind
 * by kind). Column number i of the model becomes `c<i>` (the value), `b<i>` (how frequent it is, by powers of two) and, where its kind asks
 * for it, `t<i>`/`s<i>` (weighted tokens and their sum), `y<i>`/`p<i>`/`n<i>` (pinyin with tone, without, initials), `k<i>`/`h<i>` (trade name and
 * core of a company), `a<i>`/`r<i>` (numbers and road of an address), `l<i>`/`q<i>` (list, and its values in short), `x<i>` (number).
 */
import { companyParts, Reader } from './chinese.ts';
import { type Dialect, ident, literal } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { fail } from './errors.ts';
import { type Input, rawColumn } from './inputs.ts';
import type { ColumnModel, Model } from './model.ts';
import { valuesSql } from './values.ts';

/** A column of the model with its number and what was made of it. */
export interface Prepared {
  name: string;
  index: number;
  model: ColumnModel;
  tokens: boolean;
  sounds: boolean;
  company: boolean;
  address: boolean;
  list: boolean;
  number: boolean;
  values: boolean;
  /** Several values in one cell (former names, several telephones): compared by their best pair, blocked by each. */
  multi: boolean;
}

/** Between the values of one cell in their common form. */
const BETWEEN = '; ';

/** The columns of a model in their order. */
export function preparedColumns(model: Model): Prepared[] {
  return Object.entries(model.columns).map(([name, column], index) => {
    const { kind } = column;
    const chinese = column.chinese ?? false;
    const used = model.comparisons.filter((c) => c.column === name).flatMap((c) => c.levels);
    const wants = (key: string) => used.some((l) => (typeof l === 'string' ? l === key : key in l));
    return {
      name,
      index,
      model: column,
      // Chinese addresses are compared by their elements instead of words.
      tokens: kind === 'text' || ((wants('tokens') || wants('contained')) && !(kind === 'address' && chinese)),
      sounds:
        chinese &&
        (kind === 'name' || kind === 'company' || wants('pinyin') || wants('homophone') || wants('initials')),
      company: kind === 'company' && chinese,
      address: kind === 'address' && chinese,
      list: kind === 'array',
      number: kind === 'number',
      values: wants('values'),
      multi: column.separator !== undefined && kind !== 'array',
    };
  });
}

/**
 * Fills `${schema}.rec0` (values in common form, integer ids from `first`) from the inputs. Ids follow the order of table and id, so that the
 * order of rows in a file changes nothing. Throws where an id is missing or occurs twice.
 */
export async function prepareValues(
  p: Pipeline,
  s: string,
  model: Model,
  ins: readonly Input[],
  first = 0,
): Promise<number> {
  const d = p.engine.dialect;
  const cols = preparedColumns(model);
  const tables = model.tables.map((t) => t.name);
  const parts = ins.map((input) =>
    valuesSql(
      d,
      input.sql,
      [
        [String(tables.indexOf(input.name)), 'src'],
        [`CAST(${ident(input.id)} AS VARCHAR)`, 'uid'],
      ],
      cols.map((c) => ({
        sql: rawColumn(input, c.name, c.model),
        name: `c${c.index}`,
        ...(c.multi ? {} : { column: c.model }),
      })),
    ),
  );
  await p.run(
    'values in common form',
    `CREATE OR REPLACE TABLE ${s}.rec0 AS SELECT CAST(row_number() OVER (ORDER BY src, uid) + ${first - 1} AS INTEGER) AS rid, ${d.hash52('src', 'uid')} AS tie, * FROM (${parts.join(' UNION ALL ')})`,
  );
  for (const c of cols) if (c.multi) await severalValues(p, s, cols, c);
  const bad = await p.rows<{ src: number; uid: string | null; n: number }>(
    'ids given once',
    `SELECT src, uid, count(*) AS n FROM ${s}.rec0 GROUP BY src, uid HAVING count(*) > 1 OR uid IS NULL ORDER BY n DESC, uid LIMIT 1`,
  );
  if (bad[0]) {
    const { src, uid, n } = bad[0];
    if (uid === null)
      fail('missing-id', `表 ${tables[src]} 有 ${n} 行没有标识`, `${n} rows of ${tables[src]} have no id`, {
        table: tables[src]!,
      });
    fail(
      'duplicate-id',
      `表 ${tables[src]} 的标识“${uid}”出现 ${n} 次`,
      `id '${uid}' occurs ${n} times in ${tables[src]}`,
      { table: tables[src]!, record: uid },
    );
  }
  const { n } = await p.one<{ n: number }>('number of records', `SELECT count(*) AS n FROM ${s}.rec0`);
  return n;
}

/** Brings each value of a column of several into its common form: in their order, once each, `;` between them. */
async function severalValues(p: Pipeline, s: string, cols: readonly Prepared[], c: Prepared): Promise<void> {
  const d = p.engine.dialect;
  const parts = `(SELECT rid, ${d.unnest(d.split(`c${c.index}`, c.model.separator!))} AS w FROM ${s}.rec0 WHERE c${c.index} IS NOT NULL)`;
  const each = valuesSql(d, parts, [['rid', 'rid']], [{ sql: 'w', name: 'v', column: c.model }]);
  await p.run(
    `values of ${c.name}, several in a cell`,
    `CREATE OR REPLACE TABLE ${s}.several AS SELECT rid, ${d.joined(d.listOf('v'), BETWEEN)} AS v FROM (SELECT DISTINCT rid, v FROM (${each}) WHERE v IS NOT NULL) GROUP BY rid`,
  );
  const columns = cols.map((x) => (x === c ? `m.v AS c${x.index}` : `r.c${x.index}`)).join(', ');
  await p.run(
    `records with values of ${c.name}`,
    `CREATE OR REPLACE TABLE ${s}.rec0 AS SELECT r.rid, r.tie, r.src, r.uid, ${columns} FROM ${s}.rec0 AS r LEFT JOIN ${s}.several AS m ON m.rid = r.rid`,
  );
  await p.run(`drop values of ${c.name}`, `DROP TABLE ${s}.several`);
}

/** SQL of a column's single values with their records (rid, v). */
function singleValues(d: Dialect, s: string, c: Prepared): string {
  const v = c.multi ? d.unnest(d.split(`c${c.index}`, BETWEEN)) : `c${c.index}`;
  return `SELECT rid, ${v} AS v FROM ${s}.rec0 WHERE c${c.index} IS NOT NULL`;
}

/** Frequencies of values and tokens, counted once and kept, so that later runs weigh alike (`freq<i>`, `tok<i>`). */
export async function countFrequencies(p: Pipeline, s: string, model: Model): Promise<void> {
  const d = p.engine.dialect;
  for (const c of preparedColumns(model)) {
    const outside = c.model.frequencies;
    if (outside) {
      // Outside frequencies are prepared alike and scaled to the number of records.
      const rows = Object.entries(outside).map(([v, f]) => `(${literal(v)}, ${f})`);
      await p.run(
        `frequencies of ${c.name} from outside`,
        `CREATE OR REPLACE TABLE ${s}.freq${c.index} AS SELECT v, greatest(1, CAST(round(sum(f) * (SELECT count(*) FROM ${s}.rec0)) AS BIGINT)) AS n FROM (${valuesSql(d, `(VALUES ${rows.join(', ')}) AS x(w, f)`, [['f', 'f']], [{ sql: 'w', name: 'v', column: c.model }])}) GROUP BY v`,
      );
    } else {
      await p.run(
        `frequencies of ${c.name}`,
        `CREATE OR REPLACE TABLE ${s}.freq${c.index} AS SELECT v, count(*) AS n FROM (${singleValues(d, s, c)}) GROUP BY v HAVING count(*) > 1`,
      );
    }
    if (c.tokens) {
      await p.run(
        `frequencies of words of ${c.name}`,
        `CREATE OR REPLACE TABLE ${s}.tok${c.index} AS SELECT w, count(*) AS n FROM (SELECT ${d.unnest(wordsOf(d, c))} AS w FROM ${s}.rec0 WHERE c${c.index} IS NOT NULL) GROUP BY w HAVING count(*) > 1`,
      );
    }
  }
}

/** Words of a value; Chinese text has none, so its pairs of neighbouring characters stand for them. */
export function wordsOf(d: Dialect, c: Prepared): string {
  return c.model.chinese ? d.grams(`c${c.index}`, 2) : d.words(`c${c.index}`);
}

/** Letters of the fields that a column has in `rec`. */
function fieldsOf(c: Prepared): string[] {
  return [
    'c',
    'b',
    ...(c.sounds || c.company ? ['y', 'p', 'n'] : []),
    ...(c.company ? ['k', 'h'] : []),
    ...(c.address ? ['a', 'r'] : []),
    ...(c.list ? ['l'] : []),
    ...(c.number ? ['x'] : []),
    ...(c.tokens ? ['t', 's'] : []),
  ];
}

/** The relation of records with the fields of these columns, where a column of several values has a row for each. */
export function exploded(d: Dialect, rec: string, columns: readonly Prepared[]): string {
  let sql = rec;
  const open = new Set(columns.filter((c) => c.multi));
  for (const c of columns) {
    if (!c.multi) continue;
    const fields = columns.flatMap((x) =>
      fieldsOf(x).map((f) => {
        if (x === c) return `${d.unnest(`m${f}${x.index}`)} AS ${f}${x.index}`;
        return open.has(x) ? `m${f}${x.index}` : `${f}${x.index}`;
      }),
    );
    open.delete(c);
    sql = `(SELECT rid, src, tie, ${fields.join(', ')} FROM ${sql})`;
  }
  return sql;
}

/** Values read at a time: what is not in the database is in this process' memory. */
const BATCH = 200_000;

/** Reads the distinct Chinese values once, some at a time, and stores how they sound or what their parts are in `han<i>`. */
async function distinctParts(p: Pipeline, s: string, c: Prepared): Promise<string> {
  const table = `${s}.han${c.index}`;
  const fields = ['y', 'p', 'n', ...(c.company ? ['k', 'h'] : [])];
  await p.run(
    `distinct values of ${c.name}`,
    `CREATE OR REPLACE TABLE ${s}.distinct_values AS SELECT v, row_number() OVER () AS n FROM (${singleValues(p.engine.dialect, s, c)}) GROUP BY v`,
  );
  await p.run(
    `parts of ${c.name}`,
    `CREATE OR REPLACE TABLE ${table} (v VARCHAR, ${fields.map((f) => `${f} VARCHAR`).join(', ')})`,
  );
  const { n } = await p.one<{ n: number }>(
    `number of values of ${c.name}`,
    `SELECT count(*) AS n FROM ${s}.distinct_values`,
  );
  const reader = new Reader();
  for (let from = 0; from < n; from += BATCH) {
    const values = (
      await p.rows<{ v: string }>(
        `values of ${c.name}`,
        `SELECT v FROM ${s}.distinct_values WHERE n > ${from} AND n <= ${from + BATCH}`,
      )
    ).map((r) => r.v);
    const columns: Record<string, string[]> = { y: [], p: [], n: [], k: [], h: [] };
    await p.time(`parts of ${c.name}`, '', async () => {
      for (const v of values) {
        const parts = c.company ? companyParts(v, c.model.home) : undefined;
        const sound = parts ? reader.sound(parts.core, false) : reader.sound(v, c.model.kind === 'name');
        columns.y!.push(sound.tone);
        columns.p!.push(sound.plain);
        columns.n!.push(sound.initials);
        columns.k!.push(parts?.trade ?? '');
        columns.h!.push(parts?.core ?? '');
      }
      await p.engine.create(`${s}.batch`, [
        { name: 'v', type: 'VARCHAR', values },
        ...fields.map((f) => ({ name: f, type: 'VARCHAR' as const, values: columns[f]! })),
      ]);
    });
    await p.run(`parts of ${c.name}`, `INSERT INTO ${table} SELECT * FROM ${s}.batch`);
  }
  await p.run('drop values', `DROP TABLE ${s}.distinct_values`);
  await p.run('drop values', `DROP TABLE IF EXISTS ${s}.batch`);
  return table;
}

/** A column with more different values than this has no weights by pairs of values. */
const USUAL = 16;

/** Usual values of the columns that compare by pairs of values, by column number; none where there are too many. */
export async function usualValues(p: Pipeline, s: string, model: Model): Promise<string[][]> {
  const out: string[][] = [];
  for (const c of preparedColumns(model)) {
    out.push([]);
    if (!c.values) continue;
    const rows = await p.rows<{ v: string; n: number }>(
      `values of ${c.name}`,
      `SELECT v, n FROM ${s}.freq${c.index} WHERE n >= 5 ORDER BY n DESC, v LIMIT ${USUAL * 4}`,
    );
    const total = rows.reduce((a, r) => a + r.n, 0);
    const usual = rows.filter((r) => r.n >= 0.002 * total).map((r) => r.v);
    if (usual.length <= USUAL) out[c.index] = usual.slice(0, 12);
  }
  return out;
}

/** The greatest frequency class; class b holds values of 2^b to 2^(b+1)-1 records. */
export const CLASSES = 24;

/**
 * SQL of the frequency class of a value. Who agrees makes two: a value that was rare or unknown where frequencies were counted is one of two records when
 * another comes.
 */
function classSql(d: Dialect, c: Prepared, value: string, n: string): string {
  const known = c.model.frequencies ? `coalesce(${n}, 1)` : `greatest(coalesce(${n}, 1), 2)`;
  return `CAST(CASE WHEN ${value} IS NOT NULL THEN least(${CLASSES - 1}, floor(${d.log2(known)} + 0.0000001)) END AS TINYINT)`;
}

/** Fills `several<i>`: by record the lists of a column's values and of what comparisons need beside them, in one order, and the greatest class. */
async function severalRecords(p: Pipeline, s: string, c: Prepared): Promise<void> {
  const d = p.engine.dialect;
  const han = c.sounds || c.company ? await distinctParts(p, s, c) : undefined;
  const beside = fieldsOf(c).filter((f) => f !== 'c' && f !== 'b');
  const lists = [...beside.map((f) => d.listBy(`h.${f}`, 'x.v'))].map((sql, k) => `, ${sql} AS ${beside[k]}`).join('');
  const b = classSql(d, c, 'x.v', 'f.n');
  await p.run(
    `records with several values of ${c.name}`,
    `CREATE OR REPLACE TABLE ${s}.several${c.index} AS SELECT x.rid, ${d.listBy('x.v', 'x.v')} AS c, ${d.listBy(b, 'x.v')} AS b, max(${b}) AS top${lists} FROM (${singleValues(d, s, c)}) AS x LEFT JOIN ${s}.freq${c.index} AS f ON f.v = x.v ${han ? `LEFT JOIN ${han} AS h ON h.v = x.v` : ''} GROUP BY x.rid`,
  );
}

/** Makes `${s}.${target}` out of `rec0`: values, frequency classes and what comparisons need beside them. */
export async function prepareRecords(
  p: Pipeline,
  s: string,
  model: Model,
  total: number,
  usual: readonly (readonly string[])[],
  target = 'rec',
): Promise<void> {
  const d = p.engine.dialect;
  const select: string[] = ['r.rid', 'r.src', 'r.uid', 'r.tie'];
  const joins: string[] = [];
  for (const c of preparedColumns(model)) {
    const i = c.index;
    select.push(`r.c${i}`);
    if (c.multi) {
      await severalRecords(p, s, c);
      select.push(`m${i}.top AS b${i}`, ...fieldsOf(c).map((f) => `m${i}.${f} AS m${f}${i}`));
      joins.push(`LEFT JOIN ${s}.several${i} AS m${i} ON m${i}.rid = r.rid`);
      continue;
    }
    select.push(`${classSql(d, c, `r.c${i}`, `f${i}.n`)} AS b${i}`);
    joins.push(`LEFT JOIN ${s}.freq${i} AS f${i} ON f${i}.v = r.c${i}`);
    if (c.sounds || c.company) {
      const table = await distinctParts(p, s, c);
      joins.push(`LEFT JOIN ${table} AS h${i} ON h${i}.v = r.c${i}`);
      for (const k of ['y', 'p', 'n', ...(c.company ? ['k', 'h'] : [])]) select.push(`h${i}.${k} AS ${k}${i}`);
    }
    if (c.tokens) {
      const weight = `CAST(greatest(1, least(255, round(8 * ${d.log2(`${total}.0 / coalesce(k.n, 1)`)}))) AS BIGINT)`;
      await p.run(
        `weighted words of ${c.name}`,
        `CREATE OR REPLACE TABLE ${s}.words${i} AS SELECT rid, ${d.listOf('t')} AS t, CAST(sum(${d.bitAnd('t', '255')}) AS INTEGER) AS s FROM (
           SELECT x.rid, (${d.bitAnd(d.hash52('x.w'), '34359738367')} * 256 + ${weight}) AS t FROM (SELECT rid, ${d.unnest(wordsOf(d, c))} AS w FROM ${s}.rec0 WHERE c${i} IS NOT NULL) AS x LEFT JOIN ${s}.tok${i} AS k ON k.w = x.w
         ) GROUP BY rid`,
      );
      joins.push(`LEFT JOIN ${s}.words${i} AS w${i} ON w${i}.rid = r.rid`);
      select.push(`w${i}.t AS t${i}`, `w${i}.s AS s${i}`);
    }
    if (c.address) {
      select.push(`trim(${d.replaceAll(`r.c${i}`, '[^0-9a-zA-Z]+', ' ')}) AS a${i}`);
      const local = `CASE WHEN r.c${i} LIKE '%省%' OR r.c${i} LIKE '%自治区%' THEN ${d.replaceAll(`r.c${i}`, '^.{2,8}?(省|自治区)', '')} ELSE r.c${i} END`;
      select.push(`${d.replaceAll(local, '[0-9a-zA-Z]+(号楼|号院|号|弄|栋|幢|单元|座|室|层|楼)?', '')} AS r${i}`);
    }
    if (usual[i]!.length > 0) {
      select.push(
        `CAST(CASE r.c${i} ${usual[i]!.map((v, k) => `WHEN ${literal(v)} THEN ${k + 1}`).join(' ')} END AS SMALLINT) AS v${i}`,
      );
    }
    if (c.list) {
      const list = d.split(`r.c${i}`, c.model.separator ?? ';');
      select.push(`${list} AS l${i}`, `${d.abbreviated(list)} AS q${i}`);
    }
    if (c.number) select.push(`${d.tryDouble(`r.c${i}`)} AS x${i}`);
  }
  await p.run(
    'records with frequency classes',
    `CREATE OR REPLACE TABLE ${s}.${target} AS SELECT ${select.join(', ')} FROM ${s}.rec0 AS r ${joins.join(' ')}`,
  );
}
