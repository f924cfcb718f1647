/**
 * Long-term preservation: every kept archive is read and verified again in turn; what is damaged is told and never mended; archives under an
 * ageing algorithm are sealed anew, the old seal and its signature being part of what the new one covers.
 */
import { algorithmNamed, algorithmOf, hashAlgorithms, imprint } from '@jingwei/keyless';
import { sql } from 'kysely';
import type { JobContext } from '../platform/jobs/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import { DAMAGE } from './checks.ts';
import type { ArchiveDeps } from './deps.ts';
import { keepExamination, lookAt } from './examine.ts';
import { sampleOf } from './inspect/index.ts';
import { sealLeaves, signatureOf, textOf } from './seal.ts';
import { addStep } from './steps.ts';
import { archiveRow, filesOf, generationsOf, lockedRow } from './store.ts';
import { imprintFrom, imprintOfText } from './tree.ts';

const algorithmUnknown = problemKind(
  'archives.algorithm',
  500,
  '配置的哈希算法不认识：{name}',
  'an unknown hash algorithm is configured: {name}',
);

/** Algorithms whose end is this near are ageing by themselves (365 days). */
const NEAR = 365n * 86_400n;

/** The numbers of the algorithms that age: those configured, and those whose deprecation is near. */
export function ageingAlgorithms(deps: Pick<ArchiveDeps, 'config' | 'clock'>): Set<number> {
  const now = BigInt(Math.floor(deps.clock.now().getTime() / 1000));
  const near = hashAlgorithms.filter((a) => a.deprecated !== undefined && a.deprecated <= now + NEAR);
  return new Set([...deps.config.archives.ageing.map(algorithmNumber), ...near.map((a) => a.id)]);
}

/** The number of an algorithm by its name; Problem `archives.algorithm`. */
export function algorithmNumber(name: string): number {
  const found = algorithmNamed(name);
  if (!found) throw new Problem(algorithmUnknown, { name });
  return found.id;
}

/** Kept archives that were not verified for as long as is configured, the longest ago first. */
export async function dueArchives(
  deps: Pick<ArchiveDeps, 'db' | 'clock' | 'config'>,
  limit: number,
): Promise<number[]> {
  const before = new Date(deps.clock.now().getTime() - deps.config.archives.verifyDays * 86_400_000);
  const rows = await deps.db.query<{ id: number }>(
    `SELECT id FROM archives.archive WHERE state = 'preserved' AND verified_at < $1 ORDER BY verified_at, id LIMIT $2`,
    [before, limit],
  );
  return rows.map((r) => r.id);
}

/** One archive read and verified again; answers whether it is sound. */
export async function verifyAgain(deps: ArchiveDeps, id: number, by: string | null, signal?: AbortSignal) {
  const found = await lookAt(deps, id, 'preservation', signal);
  const failures = found.items.filter((o) => o.result === 'failed').map((o) => o.code);
  const sound = !failures.some((code) => DAMAGE.includes(code));
  await deps.db.tx(async (trx) => {
    const row = await lockedRow(trx, id);
    if (row.state !== 'preserved') return;
    await keepExamination(deps, trx, id, 'preservation', by, found);
    if (!sound && row.condition !== 'damaged') {
      await addStep(deps, trx, id, 'damaged', null, { failed: failures });
      await deps.audit.append(
        {
          actor: null,
          action: 'archives.damaged',
          object: `archive/${id}`,
          outcome: 'failed',
          detail: { failed: failures },
        },
        trx,
      );
    }
    if (sound && row.condition === 'damaged') await addStep(deps, trx, id, 'restored', null);
    await sql`UPDATE archives.archive SET condition = ${sound ? 'sound' : 'damaged'}, verified_at = ${deps.clock.now()}
      WHERE id = ${id}`.execute(trx);
  });
  return { sound, failures, found };
}

