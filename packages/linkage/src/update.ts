/** Records that come, change or vanish after a run: compared with the parameters, frequencies and keys of before; only what they touch is grouped anew. */

import { blockNew } from './blocking.ts';
import { literal } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { fail } from './errors.ts';
import { type Constraints, group, linkSql, type Scope, type Sizes } from './groups.ts';
import { inputs } from './inputs.ts';
import { resolveLabels } from './labels.ts';
import type { Linkage } from './linker.ts';
import type { Model, RecordRef, TableModel } from './model.ts';
import { type ClusterEvent, nameClusters } from './names.ts';
import { budgetOf } from './own-keys.ts';
import { fillPlaces, ordersOf } from './places.ts';
import { preparedColumns, prepareRecords, prepareValues } from './prepare.ts';

/** How to read what came. */
export interface UpdateOptions {
  /**
   * True: the tables given are whole, as they are now; their records of before that are not in them have vanished. Otherwise they hold new and
   * changed records only.
   */
  whole?: boolean;
  /** Records that are not there any more. */
  vanished?: readonly RecordRef[];
  /** When this happened, for the history. Default: now. */
  at?: Date;
  /** Takes it as true that more than half of the records of a whole table have vanished; otherwise that is refused (`linkage.many-vanished`). */
  allowManyVanished?: boolean;
}

/** What an update did. */
export interface Updated {
  added: number;
  changed: number;
  vanished: number;
  /** Records given that are as they were. */
  unchanged: number;
  /** Candidate pairs that were compared. */
  compared: number;
  /** How often each event happened to clusters; `history({ last: true })` has them one by one. */
  events: Partial<Record<ClusterEvent['event'], number>>;
  seconds: number;
}

/** Fills `${s}.gone(rid)` with the numbers of records that changed or vanished, and leaves new and changed ones in `rec0`, numbered from `span` on. */
async function sortOut(
  p: Pipeline,
  s: string,
  model: Model,
  tables: readonly TableModel[],
  options: UpdateOptions,
  span: number,
): Promise<{ added: number; changed: number; vanished: number; unchanged: number }> {
  const given =
    tables.length > 0 ? await prepareValues(p, s, model, await inputs(p, { ...model, tables: [...tables] })) : 0;
  const columns = preparedColumns(model).map((c) => `c${c.index}`);
  if (given === 0) {
    await p.run(
      'no record came',
      `CREATE OR REPLACE TABLE ${s}.rec0 AS SELECT rid, tie, src, uid, ${columns.join(', ')} FROM ${s}.rec WHERE FALSE`,
    );
  }
  const same = columns.map((c) => `n.${c} IS NOT DISTINCT FROM r.${c}`).join(' AND ');
  await p.run(
    'records known already',
    `CREATE OR REPLACE TABLE ${s}.known AS SELECT r.rid, n.rid AS given, ${same} AS same FROM ${s}.rec0 AS n JOIN ${s}.rec AS r ON r.src = n.src AND r.uid = n.uid`,
  );
  await p.run('records that changed', `CREATE OR REPLACE TABLE ${s}.gone AS SELECT rid FROM ${s}.known WHERE NOT same`);
  const { known, changed } = await p.one<{ known: number; changed: number }>(
    'number of records that changed',
    `SELECT count(*) AS known, CAST(count(*) FILTER (WHERE NOT same) AS BIGINT) AS changed FROM ${s}.known`,
  );
  let vanished = 0;
  if (options.whole) {
    for (const t of tables) {
      const src = model.tables.findIndex((m) => m.name === t.name);
      const before = await p.one<{ n: number; lost: number }>(
        `records of ${t.name} that are not in it any more`,
        `SELECT count(*) AS n, CAST(count(*) FILTER (WHERE rid NOT IN (SELECT rid FROM ${s}.known)) AS BIGINT) AS lost FROM ${s}.rec WHERE src = ${src}`,
      );
      if (before.lost > before.n / 2 && !options.allowManyVanished) {
        fail(
          'many-vanished',
          `表 ${t.name} 原有 ${before.n} 条记录，其中 ${before.lost} 条不在新文件中：文件是否只含变化？`,
          `${before.lost} of the ${before.n} records of ${t.name} are not in it any more: does it hold changes only?`,
          { table: t.name },
        );
      }
      await p.run(
        'records that vanished',
        `INSERT INTO ${s}.gone SELECT rid FROM ${s}.rec WHERE src = ${src} AND rid NOT IN (SELECT rid FROM ${s}.known)`,
      );
      vanished += before.lost;
    }
  }
  vanished += await named(p, s, model, options.vanished ?? []);
  await p.run(
    'new and changed records',
    `CREATE OR REPLACE TABLE ${s}.came AS SELECT CAST(row_number() OVER (ORDER BY src, uid) + ${span - 1} AS INTEGER) AS rid, tie, src, uid, ${columns.join(', ')} FROM ${s}.rec0 WHERE rid NOT IN (SELECT given FROM ${s}.known WHERE same)`,
  );
  await p.run('drop records as given', `DROP TABLE ${s}.rec0`);
  await p.run('new and changed records', `ALTER TABLE ${s}.came RENAME TO rec0`);
  await p.run('drop known', `DROP TABLE ${s}.known`);
  return { added: given - known, changed, vanished, unchanged: known - changed };
}

