/**
 * The life-cycle trace of an archive (生命周期轨迹): every step is a record that names the hash of the step before it, so that none can be
 * changed, left out or put in between; steps are sealed in batches, each provable by itself.
 */
import { createHash } from 'node:crypto';
import { TreeBuilder } from '@jingwei/keyless';
import { type Kysely, sql } from 'kysely';
import { canonicalJson } from '../platform/audit/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables, Db } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import type { ArchiveDeps } from './deps.ts';
import { notSealed, unknownStep } from './problems.ts';
import { FIRST_ALGORITHM, hex, imprintFrom } from './tree.ts';

/** What can happen to an archive. */
export const actions = {
  created: { zh: '形成（登记）', en: 'Created' },
  submitted: { zh: '提交', en: 'Handed in' },
  examined: { zh: '四性检测', en: 'Checked' },
  returned: { zh: '退回补正', en: 'Sent back' },
  archived: { zh: '归档', en: 'Archived' },
  preserved: { zh: '签封入库', en: 'Sealed and stored' },
  viewed: { zh: '查看', en: 'Looked at' },
  downloaded: { zh: '下载', en: 'Downloaded' },
  'taken-out': { zh: '出证', en: 'Taken out with proof' },
  'borrow-requested': { zh: '申请借阅', en: 'Asked for' },
  lent: { zh: '批准借阅', en: 'Lent' },
  'borrow-refused': { zh: '不予借阅', en: 'Not lent' },
  'borrow-returned': { zh: '归还', en: 'Given back' },
  'transfer-offered': { zh: '发起移交', en: 'Offered for transfer' },
  transferred: { zh: '移交接收', en: 'Transferred' },
  'transfer-refused': { zh: '拒绝接收', en: 'Transfer refused' },
  verified: { zh: '定期复核', en: 'Verified again' },
  damaged: { zh: '发现损坏', en: 'Found damaged' },
  restored: { zh: '复核恢复完好', en: 'Found whole again' },
  resealed: { zh: '续签封', en: 'Sealed anew' },
  appraised: { zh: '鉴定', en: 'Appraised' },
  destroyed: { zh: '销毁', en: 'Destroyed' },
} as const satisfies Record<string, Bilingual>;
export type Action = keyof typeof actions;

/** A step as it is kept. */
export interface StepRow {
  id: number;
  archive: number;
  seq: number;
  action: Action;
  at: Date;
  record: string;
  hash: Uint8Array;
  batch: number | null;
  seal: number | null;
}

/** What a record says. */
export interface StepRecord {
  archive: number;
  seq: number;
  at: string;
  action: Action;
  actor: string | null;
  organisation: string | null;
  detail: Record<string, unknown>;
  /** Hash of the step before in hexadecimal; zeros at the first. */
  previous: string;
}

const digest = (record: string): Buffer => createHash('sha256').update(record).digest();

/** Adds a step; the archive's row is locked until the transaction ends. */
export async function addStep(
  deps: Pick<ArchiveDeps, 'clock'>,
  trx: Kysely<AnyTables>,
  archive: number,
  action: Action,
  actor: Principal | null,
  detail: Record<string, unknown> = {},
): Promise<void> {
  const found = await sql<{ steps: number; head: Uint8Array }>`
    SELECT steps, head FROM archives.archive WHERE id = ${archive} FOR UPDATE`.execute(trx);
  const last = found.rows[0]!;
  const at = deps.clock.now();
  const seq = last.steps + 1;
  const record = canonicalJson({
    ...{ archive, seq, at: at.toISOString(), action },
    ...{ actor: actor?.login ?? null, organisation: actor?.organisation ?? null, detail },
    previous: hex(last.head),
  } satisfies StepRecord);
  const hash = digest(record);
  await sql`INSERT INTO archives.step (archive, seq, action, at, record, hash)
    VALUES (${archive}, ${seq}, ${action}, ${at}, ${record}, ${hash})`.execute(trx);
  await sql`UPDATE archives.archive SET steps = ${seq}, head = ${hash} WHERE id = ${archive}`.execute(trx);
}

