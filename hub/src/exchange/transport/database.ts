/**
 * Pulls a table of PostgreSQL, MySQL or MariaDB. A snapshot is read whole, as one state of the table, and is one run. A
 * source of changes with a watermark is read from its checkpoint on, in parts that are each collected
 * together with the new checkpoint: a connection that is lost costs only the part that was being read, and rows read twice are known
 * already. (A watermark cannot tell what a snapshot no longer holds, so a snapshot is always read whole.)
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceTransport } from '../../catalogue/index.ts';
import { RetryableError } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import { collect } from '../collect.ts';
import { OPERATION, TIMESTAMP } from '../intake/plan.ts';
import { lane } from '../names.ts';
import { problems } from '../problems.ts';
import { moveCheckpoint, readCheckpoint } from './checkpoint.ts';
import { nothing, type PullDeps, type Pulled, type PullOrder, secretOf, settle } from './common.ts';
import { LinesFile, lineMaker } from './lines.ts';
import { openMysqlTable } from './mysql.ts';
import { openPostgresTable } from './postgres.ts';
import { pullProblems } from './problems.ts';
import type { ReadLimits, TableColumn, TableFacts, TableReader } from './table.ts';

type DatabaseTransport = Extract<SourceTransport, { kind: 'postgres' | 'mysql' }>;

/** Limits of a pull from a database; the defaults suit tables of any size. */
export interface DatabaseLimits extends ReadLimits {
  /** Rows of one part of an incremental pull. */
  partRows: number;
  /** Seconds before the checkpoint that are read again: transactions become visible later than their time says. */
  overlapSeconds: number;
}

export const databaseLimits: DatabaseLimits = {
  connectMs: 15_000,
  statementMs: 600_000,
  fetchRows: 10_000,
  fetchBytes: 4 << 20,
  partRows: 2_000_000,
  overlapSeconds: 300,
};

/** What is read and under which names it is handed over. */
interface Selection {
  columns: TableColumn[];
  names: string[];
  /** Columns that are neither declared nor kept: named once, so that the run remarks on them. */
  ignored: string[];
}