/** A run over what is due, or over everything; its report is kept as it grows. */
export async function verifyRun(deps: ArchiveDeps, context: Pick<JobContext, 'signal' | 'progress'>, all: boolean) {
  const ids = all
    ? (
        await deps.db.query<{ id: number }>(`SELECT id FROM archives.archive WHERE state = 'preserved' ORDER BY id`)
      ).map((r) => r.id)
    : await dueArchives(deps, 1_000_000);
  // A run that a killed process left is taken up by this one.
  await deps.db.query('DELETE FROM archives.run WHERE ended IS NULL');
  const made = await deps.db.query<{ id: number }>('INSERT INTO archives.run (at) VALUES ($1) RETURNING id', [
    deps.clock.now(),
  ]);
  const run = made[0]!.id;
  const findings: { archive: number; reference: string | null; items: string[] }[] = [];
  let bytes = 0;
  let damaged = 0;
  for (const [i, id] of ids.entries()) {
    context.signal.throwIfAborted();
    const { sound, failures, found } = await verifyAgain(deps, id, null, context.signal);
    bytes += found.bytes;
    if (!sound) damaged += 1;
    if (failures.length > 0) {
      const { reference } = await archiveRow(deps.db, id);
      findings.push({ archive: id, reference, items: failures });
      deps.log.error({ archive: id, failures, damaged: !sound }, 'a kept archive does not pass');
    }
    context.progress({ done: i + 1, total: ids.length });
    await deps.db.query('UPDATE archives.run SET archives = $2, bytes = $3, findings = $4::jsonb WHERE id = $1', [
      ...[run, i + 1, bytes],
      JSON.stringify(findings.slice(0, 1000)),
    ]);
  }
  await deps.db.query('UPDATE archives.run SET ended = $2 WHERE id = $1', [run, deps.clock.now()]);
  return { run, archives: ids.length, damaged };
}

/** Archives whose seal in force is under an ageing algorithm. */
export async function toReseal(deps: Pick<ArchiveDeps, 'db' | 'clock' | 'config'>): Promise<number[]> {
  const ageing = ageingAlgorithms(deps);
  ageing.delete(algorithmNumber(deps.config.archives.resealWith));
  const rows = await deps.db.query<{ id: number }>(
    `SELECT a.id FROM archives.archive a
     JOIN LATERAL (SELECT algorithm FROM archives.generation g WHERE g.archive = a.id ORDER BY no DESC LIMIT 1) g ON true
     WHERE a.state = 'preserved' AND a.condition = 'sound' AND g.algorithm = ANY($1::integer[]) ORDER BY a.id`,
    [[...ageing]],
  );
  return rows.map((r) => r.id);
}

/** Seals an archive anew: contents hashed anew under the new algorithm, and the signature in force as the last leaf. */
export async function reseal(deps: ArchiveDeps, id: number): Promise<boolean> {
  const { sound } = await verifyAgain(deps, id, null);
  // What is damaged is not sealed again: the old seal proves what it was.
  if (!sound) return false;
  const algorithm = algorithmNumber(deps.config.archives.resealWith);
  const name = algorithmOf(algorithm)!.name;
  const files = await filesOf(deps.db, id);
  const contents: Uint8Array[] = [];
  for (const file of files) {
    const { digests, sha256 } = await sampleOf(deps.blobs.get(file.sha256), { digests: [name] });
    if (sha256 !== file.sha256) return false;
    contents.push(imprintFrom(algorithm, digests.get(name)!));
  }
  const before = (await generationsOf(deps.db, id))[0]!;
  const old = await signatureOf(deps, before);
  await deps.db.tx(async (trx) => {
    const row = await lockedRow(trx, id);
    const metadata = textOf(row, files);
    const leaves = [imprintOfText(algorithm, metadata), ...contents, imprint(algorithm, old)];
    const bytes = files.reduce((n, f) => n + f.bytes, 0);
    const no = before.no + 1;
    const seal = await sealLeaves(deps, trx, row, { algorithm, no, leaves, metadata, files: files.length, bytes });
    await addStep(deps, trx, id, 'resealed', null, { algorithm: name, seal, before: before.seal });
    await deps.audit.append(
      { actor: null, action: 'archives.reseal', object: `archive/${id}`, outcome: 'ok', detail: { algorithm: name } },
      trx,
    );
  });
  return true;
}
