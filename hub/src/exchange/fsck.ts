/**
 * Checks that what was received is still there (`jingwei fsck`): for every run the rows that its receipt counts, and, when
 * asked, the root of its tree computed again from the leaves.
 */
import type { Catalogue } from '../catalogue/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import { TreeStack } from './hash/tree.ts';
import { rawTable } from './names.ts';

const counts = problemKind(
  'exchange.fsck.counts',
  500,
  '批次 {run}（{source}）：回执记 {what} {expected} 行，实有 {found} 行',
  'run {run} ({source}): the receipt says {what} {expected}, {found} are there',
);
const sum = problemKind(
  'exchange.fsck.sum',
  500,
  '批次 {run}（{source}）：接收不等于接纳 + 隔离 + 重复',
  'run {run} ({source}): received is not accepted + quarantined + duplicate',
);
const undeclared = problemKind(
  'exchange.fsck.undeclared',
  500,
  '批次 {run} 的来源 {source} 已无声明，未检查其行',
  'run {run}: its source {source} is declared no more, its rows were not checked',
);
const root = problemKind(
  'exchange.fsck.root',
  500,
  '批次 {run}（{source}）：由各行重算的根与回执不符',
  'run {run} ({source}): the root computed again from its rows is not that of the receipt',
);

const orderless = problemKind(
  'exchange.fsck.erased',
  500,
  '批次 {run}（{source}）：{n} 行称已按删除事项 {erasure} 删除，但没有该事项',
  'run {run} ({source}): {n} rows say that order {erasure} erased them, and there is no such order',
);

/** What a check found. */
export interface ExchangeCheck {
  runs: number;
  rows: number;
  problems: Problem[];
}

interface Receipt extends Record<string, unknown> {
  run: number;
  source: string;
  received: number;
  accepted: number;
  quarantined: number;
  duplicate: number;
  root: Uint8Array | null;
}

/** Checks every run. `trees` reads every leaf; without it only counts are compared. */
export async function checkExchange(
  lake: Lake,
  catalogue: { sources: Pick<Catalogue['sources'], 'has'> },
  options: { trees: boolean; onProgress?: (done: number, total: number, note: string) => void },
): Promise<ExchangeCheck> {
  const runs = await lake.query<Receipt>(
    'SELECT run, source, received, accepted, quarantined, duplicate, root FROM ex.run ORDER BY run',
  );
  const problems: Problem[] = [];
  const quarantined = await countBy(lake, 'ex.quarantine', 'run');
  const duplicate = await countBy(lake, 'ex.duplicate', 'run');
  // Rows that an order of erasure let go of: their leaves stand for them. Without an order they would just be missing.
  const erased = await countBy(lake, "(FROM ex.erased WHERE whole AND place = 'accepted')", 'run');
  for (const { run, source, erasure, n } of await unordered(lake))
    problems.push(new Problem(orderless, { run, source, erasure, n }));
  const accepted = new Map<string, Map<number, number>>();
  let rows = 0;
  for (const [i, r] of runs.entries()) {
    options.onProgress?.(i, runs.length, r.source);
    const { run, source } = r;
    rows += r.received;
    if (r.received !== r.accepted + r.quarantined + r.duplicate) problems.push(new Problem(sum, { run, source }));
    if (!catalogue.sources.has(source)) {
      problems.push(new Problem(undeclared, { run, source }));
      continue;
    }
    let own = accepted.get(source);
    if (!own) {
      own = await countBy(lake, rawTable(source), '_run');
      accepted.set(source, own);
    }
    for (const [what, expected, found] of [
      ['accepted', r.accepted, (own.get(run) ?? 0) + (erased.get(run) ?? 0)],
      ['quarantined', r.quarantined, quarantined.get(run) ?? 0],
      ['duplicate', r.duplicate, duplicate.get(run) ?? 0],
    ] as const) {
      if (expected !== found) problems.push(new Problem(counts, { run, source, what, expected, found }));
    }
    if (options.trees && !(await rootHolds(lake, r))) problems.push(new Problem(root, { run, source }));
  }
  options.onProgress?.(runs.length, runs.length, '');
  return { runs: runs.length, rows, problems };
}

/** Rows that say of themselves that they were erased by an order that there is not. */
const unordered = (lake: Lake): Promise<{ run: number; source: string; erasure: number; n: number }[]> =>
  lake.query(
    `SELECT run, any_value(source) AS source, erasure, count(*) AS n FROM ex.erased e
     WHERE NOT EXISTS (SELECT 1 FROM ex.forgotten f WHERE f.erasure = e.erasure) GROUP BY run, erasure ORDER BY run, erasure`,
  );

async function countBy(lake: Lake, table: string, column: string): Promise<Map<number, number>> {
  const rows = await lake.query<{ run: number; n: number }>(
    `SELECT ${column} AS run, count(*) AS n FROM ${table} GROUP BY ${column}`,
  );
  return new Map(rows.map((r) => [r.run, r.n]));
}

async function rootHolds(lake: Lake, { run, source, root: expected }: Receipt): Promise<boolean> {
  const stack = new TreeStack();
  const leaves = lake.stream<{ leaf: Uint8Array }>(
    `SELECT leaf FROM (
       SELECT _row AS row, _leaf AS leaf FROM ${rawTable(source)} WHERE _run = $run
       UNION ALL SELECT row, leaf FROM ex.quarantine WHERE run = $run
       UNION ALL SELECT row, leaf FROM ex.duplicate WHERE run = $run
       UNION ALL SELECT row, leaf FROM ex.erased WHERE run = $run AND whole AND place = 'accepted') ORDER BY row`,
    { run },
  );
  for await (const batch of leaves) for (const { leaf } of batch) stack.add({ digest: leaf, level: 0 });
  const found = stack.root();
  if (!found || !expected) return !found && !expected;
  return Buffer.from(found.digest).equals(Buffer.from(expected));
}