/** The column of a name: as it is written, else the only one that differs in case. */
function columnOf(columns: readonly TableColumn[], name: string): TableColumn | undefined {
  const exact = columns.find((c) => c.name === name);
  if (exact) return exact;
  const alike = columns.filter((c) => c.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

/** Which columns the contract lets through; what it does not is a Problem. */
function selectionOf(order: PullOrder, transport: DatabaseTransport, columns: readonly TableColumn[]): Selection {
  const { source } = order;
  // What a mapping reads of the columns, and what the contract says of the others, is settled when they are collected.
  if (source.mapping !== undefined) return { columns: [...columns], names: columns.map((c) => c.name), ignored: [] };
  const out: Selection = { columns: [], names: [], ignored: [] };
  const missing: string[] = [];
  const used = new Set<string>();
  const take = (names: readonly string[], needed: boolean) => {
    const column = names.map((n) => columnOf(columns, n)).find((c) => c !== undefined);
    if (column) {
      out.columns.push(column);
      out.names.push(names[0]!);
      used.add(column.name);
    } else if (needed) missing.push(names[0]!);
  };
  for (const f of source.fields) take([f.column ?? f.name, f.name], f.required || source.contract !== 'evolve');
  if (source.mode === 'changes') for (const name of [OPERATION, TIMESTAMP]) take([name], true);
  const file = transport.table;
  if (missing.length)
    throw new Problem(problems.columnMissing, { columns: missing.join('、') }, { file, field: missing[0]! });
  const mark = transport.watermark === undefined ? undefined : columnOf(columns, transport.watermark)?.name;
  const unknown = columns.filter((c) => !used.has(c.name) && !c.name.startsWith('dsc_') && c.name !== mark);
  if (unknown.length && source.contract === 'freeze')
    throw new Problem(
      problems.columnExtra,
      { columns: unknown.map((c) => c.name).join('、') },
      { file, field: unknown[0]!.name },
    );
  for (const c of unknown)
    if (source.contract === 'evolve') {
      out.columns.push(c);
      out.names.push(c.name);
    } else out.ignored.push(c.name);
  return out;
}

function watermarkOf(transport: DatabaseTransport, columns: readonly TableColumn[]): TableColumn {
  const name = transport.watermark!;
  const column = columnOf(columns, name);
  if (!column) throw new Problem(pullProblems.watermark, { table: transport.table, column: name });
  if (!['integer', 'unsigned', 'decimal', 'date', 'time', 'instant', 'text'].includes(column.kind))
    throw new Problem(pullProblems.watermarkType, { column: name, type: column.type });
  return column;
}

const titles = { postgres: 'PostgreSQL', mysql: 'MySQL / MariaDB' } as const;

async function open(
  deps: PullDeps,
  transport: DatabaseTransport,
  facts: TableFacts,
  limits: ReadLimits,
): Promise<TableReader> {
  const { url } = secretOf(deps, transport.connection, ['database']);
  const postgres = /^postgres(ql)?:/.test(url);
  if (postgres !== (transport.kind === 'postgres'))
    throw new Problem(
      pullProblems.secretKind,
      { secret: transport.connection, expected: `${transport.kind}://`, seen: url.split('//')[0] },
      { setting: `secrets.${transport.connection}` },
    );
  return (postgres ? openPostgresTable : openMysqlTable)(url, transport.table, facts, limits);
}

/**
 * Pulls a source whose transport is a database. Throws Problems (recorded as refusals), and `RetryableError` for faults
 * that may pass: then everything up to the checkpoint is in, and the next pull goes on from there.
 */
export async function pullDatabase(
  deps: PullDeps,
  order: PullOrder,
  over: Partial<DatabaseLimits> = {},
): Promise<Pulled> {
  const { source, signal } = order;
  const transport = source.transport;
  if (transport.kind !== 'postgres' && transport.kind !== 'mysql')
    throw new Problem(problems.transport, { source: source.id, kind: transport.kind });
  const limits = { ...databaseLimits, ...over };
  const incremental = source.mode === 'changes' && transport.watermark !== undefined;
  const scope = `${transport.connection}/${transport.table}/${transport.watermark ?? ''}`;
  const facts: TableFacts = {
    where: `${titles[transport.kind]} (${transport.connection})`,
    secret: transport.connection,
    table: transport.table,
    connected: false,
  };
  const start = incremental ? await readCheckpoint(deps.lake, source.id, scope) : null;
  const out = nothing(start);
  mkdirSync(deps.work, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(deps.work, `pull-${source.id}-`));
  let reader: TableReader | undefined;
  let file: LinesFile | undefined;
  let mark: string | null = null;
  let parts = 0;
  let fromCollect: unknown;
  const stop = () => void reader?.close();
  signal?.addEventListener('abort', stop, { once: true });

  /** Takes what was read into the lake, then moves the checkpoint. */
  const enter = async () => {
    const full = file!;
    file = undefined;
    await full.close();
    const point = (run: number) =>
      incremental && mark !== null ? { source: source.id, scope, mark, run, written: deps.clock.now() } : null;
    try {
      const done = await collect(deps, {
        source,
        declaration: order.declaration,
        path: full.path,
        input: transport.table,
        format: 'jsonl',
        async after(session, receipt) {
          const reached = point(receipt.run);
          if (reached) await moveCheckpoint(session, reached);
        },
        ...(signal ? { signal } : {}),
        ...(order.progress ? { progress: order.progress } : {}),
      });
      const reached = point(done.run);
      if (done.already) {
        // Rows like those of an earlier run, byte by byte, may still have gone further on.
        if (reached) await deps.lake.write(lane(source.id), (session) => moveCheckpoint(session, reached));
      } else {
        out.runs.push(done.run);
        for (const n of ['received', 'accepted', 'quarantined', 'duplicate'] as const) out[n] += done[n];
        await order.onRun?.({ run: done.run, source: source.id, accepted: done.accepted, vanished: done.vanished });
      }
      if (reached) out.checkpoint = reached.mark;
    } catch (error) {
      fromCollect = error;
      throw error;
    } finally {
      rmSync(full.path, { force: true });
    }
  };

  try {
    signal?.throwIfAborted();
    reader = await open(deps, transport, facts, limits);
    if (reader.columns.length === 0) throw new Problem(pullProblems.table, { table: transport.table });
    const chosen = selectionOf(order, transport, reader.columns);
    const column = incremental ? watermarkOf(transport, reader.columns) : null;
    const line = lineMaker([...chosen.names, ...chosen.ignored]);
    const width = chosen.columns.length;
    const plan = {
      select: chosen.columns,
      watermark: column ? { column, from: start } : null,
      overlapSeconds: limits.overlapSeconds,
    };
    for await (const rows of reader.rows(plan)) {
      signal?.throwIfAborted();
      for (const row of rows) {
        if (file && incremental && file.rows >= limits.partRows) await enter();
        file ??= await LinesFile.create(join(folder, `part-${parts++}.jsonl`));
        const pending = file.add(line(row.length > width ? row.slice(0, width) : row, file.rows === 0));
        if (pending) await pending;
        if (column && row[width] != null) mark = row[width];
      }
      out.read += rows.length;
      order.progress?.({ bytes: file?.bytes ?? 0, rows: out.read, step: 'read' });
    }
    // A whole table without rows is refused by collecting, like an empty file; of changes there may be none.
    if (!file && source.mode === 'snapshot') file = await LinesFile.create(join(folder, 'part-0.jsonl'));
    if (file) await enter();
    return out;
  } catch (error) {
    if (error === fromCollect) throw error;
    // The rows before the break are whole and in order: they enter, so that the next try begins behind them.
    if (error instanceof RetryableError && incremental && file && mark !== null && !signal?.aborted) await enter();
    throw await settle(deps, order, transport.table, error);
  } finally {
    signal?.removeEventListener('abort', stop);
    await file?.close().catch(() => undefined);
    await reader?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
