/**
 * Makes in the engine what a plan would publish: temporary table `out` with `_id` 1…n, the columns of the plan and, for the check
 * only, `_entity`. Rows stand in the order of their values, so that their order tells nothing.
 */
import { suppress } from '../credit/index.ts';
import { recordView } from '../libraries/index.ts';
import { ident, type LakeParam, type LakeSession } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { columnOf, filterSql, formatOf, type SharedEntry, sharedEntry, typeOf } from '../sharing/index.ts';
import { named, shownSql } from './generalise.ts';
import { columnType, fieldsOf, fits, GROUPINGS, type OpenField, type Plan, waysOf } from './plan.ts';
import { noData, nothingToCheck, planWrong, unknownEntry } from './problems.ts';

/** Most cells of a counted dataset: what can be protected exactly in seconds. */
export const CELLS = 2_500;
/** One contributor of more than this share of a sum could be reckoned by the next one. */
const DOMINANT = 0.75;

/** What was made. */
export interface Built {
  fields: OpenField[];
  /** Rows before small combinations were left out (or cells of a counted dataset). */
  before: number;
  rows: number;
  leftOut: number;
  /** Of a counted dataset: cells below the least group, and all that are withheld. */
  primary: number;
  withheld: number;
  /** More cells than can be protected: nothing was made. */
  tooMany: number;
}

/** Earlier cells of a counted dataset: by group, what was told; null was withheld. */
export type EarlierCells = ReadonlyMap<string, number | null>;

type Ports = Pick<Deps, 'db' | 'lake'>;

/** The entry of a dataset with its items; a Problem where there is none in force or nothing is collected. */
export function entryToOpen(ports: Ports, id: string): SharedEntry & { source: string } {
  const found = sharedEntry(ports, id);
  if (!found) throw new Problem(unknownEntry, { id });
  const { source } = found.entry;
  if (!source) throw new Problem(noData, { entry: found.entry.title.zh });
  return { ...found, source };
}

/** The columns that a plan has now. */
export const planFields = (ports: Ports, p: Plan, shared: SharedEntry & { source: string }): OpenField[] =>
  fieldsOf(p, shared.items, (item) => typeOf(ports, shared.source, item));

/** Refuses a plan that cannot be made at all, with everything that is wrong with it. */
export function judgePlan(ports: Ports, p: Plan, shared: SharedEntry & { source: string }): void {
  const wrong = (zh: string, en: string, field: string) => new Problem(planWrong, { what: zh, en }, { field });
  if (p.items.length === 0) throw new Problem(nothingToCheck, {}, { field: 'items' });
  const known = new Map(shared.items.map((i) => [i.name, i]));
  const chosen = p.items.map((i) => i.item);
  const faults: Problem[] = [];
  if (new Set(chosen).size !== chosen.length) faults.push(wrong('数据项重复', 'an item is named twice', 'items'));
  for (const i of p.items) {
    const item = known.get(i.item);
    // One that the entry lost is a finding of the check, which says so.
    if (item && !fits(i.as, columnType(typeOf(ports, shared.source, i.item))))
      faults.push(wrong(`“${item.title.zh}”不能这样泛化`, `“${item.title.en}” cannot be shown so`, 'items'));
  }
  for (const q of [...p.quasi, ...p.sensitive])
    if (!chosen.includes(q)) faults.push(wrong(`没有选“${q}”`, `“${q}” is not among the items`, 'quasi'));
  if (p.aggregate) {
    if (p.items.length > GROUPINGS)
      faults.push(wrong(`统计表最多按 ${GROUPINGS} 项分组`, `at most ${GROUPINGS} groupings`, 'items'));
    for (const m of p.aggregate.measures) {
      if (m.kind === 'count') continue;
      const item = known.get(m.item);
      const type = typeOf(ports, shared.source, m.item);
      if (!item || !['integer', 'decimal'].includes(type) || !['public', 'internal'].includes(item.protection))
        faults.push(wrong(`不能合计“${item?.title.zh ?? m.item}”`, `“${m.item}” cannot be summed`, 'aggregate'));
    }
    const names = p.aggregate.measures.map((m) => (m.kind === 'count' ? 'n' : `sum_${m.item}`));
    if (new Set(names).size !== names.length || names.some((n) => chosen.includes(n)))
      faults.push(wrong('指标重复', 'a measure is named twice', 'aggregate'));
  }
  if (faults.length === 1) throw faults[0]!;
  if (faults[0]) throw new Problem(planWrong, { what: `${faults.length} 处` }, undefined, faults);
}