/** Adds records that are said to have vanished to `gone`; all that are unknown, or given and said to have vanished at once, are told. */
async function named(p: Pipeline, s: string, model: Model, refs: readonly RecordRef[]): Promise<number> {
  if (refs.length === 0) return 0;
  const several = model.tables.length > 1;
  const src = (r: RecordRef): number => {
    if (r.table === undefined && several)
      fail('vanished-table', `消失的记录“${r.id}”须写明 table`, `vanished record '${r.id}' needs its table`, {
        record: r.id,
      });
    const at = r.table === undefined ? 0 : model.tables.findIndex((t) => t.name === r.table);
    if (at < 0)
      fail('unknown-table', `模型中没有表“${r.table}”`, `the model has no table '${r.table}'`, {
        table: r.table!,
        record: r.id,
      });
    return at;
  };
  const uids = refs.map((r) => r.id);
  await p.engine.create(`${s}.lost`, [
    { name: 'src', type: 'INTEGER', values: refs.map(src) },
    { name: 'uid', type: 'VARCHAR', values: uids },
  ]);
  const wrong = await p.rows<{ uid: string; rid: number | null; n: number }>(
    'vanished records that are unknown or came',
    `SELECT x.uid, max(r.rid) AS rid, count(*) AS n FROM ${s}.lost AS x LEFT JOIN ${s}.rec AS r ON r.src = x.src AND r.uid = x.uid LEFT JOIN ${s}.rec0 AS n ON n.src = x.src AND n.uid = x.uid WHERE r.rid IS NULL OR n.rid IS NOT NULL GROUP BY x.uid ORDER BY x.uid LIMIT 20`,
  );
  if (wrong.length > 0) {
    const ids = wrong.map((w) => w.uid).join(', ');
    fail(
      wrong.some((w) => w.rid === null) ? 'vanished-unknown' : 'vanished-given',
      `消失的记录不存在或同时又被给出：${ids}`,
      `records said to have vanished are unknown, or are given at the same time: ${ids}`,
      { record: wrong[0]!.uid },
    );
  }
  const { n } = await p.one<{ n: number }>(
    'number of vanished records',
    `SELECT count(*) AS n FROM ${s}.rec AS r WHERE EXISTS (SELECT 1 FROM ${s}.lost AS x WHERE x.src = r.src AND x.uid = r.uid) AND rid NOT IN (SELECT rid FROM ${s}.gone)`,
  );
  await p.run(
    'vanished records',
    `INSERT INTO ${s}.gone SELECT rid FROM ${s}.rec AS r WHERE EXISTS (SELECT 1 FROM ${s}.lost AS x WHERE x.src = r.src AND x.uid = r.uid) AND rid NOT IN (SELECT rid FROM ${s}.gone)`,
  );
  await p.run('drop vanished records', `DROP TABLE ${s}.lost`);
  return n;
}

