/** Examines an archive: reads every content once, looks into it, and writes down what came of each check. */
import { algorithmOf } from '@jingwei/keyless';
import { sql } from 'kysely';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import { type Outcome, overall, type Phase } from './checks.ts';
import type { ArchiveDeps } from './deps.ts';
import { formatOf } from './formats.ts';
import { inspect, needles, type Sample, sampleOf } from './inspect/index.ts';
import { type ExaminedFile, judge } from './judge.ts';
import { scan } from './scan.ts';
import { verifySeals } from './seal.ts';
import { addStep, chainFault, stepsOf } from './steps.ts';
import { type ArchiveRow, archiveRow, type FileRow, filesOf, generationsOf, lockedRow } from './store.ts';
import { FIRST_ALGORITHM } from './tree.ts';

/** The day of an instant in the city. */
export const dayOf = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

/** What an examination answers. */
export interface Examination {
  outcome: 'passed' | 'warned' | 'failed';
  items: Outcome[];
  bytes: number;
}

/** Why a content cannot be read, for people. */
function readFault(error: unknown): Bilingual {
  if (!(error instanceof Problem)) throw error;
  // A store that does not answer says nothing about the content: the examination fails and is tried again.
  if (error.kind.code === 'blobs.store-failed') throw error;
  return error.toJSON().title;
}

async function examineFile(
  deps: Pick<ArchiveDeps, 'blobs' | 'config'>,
  file: FileRow,
  /** What the newest seal says of it, when that is under another algorithm than the one of the store. */
  sealed?: { name: string; imprint: string },
): Promise<{ file: ExaminedFile; infected: Bilingual | undefined }> {
  let sample: Sample | { fault: Bilingual };
  try {
    sample = await sampleOf(deps.blobs.get(file.sha256), { needles, digests: sealed ? [sealed.name] : [] });
    const digest = sealed && sample.digests.get(sealed.name);
    if (digest && digest.toString('hex') !== sealed.imprint.slice(2))
      sample = {
        fault: { zh: `内容与 ${sealed.name} 签封不符`, en: `the content is not the one sealed under ${sealed.name}` },
      };
  } catch (error) {
    sample = { fault: readFault(error) };
  }
  const known = {
    ...{ no: file.no, name: file.name, role: file.role, bytes: file.bytes, sha256: file.sha256 },
    ...{ declaredSha256: file.declared_sha256, declaredBytes: file.declared_bytes },
  };
  if ('fault' in sample) {
    const format = formatOf(file.format ?? 'unknown');
    return { file: { ...known, content: sample, format, findings: [] }, infected: undefined };
  }
  const { format, findings } = await inspect(file.name, sample);
  const { scanner } = deps.config.archives;
  const infected = scanner.length > 0 ? await scan(scanner, deps.blobs.get(file.sha256)) : undefined;
  return { file: { ...known, content: { sha256: sample.sha256, bytes: sample.bytes }, format, findings }, infected };
}

/** Item numbers that are missing before this one in its folder. */
async function gapBefore(deps: Pick<ArchiveDeps, 'db'>, row: ArchiveRow): Promise<number[]> {
  if (!row.folder || !row.item) return [];
  const rows = await deps.db.query<{ item: number }>(
    `SELECT n AS item FROM generate_series(1, $2::integer - 1) n
     WHERE NOT EXISTS (SELECT 1 FROM archives.archive a WHERE a.folder = $1 AND a.item = n) ORDER BY n LIMIT 20`,
    [row.folder, row.item],
  );
  return rows.map((r) => r.item);
}

/** Looks at everything; writes nothing. */
export async function lookAt(
  deps: ArchiveDeps,
  id: number,
  phase: Phase,
  signal?: AbortSignal,
): Promise<Examination & { personal: boolean; formats: Map<number, string> }> {
  const row = await archiveRow(deps.db, id);
  const files = await filesOf(deps.db, id);
  const examined: ExaminedFile[] = [];
  const infected: { file: number; sentence: Bilingual }[] = [];
  const newest = phase === 'archiving' ? undefined : (await generationsOf(deps.db, id))[0];
  const name = newest && newest.algorithm !== FIRST_ALGORITHM ? algorithmOf(newest.algorithm)?.name : undefined;
  for (const [i, file] of files.entries()) {
    signal?.throwIfAborted();
    const sealed = newest && name ? { name, imprint: newest.leaves[i + 1] ?? '' } : undefined;
    const found = await examineFile(deps, file, sealed);
    examined.push(found.file);
    if (found.infected) infected.push({ file: file.no, sentence: found.infected });
  }
  const steps = await stepsOf(deps.db, id);
  const { scanner } = deps.config.archives;
  const items = judge({
    ...{ phase, metadata: row.metadata, reference: row.reference, fonds: deps.fonds.get(row.organisation) },
    ...{ today: dayOf(deps.clock.now()), files: examined, gap: await gapBefore(deps, row) },
    chain: { steps: steps.length, fault: chainFault(steps, row.head) },
    seal: phase === 'archiving' ? null : await verifySeals(deps, row, files),
    scan: scanner.length > 0 ? { scanner: scanner[0]!, faults: infected } : null,
  });
  return {
    ...{ outcome: overall(items), items, bytes: files.reduce((n, f) => n + f.bytes, 0) },
    personal: items.some((o) => o.code === 'S07' && o.faults.length > 0),
    formats: new Map(examined.map((f) => [f.no, f.format.id])),
  };
}

/** Examines at archiving: the archive is `passed` or `failed` afterwards. */
export async function examineForArchiving(
  deps: ArchiveDeps,
  id: number,
  by: string | null,
  signal?: AbortSignal,
): Promise<Examination> {
  const found = await lookAt(deps, id, 'archiving', signal);
  await deps.db.tx(async (trx) => {
    const row = await lockedRow(trx, id);
    if (row.state !== 'submitted') return;
    const state = found.outcome === 'failed' ? 'failed' : 'passed';
    await sql`UPDATE archives.archive SET state = ${state}, personal = ${found.personal} WHERE id = ${id}`.execute(trx);
    for (const [no, format] of found.formats)
      await sql`UPDATE archives.file SET format = ${format} WHERE archive = ${id} AND no = ${no}`.execute(trx);
    await keepExamination(deps, trx, id, 'archiving', by, found);
  });
  return found;
}

/** Writes down an examination and its step. */
export async function keepExamination(
  deps: ArchiveDeps,
  trx: Parameters<typeof lockedRow>[0],
  id: number,
  phase: Phase,
  by: string | null,
  found: Examination,
): Promise<void> {
  await sql`INSERT INTO archives.examination (archive, phase, at, by_login, outcome, items)
    VALUES (${id}, ${phase}, ${deps.clock.now()}, ${by}, ${found.outcome}, ${JSON.stringify(found.items)}::jsonb)`.execute(
    trx,
  );
  await addStep(deps, trx, id, phase === 'preservation' ? 'verified' : 'examined', null, {
    ...{ phase, outcome: found.outcome },
    failed: found.items.filter((o) => o.result === 'failed').map((o) => o.code),
  });
}