/** Where a plan's rows come from: FROM, WHERE and its parameters. */
function sourceOf(ports: Ports, p: Plan, shared: SharedEntry & { source: string }) {
  const { where, params } = filterSql(p.filter, shared.items, (item) => typeOf(ports, shared.source, item));
  return { from: `v.${ident(recordView(shared.source))} WHERE ${where}`, params };
}

/** Whether the entry's records are in the lake. */
export async function hasRecords(lake: Pick<Deps['lake'], 'first'>, source: string): Promise<boolean> {
  const view = recordView(source);
  return Boolean(
    await lake.first("SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'v' AND view_name = $view", { view }),
  );
}

/** Makes `out`. `quasi` are the items whose small combinations are left out (empty: none); `earlier` what editions told before. */
export async function build(
  s: LakeSession,
  ports: Ports,
  p: Plan,
  shared: SharedEntry & { source: string },
  rules: { k: number; quasi: readonly string[]; earlier: readonly EarlierCells[] },
): Promise<Built> {
  judgePlan(ports, p, shared);
  if (!(await hasRecords(s, shared.source))) throw new Problem(noData, { entry: shared.entry.title.zh });
  const fields = planFields(ports, p, shared);
  for (const name of ['stage', 'out', 'cells']) await s.run(`DROP TABLE IF EXISTS temp.${name}`);
  return p.aggregate ? counted(s, ports, p, shared, fields, rules) : rowByRow(s, ports, p, shared, fields, rules);
}

async function rowByRow(
  s: LakeSession,
  ports: Ports,
  p: Plan,
  shared: SharedEntry & { source: string },
  fields: OpenField[],
  { k, quasi }: { k: number; quasi: readonly string[] },
): Promise<Built> {
  const { from, params } = sourceOf(ports, p, shared);
  const columns = fields.map((f) => {
    const as = p.items.find((i) => i.item === f.name)!.as;
    // Numbers as every reader knows them: 306, not 306.0000.
    const cast = f.type === 'decimal' ? '::DOUBLE' : '';
    return `${shownSql(f.name, as)}${cast} AS ${ident(f.name)}`;
  });
  await s.run(
    `CREATE TEMP TABLE stage AS SELECT entity::BIGINT AS _entity, ${columns.join(', ')} FROM ${from}`,
    params,
  );
  const names = named(fields.map((f) => f.name));
  const before = Number((await s.first<{ n: number }>('SELECT count(*) AS n FROM stage'))!.n);
  let kept = 'stage';
  if (p.leaveOutSmall && quasi.length > 0) {
    const sensitive = p.sensitive.filter((i) => !quasi.includes(i));
    const rich = sensitive.map((i) => ` AND count(DISTINCT ${ident(i)}) + max((${ident(i)} IS NULL)::INT) >= ${p.l}`);
    const groups = `SELECT ${named(quasi)} FROM stage GROUP BY ALL
      HAVING count(DISTINCT coalesce(_entity, -rowid - 1)) >= ${k}${rich.join('')}`;
    const same = quasi.map((q) => `g.${ident(q)} IS NOT DISTINCT FROM stage.${ident(q)}`).join(' AND ');
    kept = `(SELECT stage.* FROM stage WHERE EXISTS (SELECT 1 FROM (${groups}) g WHERE ${same}))`;
  }
  await s.run(
    `CREATE TEMP TABLE out AS SELECT row_number() OVER (ORDER BY ${names}, _entity) AS _id, _entity, ${names} FROM ${kept}`,
  );
  await s.run('DROP TABLE stage');
  const rows = Number((await s.first<{ n: number }>('SELECT count(*) AS n FROM out'))!.n);
  return { fields, before, rows, leftOut: before - rows, primary: 0, withheld: 0, tooMany: 0 };
}