/** The components that hold one of the records of `start`, whole; their scored pairs go into `near`. */
async function reach(p: Pipeline, s: string, start: Iterable<number>, span: number): Promise<Scope> {
  const seen = new Uint8Array(span);
  const rids: number[] = [];
  const [left, right]: [number[], number[]] = [[], []];
  let frontier: number[] = [];
  const add = (rid: number) => {
    if (seen[rid]) return;
    seen[rid] = 1;
    rids.push(rid);
    frontier.push(rid);
  };
  for (const rid of start) add(rid);
  const table = (values: readonly number[]) =>
    p.time('records reached', '', () => p.engine.create(`${s}.reached`, [{ name: 'rid', type: 'INTEGER', values }]));
  while (frontier.length > 0) {
    const values = frontier;
    frontier = [];
    await table(values);
    const side = (at: string) => `SELECT l, r FROM ${s}.links WHERE ${at} IN (SELECT rid FROM ${s}.reached)`;
    const [l, r] = (await p.numbers('links of records reached', `${side('l')} UNION ALL ${side('r')}`)) as [
      Float64Array,
      Float64Array,
    ];
    for (let i = 0; i < l.length; i++) {
      left.push(l[i]!);
      right.push(r[i]!);
      add(l[i]!);
      add(r[i]!);
    }
  }
  await table(rids);
  await p.run(
    'pairs near what is new',
    `CREATE OR REPLACE TABLE ${s}.near AS SELECT * FROM ${s}.scored WHERE l IN (SELECT rid FROM ${s}.reached) AND r IN (SELECT rid FROM ${s}.reached)`,
  );
  await p.run('drop records reached', `DROP TABLE ${s}.reached`);
  return { span, rids: Int32Array.from(rids).sort(), links: { left, right }, scored: `${s}.near` };
}

/** Sizes of clusters after those of a part became others. */
function sizesNow(all: Sizes, was: Sizes, now: Sizes): Sizes {
  const out: Sizes = { ...all };
  for (const [n, clusters] of Object.entries(was)) out[Number(n)] = (out[Number(n)] ?? 0) - clusters;
  for (const [n, clusters] of Object.entries(now)) out[Number(n)] = (out[Number(n)] ?? 0) + clusters;
  return Object.fromEntries(Object.entries(out).filter(([, clusters]) => clusters !== 0));
}

