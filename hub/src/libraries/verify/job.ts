/**
 * The durable job of a verification: brings the list into the engine, holds identity numbers as the vault's tokens of them, compares it
 * against the library and keeps the outcomes. Broken off, it begins again; plain files are gone when it ends, however it ends.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { catalogueOf } from '../../catalogue/index.ts';
import type { JobContext, JobKind } from '../../platform/jobs/index.ts';
import { ident, type LakeSession, type StepTiming } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { receivedTable } from '../../refinery/index.ts';
import { type Counts, codeForm, compare } from './compare.ts';
import { asCsv, headersOf, loadCsv } from './files.ts';
import { type Columns, guessColumns, type VerifySubject, verifyFields } from './outcome.ts';
import { noColumns, sourceUnfit } from './problems.ts';
import { endVerification, type Verification, verificationById } from './store.ts';

type Ports = Pick<Deps, 'lake' | 'db' | 'vault' | 'blobs' | 'folders' | 'clock' | 'log'>;

/** A folder for what a verification needs plain for a moment. */
export const scratchOf = (ports: Pick<Ports, 'folders'>, name: string): string =>
  join(ports.folders.data, 'verify', name);

/** The list's file as UTF-8 CSV in `folder`. */
export async function plainFile(ports: Pick<Ports, 'blobs'>, v: Verification, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'received');
  await pipeline(Readable.from(ports.blobs.get(v.blob!)), createWriteStream(path, { mode: 0o600 }));
  return asCsv(path, v.format!, join(folder, 'list.csv'));
}

/** What is taken of each row of a list: the columns of `vfy_given` as they were written, but `row`. */
function listColumns(subject: VerifySubject, columns: Columns): string {
  const places = ['number', 'name', 'day', 'other', 'address'];
  const order = { person: ['number', 'name', 'birth', 'sex', 'address'] } as Partial<Record<VerifySubject, string[]>>;
  const fields = order[subject] ?? ['number', 'name', 'established', 'representative', 'address'];
  return fields.map((f, i) => `${columns[f] ? ident(columns[f]) : 'NULL::VARCHAR'} AS ${places[i]}`).join(', ');
}

/** How a list says its numbers: as they are written, or (rows of a source, where persons' are) as tokens of the vault. */
type Written = 'plain' | 'token';

/** Makes `vfy_number`: what each number that the list has is in the library. Nothing of a list enters the vault. */
async function numbers(
  ports: Pick<Ports, 'vault'>,
  s: LakeSession,
  subject: VerifySubject,
  written: Written,
): Promise<void> {
  const distinct = 'SELECT DISTINCT number FROM vfy_given WHERE number IS NOT NULL';
  if (subject === 'person' && written === 'plain') {
    await ports.vault.stageNorms(s, 'citizen-id', distinct, 'vfy_norm');
    // Named anew instead of copied: there may be millions.
    await s.run('DROP TABLE IF EXISTS vfy_number');
    await s.run('ALTER TABLE vfy_norm RENAME COLUMN original TO written');
    await s.run('ALTER TABLE vfy_norm RENAME COLUMN norm TO number');
    await s.run('ALTER TABLE vfy_norm RENAME TO vfy_number');
    return;
  }
  const known =
    subject === 'person'
      ? `coalesce(i.norm, d.number) AS number FROM (${distinct}) d LEFT JOIN v.identity_v1 i ON i.token = d.number`
      : `${codeForm('d.number')} AS number FROM (${distinct}) d`;
  await s.run(`CREATE OR REPLACE TEMP TABLE vfy_number AS SELECT d.number AS written, ${known}`);
}