/** The group of a cell as one text. */
export const groupKey = (values: readonly unknown[]): string =>
  JSON.stringify(values.map((v) => (v === null ? null : String(v))));

async function counted(
  s: LakeSession,
  ports: Ports,
  p: Plan,
  shared: SharedEntry & { source: string },
  fields: OpenField[],
  { k, earlier }: { k: number; earlier: readonly EarlierCells[] },
): Promise<Built> {
  const { from, params } = sourceOf(ports, p, shared);
  const dims = fields.filter((f) => f.role === 'item').map((f) => f.name);
  const measures = p.aggregate!.measures;
  const groups = dims.map((d, i) => `${shownSql(d, p.items.find((x) => x.item === d)!.as)} AS g${i}`);
  const sums = measures.flatMap((m, i) =>
    m.kind === 'sum'
      ? [
          `sum(${columnOf(m.item)}::DECIMAL(18,4))::DECIMAL(38,4) AS m${i}`,
          `max(abs(${columnOf(m.item)}::DECIMAL(18,4))) AS x${i}`,
          `sum(abs(${columnOf(m.item)}::DECIMAL(18,4)))::DECIMAL(38,4) AS t${i}`,
        ]
      : [],
  );
  await s.run(
    `CREATE TEMP TABLE cells AS SELECT ${[...groups, 'count(*) AS n', 'count(DISTINCT entity) AS e', ...sums].join(', ')}
     FROM ${from} GROUP BY ALL`,
    params,
  );
  const found = Number((await s.first<{ n: number }>('SELECT count(*) AS n FROM cells'))!.n);
  const empty = { fields, before: found, rows: 0, leftOut: 0, primary: 0, withheld: 0 };
  const types = fields.map((f) => `${ident(f.name)} ${SQL_TYPES[f.type]}`);
  await s.run(`CREATE TEMP TABLE out (_id BIGINT, _entity BIGINT, ${types.join(', ')})`);
  if (found > CELLS) return { ...empty, tooMany: found };
  const rows = await s.query(`SELECT * FROM cells ORDER BY ${dims.map((_, i) => `g${i}`).join(', ') || 'n'}`);
  const members = dims.map((_, i) => distinct(rows.map((r) => r[`g${i}`])));
  const across = members[0] ?? [null];
  const down = members[1] ?? [null];
  if (across.length * down.length > CELLS * 2) return { ...empty, tooMany: across.length * down.length };
  const at = new Map(rows.map((r) => [groupKey(dims.map((_, i) => r[`g${i}`])), r]));
  const cell = (a: unknown, b: unknown) => at.get(groupKey(dims.length === 0 ? [] : dims.length === 1 ? [a] : [a, b]));
  let primary = 0;
  const counts: number[][] = [];
  const moved: boolean[][] = [];
  for (const a of across) {
    const line: number[] = [];
    const marks: boolean[] = [];
    for (const b of down) {
      const r = cell(a, b);
      const n = Number(r?.n ?? 0);
      line.push(n);
      const few = n > 0 && (n < k || Number(r!.e) < k);
      const one =
        n > 0 &&
        measures.some((m, i) => m.kind === 'sum' && Number(r![`x${i}`] ?? 0) > DOMINANT * Number(r![`t${i}`] ?? 0));
      if (few || one) primary++;
      const key = groupKey(dims.length === 0 ? [] : dims.length === 1 ? [a] : [a, b]);
      const small = earlier.some((e) => {
        const before = e.get(key);
        if (before === undefined) return false;
        // What was withheld beside a small cell would give that cell away if it were told now.
        return before === null || (before !== n && Math.abs(before - n) < k);
      });
      marks.push(few || one || small);
    }
    counts.push(line);
    moved.push([...marks, false]);
  }
  moved.push(new Array<boolean>(down.length + 1).fill(false));
  const told = protectCells(counts, k, moved);
  let withheld = 0;
  let id = 0;
  const lines: LakeParam[][] = [];
  for (const [i, a] of across.entries()) {
    for (const [j, b] of down.entries()) {
      const r = cell(a, b);
      const hidden = told[i]![j] === null;
      if (!r && !hidden) continue;
      if (hidden) withheld++;
      const values = measures.map((m, x) =>
        hidden ? null : m.kind === 'count' ? Number(r!.n) : (r![`m${x}`] as string | null),
      );
      const own = (dims.length === 0 ? [] : dims.length === 1 ? [a] : [a, b]) as LakeParam[];
      lines.push([++id, null, ...own, ...values]);
    }
  }
  const marks = (row: readonly LakeParam[], n: number) =>
    `(${row.map((_, i) => (i === 1 ? 'NULL' : `$p${n}_${i}::${i === 0 ? 'BIGINT' : SQL_TYPES[fields[i - 2]!.type]}`)).join(', ')})`;
  for (let from = 0; from < lines.length; from += 200) {
    const part = lines.slice(from, from + 200);
    const given = Object.fromEntries(
      part.flatMap((row, n) => row.flatMap((v, i) => (i === 1 ? [] : [[`p${n}_${i}`, v]]))),
    );
    await s.run(`INSERT INTO out VALUES ${part.map(marks).join(', ')}`, given);
  }
  await s.run('DROP TABLE cells');
  return { fields, before: found, rows: lines.length, leftOut: 0, primary, withheld, tooMany: 0 };
}