/** The steps of an archive in their order. */
export async function stepsOf(db: Db, archive: number): Promise<StepRow[]> {
  return db.query<StepRow>(
    `SELECT s.id, s.archive, s.seq, s.action, s.at, s.record, s.hash, s.batch, b.seal
     FROM archives.step s LEFT JOIN archives.batch b ON b.id = s.batch WHERE s.archive = $1 ORDER BY s.seq`,
    [archive],
  );
}

/** Where the chain of steps is broken; null when it is whole and ends in the archive's head. */
export function chainFault(steps: readonly StepRow[], head: Uint8Array): Bilingual | null {
  let previous = hex(new Uint8Array(32));
  for (const [i, step] of steps.entries()) {
    const record = JSON.parse(step.record) as StepRecord;
    const sound =
      record.seq === i + 1 &&
      step.seq === i + 1 &&
      record.previous === previous &&
      digest(step.record).equals(step.hash);
    if (!sound) return { zh: `第 ${i + 1} 个环节与哈希链不符`, en: `step ${i + 1} does not fit the chain of hashes` };
    previous = hex(step.hash);
  }
  return previous === hex(head) ? null : { zh: '最后的环节缺失', en: 'the last steps are missing' };
}

/** Number of the advisory lock under which batches are made. */
const LOCK = 7_414_530_641;
/** Steps of one batch. */
const BATCH = 5000;

/** Asks for a seal over all steps that have none; answers how many. */
export async function sealSteps(deps: Pick<ArchiveDeps, 'db' | 'seal' | 'clock'>): Promise<number> {
  return deps.db.tx(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(trx);
    const open = await sql<{ id: number; hash: Uint8Array }>`
      SELECT id, hash FROM archives.step WHERE batch IS NULL ORDER BY id LIMIT ${BATCH}`.execute(trx);
    if (open.rows.length === 0) return 0;
    const { root, level } = batchTree(open.rows).close();
    const steps = open.rows.length;
    const made = await sql<{ id: number }>`INSERT INTO archives.batch (seal, steps, at)
      VALUES (0, ${steps}, ${deps.clock.now()}) RETURNING id`.execute(trx);
    const batch = made.rows[0]!.id;
    const seal = await deps.seal.request(
      {
        ...{ kind: 'archive-step', subject: String(batch), organisation: null, imprint: root, level },
        title: { zh: `电子档案的 ${steps} 个生命周期环节`, en: `${steps} life-cycle steps of electronic archives` },
        facts: { steps },
      },
      trx,
    );
    await sql`UPDATE archives.batch SET seal = ${seal} WHERE id = ${batch}`.execute(trx);
    await sql`UPDATE archives.step SET batch = ${batch} WHERE id = ANY(${open.rows.map((r) => r.id)}::bigint[])`.execute(
      trx,
    );
    return steps;
  });
}

function batchTree(steps: readonly { hash: Uint8Array }[]): TreeBuilder {
  const tree = new TreeBuilder(FIRST_ALGORITHM, { expected: steps.length });
  for (const { hash } of steps) tree.add(imprintFrom(FIRST_ALGORITHM, hash));
  return tree;
}

/** The signature of one step: it verifies against the bytes of the step's record. */
export async function proofOfStep(
  deps: Pick<ArchiveDeps, 'db' | 'seal'>,
  archive: number,
  seq: number,
): Promise<Uint8Array> {
  const rows = await deps.db.query<{ id: number; hash: Uint8Array; batch: number | null; seal: number | null }>(
    `SELECT s.id, s.hash, s.batch, b.seal FROM archives.step s LEFT JOIN archives.batch b ON b.id = s.batch
     WHERE s.archive = $1 AND s.seq = $2`,
    [archive, seq],
  );
  const step = rows[0];
  if (!step) throw new Problem(unknownStep, { seq });
  if (step.batch === null || step.seal === null) throw new Problem(notSealed);
  const all = await deps.db.query<{ id: number; hash: Uint8Array }>(
    'SELECT id, hash FROM archives.step WHERE batch = $1 ORDER BY id',
    [step.batch],
  );
  const tree = batchTree(all);
  tree.close();
  return deps.seal.proofOf(step.seal, {
    imprint: imprintFrom(FIRST_ALGORITHM, step.hash),
    links: tree.chainOf(all.findIndex((one) => one.id === step.id)),
    algorithm: FIRST_ALGORITHM,
  });
}