/** Brings a file of UTF-8 CSV into the engine; answers the columns that it is verified by. */
export async function stageFile(
  ports: Pick<Ports, 'vault'>,
  s: LakeSession,
  v: Pick<Verification, 'subject' | 'columns'>,
  path: string,
  onStep?: (t: StepTiming) => void,
): Promise<Columns> {
  const headers = await headersOf(s, path);
  const columns = { ...guessColumns(v.subject, headers), ...given(v, headers) };
  if (!columns.number && !columns.name) throw new Problem(noColumns, { headers: headers.join('、') });
  const timed = async (name: string, work: () => Promise<void>) => {
    const start = performance.now();
    await work();
    onStep?.({ name, ms: performance.now() - start, rows: 0 });
  };
  await timed('read', () => loadCsv(s, path, listColumns(v.subject, columns), 'vfy_list'));
  // Rows keep the order of the file and are numbered in it, but not from 0 while their transaction is open.
  const ids = await s.first<{ low: string; whole: boolean }>(
    `SELECT coalesce(min(rowid), 0)::VARCHAR AS low, count(*) = coalesce(max(rowid) - min(rowid) + 1, 0) AS whole FROM vfy_list`,
  );
  if (!ids!.whole) throw new Error('the rows of a list are not numbered one after the other');
  await s.run(
    `CREATE OR REPLACE TEMP VIEW vfy_given AS SELECT (rowid - ${ids!.low} + 1)::INTEGER AS row, * FROM vfy_list`,
  );
  await timed('numbers', () => numbers(ports, s, v.subject, 'plain'));
  return columns;
}

/** The same of a run of a source. */
async function stageRun(ports: Ports, s: LakeSession, v: Verification): Promise<Columns> {
  const declaration = catalogueOf(ports.lake).sources.get(v.source!)?.declaration;
  if (!declaration) throw new Problem(sourceUnfit, { source: v.source });
  await s.run(`CREATE OR REPLACE TEMP TABLE vfy_list AS SELECT _row::INTEGER AS row, ${listColumns(v.subject, v.columns)}
    FROM ${receivedTable(declaration.id)} WHERE _run = ${v.run!}`);
  await s.run('CREATE OR REPLACE TEMP VIEW vfy_given AS FROM vfy_list');
  await numbers(ports, s, v.subject, 'token');
  return v.columns;
}

async function verify(ports: Ports, v: Verification, ctx: Pick<JobContext, 'signal' | 'progress'>) {
  const folder = scratchOf(ports, String(v.id));
  try {
    return await ports.lake.write('verify', async (s) => {
      const stop = () => s.interrupt();
      ctx.signal.addEventListener('abort', stop, { once: true });
      try {
        const columns = v.blob
          ? await stageFile(ports, s, v, await plainFile(ports, v, folder))
          : await stageRun(ports, s, v);
        let n = 0;
        const counts = await compare(s, v.id, v.subject, () => ctx.progress({ done: ++n, total: 12 }));
        ctx.signal.throwIfAborted();
        return { counts, columns };
      } finally {
        for (const what of ['VIEW IF EXISTS vfy_given', 'TABLE IF EXISTS vfy_list', 'TABLE IF EXISTS vfy_number'])
          await s.run(`DROP ${what}`).catch(() => undefined);
        ctx.signal.removeEventListener('abort', stop);
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Columns that were named by the department, as far as the file has them. */
function given(v: Pick<Verification, 'subject' | 'columns'>, headers: readonly string[]): Columns {
  const names = new Set(verifyFields[v.subject].map((f) => f.name));
  return Object.fromEntries(Object.entries(v.columns).filter(([f, c]) => names.has(f) && headers.includes(c)));
}

/** The job `libraries.verify`. */
export function verifyJob(ports: Ports): JobKind<{ id: number }> {
  return {
    kind: 'libraries.verify',
    title: { zh: '数据校核', en: 'Verify a list' },
    params: z.object({ id: z.number().int() }),
    lane: 'verify',
    async run(ctx, { id }): Promise<Counts> {
      const v = await verificationById(ports.db, id);
      try {
        const end = await verify(ports, v, ctx);
        await endVerification(ports.db, id, end, ctx.clock.now());
        return end.counts;
      } catch (error) {
        if (error instanceof Problem) {
          const { code, title } = error.toJSON();
          await endVerification(ports.db, id, { problem: { code, title } }, ctx.clock.now());
        }
        throw error;
      }
    },
  };
}