/**
 * What may be told of counts when everybody knows all totals: they are not published here, but stand elsewhere. `marks` are places that
 * must not be told whatever their count. Null is withheld.
 */
export function protectCells(counts: number[][], k: number, marks: boolean[][]): (number | null)[][] {
  const across = counts.length;
  const down = counts[0]?.length ?? 0;
  if (across > 1 && down > 1)
    return suppress(counts, k, { rows: counts.map(() => true), columns: counts[0]!.map(() => true) }, marks);
  // One line: what is withheld adds up to a known sum, so each withheld cell may be anything up to it.
  const line = counts.flat();
  const mark = line.map((_, i) => (down > 1 ? marks[0]![i]! : marks[i]![0]!));
  const hide = line.map((n, i) => mark[i]! || (n > 0 && n < k));
  for (;;) {
    const hidden = line.filter((_, i) => hide[i]);
    const sum = hidden.reduce((a, b) => a + b, 0);
    if (hidden.length === 0 || (hidden.length > 1 && sum >= k)) break;
    const open = line.map((n, i) => [n, i] as const).filter(([, i]) => !hide[i]);
    const next = open.sort((a, b) => (a[0] || 1e9) - (b[0] || 1e9))[0];
    if (!next) break;
    hide[next[1]] = true;
  }
  const told = line.map((n, i) => (hide[i] ? null : n));
  return down > 1 ? [told] : told.map((n) => [n]);
}

/** The engine's types of columns. */
export const SQL_TYPES: Readonly<Record<OpenField['type'], string>> = {
  ...{ text: 'VARCHAR', integer: 'BIGINT', decimal: 'DOUBLE', date: 'DATE', boolean: 'BOOLEAN' },
};

const distinct = (values: readonly unknown[]): unknown[] => {
  const seen = new Map(values.map((v) => [groupKey([v]), v]));
  return [...seen.values()];
};

/** Items that the hub would judge uniqueness by: what describes somebody and is not about the thing alone. */
export function suggestedQuasi(ports: Ports, p: Plan, shared: SharedEntry & { source: string }): string[] {
  if (p.aggregate) return [];
  return p.items
    .filter(({ item, as }) => {
      const known = shared.items.find((i) => i.name === item);
      if (!known || as.kind === 'present') return false;
      const type = columnType(typeOf(ports, shared.source, item));
      if (known.key) return false;
      // Days and places are known of people: calling them what must not be learned does not hide them.
      const telltale = type === 'date' || ['address', 'division'].includes(formatOf(ports, shared.source, item) ?? '');
      if (p.sensitive.includes(item) && !telltale) return false;
      // What is personal stays telling after it was generalised; dates, places and kinds describe whoever the row is about.
      return known.protection !== 'public' || type !== 'decimal';
    })
    .map((i) => i.item);
}

export { waysOf };
