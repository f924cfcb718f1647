/**
 * Collects one delivered file: reads it on a thread, takes its rows into the lake in one transaction, and answers the
 * receipt. After a kill the file is either wholly in or not at all; a file that is in already is recognised.
 */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { SourceDeclaration } from '../catalogue/index.ts';
import type { Clock } from '../platform/clock.ts';
import { type Lake, type LakeSession, lakeMemory, literal } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { VaultPort } from '../platform/room.ts';
import { type RunNote, type RunReceipt, RunWriter } from './commit.ts';
import { type Intake, type IntakePlan, type IntakeResult, Refused, startIntake } from './intake/index.ts';
import { GROUP_ROWS } from './intake/parquet.ts';
import { type MappedDelivery, mapDelivery } from './mapping.ts';
import { lane } from './names.ts';
import { keep, problemOf, problems } from './problems.ts';

/** Bytes of the longest record that is read whole. */
export const LONGEST_RECORD = 16 << 20;

/** What collecting needs of the hub. `work` is a folder of its own for hand-overs. */
export interface CollectDeps {
  lake: Lake;
  vault: VaultPort;
  clock: Clock;
  work: string;
}

/** One delivery to collect. */
export interface Delivery {
  source: SourceDeclaration;
  /** Version of the declaration. */
  declaration: number;
  path: string;
  /** What the receipt names: the file's own name by default. */
  input?: string;
  kind?: RunNote['kind'];
  /** How the file is written, when it is not as the declared transport says (rows of databases and of HTTP). */
  format?: IntakePlan['format'];
  /** The delivery is not the whole of a snapshot: what is not in it has not vanished. */
  partial?: boolean;
  /** More to do in the same transaction. */
  after?: (session: LakeSession, receipt: RunReceipt) => Promise<void>;
  /** Bytes of the longest record. */
  longest?: number;
  signal?: AbortSignal;
  /** Called now and then with the bytes read and the rows received. */
  progress?: (done: { bytes: number; rows: number; step: string }) => void;
}

/** What came of it. `already`: the run in which the same file was collected before; nothing was written. */
export type Collected =
  | ({ already: false; blob: string; bytes: number; notices: Problem[] } & RunReceipt)
  | { already: true; run: number; blob: string };

/** Rows of one part of the hand-over. */
const PART_ROWS = 4 * GROUP_ROWS;