/** See `Linkage.update`. */
export async function update(l: Linkage, tables: readonly TableModel[], options: UpdateOptions): Promise<Updated> {
  const { pipeline: p, schema: s, model } = l;
  const start = performance.now();
  const at = options.at ?? l.now();
  for (const t of tables) {
    if (!model.tables.some((m) => m.name === t.name))
      fail('unknown-table', `模型中没有表“${t.name}”`, `the model has no table '${t.name}'`, { table: t.name });
  }
  p.phase('prepare');
  const before = (await p.one<{ n: number }>('numbers given', `SELECT coalesce(max(rid), -1) + 1 AS n FROM ${s}.rec`))
    .n;
  const counts = await sortOut(p, s, model, tables, options, before);
  const came = counts.added + counts.changed;
  const gone = counts.changed + counts.vanished;
  const span = before + came;
  const bits = l.summary.thresholdBits;
  const done = (compared: number, events: Updated['events']): Updated => ({
    ...counts,
    compared,
    events,
    seconds: (performance.now() - start) / 1000,
  });
  const orders = ordersOf(p.engine.dialect, model, budgetOf(model, l.parameters.records).depth);
  const touched = new Set<number>();
  if (gone > 0) {
    const side = (at: string, other: string) =>
      `SELECT ${other} AS rid FROM ${s}.links WHERE ${at} IN (SELECT rid FROM ${s}.gone)`;
    const [near] = await p.numbers(
      'records linked with what is gone',
      `SELECT rid FROM (${side('l', 'r')} UNION ALL ${side('r', 'l')} UNION ALL SELECT rid FROM ${s}.clusters WHERE cluster IN (SELECT cluster FROM ${s}.clusters WHERE rid IN (SELECT rid FROM ${s}.gone))) WHERE rid NOT IN (SELECT rid FROM ${s}.gone)`,
    );
    for (const rid of near!) touched.add(rid);
    for (const t of ['scored', 'links'])
      for (const at of ['l', 'r'])
        await p.run('pairs of what is gone', `DELETE FROM ${s}.${t} WHERE ${at} IN (SELECT rid FROM ${s}.gone)`);
    for (const t of ['rec', ...orders.map((_, k) => `rec_near${k}`)])
      await p.run('records that are gone', `DELETE FROM ${s}.${t} WHERE rid IN (SELECT rid FROM ${s}.gone)`);
  }
  let compared = 0;
  if (came > 0) {
    await prepareRecords(p, s, model, l.parameters.records, l.usual, 'rec_new');
    await p.run('new records', `INSERT INTO ${s}.rec SELECT * FROM ${s}.rec_new`);
    p.phase('block');
    await fillPlaces(p, s, orders, 'rec_new', true);
    for (const k of orders.keys())
      await p.run('places of new records', `INSERT INTO ${s}.rec_near${k} SELECT * FROM ${s}.rec_new_near${k}`);
    const records = (await p.one<{ n: number }>('records', `SELECT count(*) AS n FROM ${s}.rec`)).n;
    compared = await blockNew(p, s, model, records, budgetOf(model, l.parameters.records), before);
    p.phase('score');
    await l.score(`${s}.cand`, `${s}.fresh`);
    await p.run('new links', `INSERT INTO ${s}.links ${linkSql(`${s}.fresh`, bits)}`);
    await p.run('drop pairs just scored', `DROP TABLE ${s}.fresh`);
    await p.run('drop candidate pairs', `DROP TABLE ${s}.cand`);
    await p.run('drop new records', `DROP TABLE ${s}.rec_new`);
    for (const k of orders.keys()) await p.run('drop places of new records', `DROP TABLE ${s}.rec_new_near${k}`);
    for (let rid = before; rid < span; rid++) touched.add(rid);
  }
  p.phase('group');
  const constraints: Constraints = await resolveLabels(p, s, model, l.labels, 'leave out');
  for (const pair of [...constraints.must, ...constraints.cannot]) for (const rid of pair) touched.add(rid);
  if (touched.size + gone > 0) {
    const scope = await reach(p, s, touched, span);
    const grouping = await group(p, s, model, scope, bits, constraints, (pairs, also) => l.score(pairs, also));
    const was = await nameClusters(p, s, model, grouping, true, {
      at,
      cause: 'records',
      gone: `${s}.gone`,
      scored: scope.scored,
    });
    await l.summarise({
      sizes: sizesNow(l.summary.sizes, was, grouping.sizes),
      component: Math.max(l.summary.largestComponent, grouping.component),
      seconds: (performance.now() - start) / 1000,
    });
  }
  await p.run('drop pairs near', `DROP TABLE IF EXISTS ${s}.near`);
  await p.run('drop what is gone', `DROP TABLE ${s}.gone`);
  await p.run('drop values in common form', `DROP TABLE IF EXISTS ${s}.rec0`);
  const rows =
    touched.size + gone === 0
      ? []
      : await p.rows<{ event: ClusterEvent['event']; n: number }>(
          'events',
          `SELECT event, count(*) AS n FROM ${s}.history WHERE run = (SELECT max(run) FROM ${s}.history) AND moment = ${literal(at.toISOString())} GROUP BY event`,
        );
  return done(compared, Object.fromEntries(rows.map((r) => [r.event, r.n])));
}
