/**
 * The durable job of a verification: brings the list into the engine, replaces identity numbers by the vault's tokens, holds it
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
import { ident, type LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { receivedTable } from '../../refinery/index.ts';
import { type Counts, compare } from './compare.ts';
import { asCsv, csvSql, headersOf } from './files.ts';
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

/** SQL of the list with the columns of `vfy_given`; `number` as it is written. */
function listSql(subject: VerifySubject, columns: Columns, from: string): string {
  const places = ['number', 'name', 'day', 'other', 'address'];
  const order = { person: ['number', 'name', 'birth', 'sex', 'address'] } as Partial<Record<VerifySubject, string[]>>;
  const fields = order[subject] ?? ['number', 'name', 'established', 'representative', 'address'];
  const cells = fields.map((f, i) => `${columns[f] ? `trim(${ident(columns[f])})` : 'NULL::VARCHAR'} AS ${places[i]}`);
  return `SELECT row, ${cells.join(', ')} FROM ${from}`;
}

/** Fills `vfy_given` from SQL of `listSql`; identity numbers become tokens of their normal form before they are kept anywhere. */
export async function stage(
  ports: Pick<Ports, 'vault'>,
  s: LakeSession,
  subject: VerifySubject,
  list: string,
): Promise<void> {
  if (subject === 'legal-person') {
    await s.run(`CREATE OR REPLACE TEMP TABLE vfy_given AS ${list}`);
    return;
  }
  // Rows of a source hold tokens already, of an upload originals.
  await s.run(`CREATE OR REPLACE TEMP TABLE vfy_written AS ${list}`);
  await ports.vault.stageTokens(
    s,
    'citizen-id',
    `SELECT DISTINCT number FROM vfy_written WHERE number <> '' AND NOT regexp_matches(number, '^c~[a-z2-7]{26}$')`,
    'vfy_token',
  );
  await s.run(
    `CREATE OR REPLACE TEMP TABLE vfy_given AS
     SELECT w.row, coalesce(i.norm, t.token, w.number) AS number, w.name, w.day, w.other, w.address
     FROM vfy_written w LEFT JOIN vfy_token t ON t.original = w.number
     LEFT JOIN v.identity_v1 i ON i.token = coalesce(t.token, w.number)`,
  );
  await s.run('DROP TABLE vfy_written');
  await s.run('DROP TABLE vfy_token');
}

async function verify(ports: Ports, v: Verification, ctx: Pick<JobContext, 'signal' | 'progress'>) {
  const folder = scratchOf(ports, String(v.id));
  try {
    return await ports.lake.write('verify', async (s) => {
      const stop = () => s.interrupt();
      ctx.signal.addEventListener('abort', stop, { once: true });
      try {
        let columns = v.columns;
        if (v.blob) {
          const path = await plainFile(ports, v, folder);
          const headers = await headersOf(s, path);
          columns = { ...guessColumns(v.subject, headers), ...given(v, headers) };
          if (!columns.number && !columns.name) throw new Problem(noColumns, { headers: headers.join('、') });
          const from = `(SELECT row_number() OVER ()::INTEGER AS row, * FROM ${csvSql(path)})`;
          await stage(ports, s, v.subject, listSql(v.subject, columns, from));
        } else {
          const declaration = catalogueOf(ports.lake).sources.get(v.source!)?.declaration;
          if (!declaration) throw new Problem(sourceUnfit, { source: v.source });
          const from = `(SELECT _row AS row, * FROM ${receivedTable(declaration.id)} WHERE _run = ${v.run!})`;
          await stage(ports, s, v.subject, listSql(v.subject, columns, from));
        }
        let n = 0;
        const counts = await compare(s, v.id, v.subject, (t) =>
          ctx.progress({ done: ++n, total: 12, note: { zh: t.name, en: t.name } }),
        );
        ctx.signal.throwIfAborted();
        return { counts, columns };
      } finally {
        await s.run('DROP TABLE IF EXISTS vfy_given').catch(() => undefined);
        ctx.signal.removeEventListener('abort', stop);
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Columns that were named by the department, as far as the file has them. */
function given(v: Verification, headers: readonly string[]): Columns {
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