/** Collects a file; a delivery that must be refused is recorded (ex.refusal) and thrown as a Problem. */
export async function collect(deps: CollectDeps, delivery: Delivery): Promise<Collected> {
  const { source } = delivery;
  mkdirSync(deps.work, { recursive: true, mode: 0o700 });
  const out = mkdtempSync(resolve(deps.work, `${source.id}-`));
  const input = delivery.input ?? basename(delivery.path);
  try {
    return await deps.lake.write(lane(source.id), async (session) => {
      const run = new RunWriter(session, source, deps.vault, deps.lake);
      const started = deps.clock.now();
      await run.begin(started);
      let entering: Promise<void> = Promise.resolve();
      let failed: unknown;
      const given = await asLines(session, delivery, out);
      const mapped = source.mapping === undefined ? null : await mappedRows(given, out, input);
      if (mapped) {
        run.steps.push({ name: 'read as delivered', ms: mapped.readMs, rows: mapped.rows });
        run.steps.push({ name: 'map', ms: mapped.mapMs, rows: mapped.rows });
      }
      const reading = performance.now();
      const intake: Intake = startIntake(mapped?.plan ?? planOf(given, out), (news) => {
        if (news.kind === 'progress') delivery.progress?.({ ...news, step: 'read' });
        else if (run.mayStream)
          entering = entering
            .then(() => run.part(news.path))
            .catch((error) => {
              failed ??= error;
              intake.stop();
            });
      });
      const stop = () => {
        intake.stop();
        session.interrupt();
      };
      delivery.signal?.addEventListener('abort', stop, { once: true });
      try {
        if (delivery.signal?.aborted) stop();
        const read = await intake.result.catch((error) => {
          throw failed ?? error;
        });
        const print = given === delivery ? {} : await fingerprint(delivery.path);
        const result = { ...read, ...mapped?.file, ...print };
        run.steps.push({ name: 'read, check and hash', ms: performance.now() - reading, rows: result.received });
        await entering;
        if (failed) throw failed;
        const taken = (delivery.kind ?? 'collect') === 'collect';
        const before = taken ? await collectedBefore(session, source, result.sha256) : null;
        if (before !== null) throw new Already(before, result.sha256);
        delivery.progress?.({ bytes: result.bytes, rows: result.received, step: 'commit' });
        const notices = noticesOf(source, result, input);
        const receipt = await run.finish(result, {
          kind: delivery.kind ?? 'collect',
          input,
          started,
          finished: () => deps.clock.now(),
          declaration: delivery.declaration,
          partial: delivery.partial ?? false,
          notices: JSON.stringify(notices.map((n) => JSON.parse(keep(n)))),
        });
        await delivery.after?.(session, receipt);
        return { already: false as const, blob: result.sha256, bytes: result.bytes, notices, ...receipt };
      } finally {
        delivery.signal?.removeEventListener('abort', stop);
        intake.stop();
        await entering;
      }
    });
  } catch (error) {
    if (error instanceof Already) return { already: true, run: error.run, blob: error.blob };
    throw await refuse(deps, delivery, input, error);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Parquet is turned into JSON lines by the engine, every value as its text; other deliveries are read as they are. */
async function asLines(session: LakeSession, delivery: Delivery, out: string): Promise<Delivery> {
  const t = delivery.source.transport;
  if (delivery.format || t.kind !== 'file' || t.format !== 'parquet') return delivery;
  const path = join(out, 'rows.jsonl');
  try {
    await session.run(
      `COPY (SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(${literal(delivery.path)})) TO ${literal(path)} (FORMAT json)`,
    );
  } catch (error) {
    const reason = String((error as Error).message).split('\n')[0];
    const empty = statSync(delivery.path).size === 0;
    throw new Refused(
      empty
        ? { code: problems.empty.code, params: {} }
        : { code: problems.unreadable.code, params: { format: 'Parquet', reason } },
    );
  }
  return { ...delivery, path, format: 'jsonl' };
}

/** Reads a delivery as it came, for the source's mapping. */
function mappedRows(delivery: Delivery, out: string, input: string): Promise<MappedDelivery> {
  const { source, signal, progress } = delivery;
  const read = async (plan: IntakePlan) => {
    const intake = startIntake(plan, (news) => {
      if (news.kind === 'progress') progress?.({ ...news, step: 'read' });
    });
    signal?.addEventListener('abort', intake.stop, { once: true });
    try {
      if (signal?.aborted) intake.stop();
      return await intake.result;
    } finally {
      signal?.removeEventListener('abort', intake.stop);
    }
  };
  return mapDelivery(source, planOf(delivery, out), input, read, signal);
}

/** Size and SHA-256 of a file. */
async function fingerprint(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { bytes: statSync(path).size, sha256: hash.digest('hex') };
}

class Already extends Error {
  readonly run: number;
  readonly blob: string;
  constructor(run: number, blob: string) {
    super(`collected in run ${run}`);
    this.run = run;
    this.blob = blob;
  }
}

function planOf(delivery: Delivery, out: string): IntakePlan {
  const { source } = delivery;
  const t = source.transport;
  const file = t.kind === 'file' ? t : undefined;
  const format = delivery.format ?? (file && file.format !== 'parquet' ? file.format : 'jsonl');
  return {
    path: delivery.path,
    format,
    encoding: delivery.format ? 'utf-8' : (file?.encoding ?? 'utf-8'),
    delimiter: file?.delimiter ?? ',',
    ...(file?.sheet === undefined ? {} : { sheet: file.sheet }),
    fields: source.fields,
    mode: source.mode,
    contract: source.contract,
    longest: delivery.longest ?? LONGEST_RECORD,
    out,
    partRows: PART_ROWS,
  };
}

/**
 * The run that took the same bytes before. A snapshot that comes again after another one says something new, so there only
 * the latest run counts.
 */
async function collectedBefore(
  session: {
    first<T extends Record<string, unknown>>(sql: string, params: Record<string, string>): Promise<T | undefined>;
  },
  source: SourceDeclaration,
  blob: string,
): Promise<number | null> {
  const row = await session.first<{ run: number; blob: string }>(
    source.mode === 'snapshot'
      ? "SELECT run, blob FROM ex.run WHERE source = $source AND kind <> 'release' AND $blob IS NOT NULL ORDER BY run DESC LIMIT 1"
      : 'SELECT run, blob FROM ex.run WHERE source = $source AND blob = $blob LIMIT 1',
    { source: source.id, blob },
  );
  return row && row.blob === blob ? row.run : null;
}

/** What is remarked on a run without stopping it. Too few or too many rows: see the declaration's `expect`. */
function noticesOf(source: SourceDeclaration, result: IntakeResult, file: string): Problem[] {
  const notices: Problem[] = [];
  const columns = (names: string[]) => ({ columns: names.join('、') });
  if (result.unknownColumns.length)
    notices.push(
      new Problem(
        source.contract === 'evolve' ? problems.columnsKept : problems.columnsIgnored,
        columns(result.unknownColumns),
        {
          file,
        },
      ),
    );
  if (result.absentColumns.length)
    notices.push(new Problem(problems.columnsAbsent, columns(result.absentColumns), { file }));
  const { minRows, maxRows, maxQuarantinedShare } = source.expect;
  const { received } = result;
  if (minRows !== undefined && received < minRows)
    notices.push(new Problem(problems.tooFew, { received, expected: minRows }, { file }));
  if (maxRows !== undefined && received > maxRows)
    notices.push(new Problem(problems.tooMany, { received, expected: maxRows }, { file }));
  const share = received ? result.quarantined / received : 0;
  if (share > maxQuarantinedShare) {
    const percent = (x: number) => `${(x * 100).toFixed(1)} %`;
    notices.push(
      new Problem(problems.share, { share: percent(share), expected: percent(maxQuarantinedShare) }, { file }),
    );
  }
  return notices;
}

/** Turns what went wrong into a Problem and records a refusal; faults of the hub itself are passed on as they are. */
async function refuse(deps: CollectDeps, delivery: Delivery, input: string, error: unknown): Promise<unknown> {
  if (delivery.signal?.aborted) return new Problem(problems.cancelled, {}, { file: input });
  const text = String((error as Error)?.message ?? error);
  if (/ENOSPC|No space left|disk is full|out of (disk )?space/i.test(text))
    return new Problem(problems.diskFull, {}, { file: input });
  const problem = error instanceof Refused ? problemOf(error.refusal, input) : error;
  // What only lacked memory is tried again: nothing was refused.
  if (!(problem instanceof Problem) || problem.kind === lakeMemory) return error;
  await deps.lake.write(lane(delivery.source.id), (session) =>
    session.run(
      `INSERT INTO ex.refusal SELECT nextval('ex.refusal_number'), $source, $input, NULL, 0, $at::TIMESTAMP, $problem::JSON`,
      { source: delivery.source.id, input, at: deps.clock.now(), problem: keep(problem) },
    ),
  );
  return problem;
}
