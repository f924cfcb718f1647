/**
 * Orders beside the backups: an executed matter is kept in the repository, and a hub that was restored from an older backup carries it out again
 * before it answers anybody. What stands there is the token of the number's normal form and what was decided; no value.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { erasuresApplied, hasErasure, keepErasure, repositoryOf, waitingErasures } from '../platform/backup/index.ts';
import { lakeMemory } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { ErasurePorts } from './ports.ts';
import { carryOut, failed } from './run.ts';
import { decisionsOf, type Matter, matterOf, note } from './store.ts';
import { know } from './subject.ts';

const order = z.object({
  id: z.number().int(),
  ground: z.enum(['request', 'consent-withdrawn', 'purpose-ended', 'unlawful']),
  document: z.string(),
  norm: z.string(),
  digest: z.string(),
  received: z.string(),
  due: z.string().nullable(),
  enteredBy: z.string(),
  enteredAt: z.string(),
  proposedBy: z.string(),
  proposedAt: z.string(),
  decidedBy: z.string(),
  decidedAt: z.string(),
  decisions: z.array(z.object({ source: z.string(), action: z.enum(['delete', 'keep']), reason: z.string() })),
});
type Order = z.output<typeof order>;

const orderOf = async (ports: ErasurePorts, m: Matter): Promise<Order> => ({
  ...{
    id: m.id,
    ground: m.ground,
    document: m.document,
    norm: m.norm,
    digest: m.digest,
    received: m.received,
    due: m.due,
  },
  ...{ enteredBy: m.entered_by, enteredAt: m.entered_at.toISOString(), proposedBy: m.proposed_by! },
  ...{ proposedAt: m.proposed_at!.toISOString(), decidedBy: m.decided_by!, decidedAt: m.decided_at!.toISOString() },
  decisions: await decisionsOf(ports.db.kysely, m.id),
});

/** The repository and its key, or null where none is configured or its key is not here. */
function repository(ports: ErasurePorts): { folder: string; dataKey: Buffer } | null {
  try {
    return repositoryOf(ports.config, ports.folders.keys);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** Keeps a matter in the repository; answers whether there is one. */
export async function register(ports: ErasurePorts, id: number): Promise<boolean> {
  const at = repository(ports);
  if (!at) return false;
  keepErasure(at.folder, at.dataKey, id, await orderOf(ports, await matterOf(ports.db.kysely, id)));
  return true;
}

/** Matters that the repository does not have yet: it was made, or reached again, after them. */
export async function registerMissing(ports: ErasurePorts): Promise<void> {
  const at = repository(ports);
  if (!at) return;
  const { rows } = await sql<{
    id: number;
  }>`SELECT id FROM erasure.matter WHERE state IN ('executed', 'closed')`.execute(ports.db.kysely);
  for (const { id } of rows) if (!hasErasure(at.folder, id)) await register(ports, id);
}

/** Carries out orders that came with a restore and are younger than what was restored; before the hub answers anybody. */
export async function applyRestored(ports: ErasurePorts): Promise<number> {
  const data = ports.folders.data;
  const waiting = z.array(order).parse(waitingErasures(data));
  let applied = 0;
  for (const o of waiting) {
    const m = (await renewed(ports, o)) ?? (await standingAgain(ports, o));
    if (!m) continue;
    ports.log.info({ matter: m.id }, 'an order of erasure is carried out again after a restore');
    try {
      await carryOut(ports, m, new AbortController().signal);
    } catch (error) {
      // What a person must look at must not keep the whole hub down: the matter stands as not carried out, and goes on when they say so.
      if (!(error instanceof Problem) || error.kind === lakeMemory) throw error;
      ports.log.error({ matter: m.id, problem: error.toJSON() }, 'an order of erasure could not be carried out again');
      await failed(ports, m.id, error);
    }
    applied += 1;
  }
  if (waiting.length > 0) erasuresApplied(data);
  return applied;
}

/** The matter as it is to be carried out again; null where what was restored has it executed already. */
function renewed(ports: ErasurePorts, o: Order): Promise<Matter | null> {
  return ports.db.tx(async (trx) => {
    const same = await sql<{
      id: number;
      state: string;
    }>`SELECT id, state FROM erasure.matter WHERE norm = ${o.norm} AND digest = ${o.digest}
      AND document = ${o.document} AND entered_at = ${o.enteredAt} ORDER BY id LIMIT 1`.execute(trx);
    if (same.rows[0] && ['executed', 'closed'].includes(same.rows[0].state)) return null;
    let id = same.rows[0]?.id;
    if (id === undefined) {
      // Its number may be another's by now, where the restored hub went on for a while: then it gets a new one.
      const taken = await sql`SELECT 1 AS one FROM erasure.matter WHERE id = ${o.id}`.execute(trx);
      const made = await sql<{
        id: number;
      }>`INSERT INTO erasure.matter (id, state, ground, document, norm, digest, received, due, entered_by, entered_at, looked_at)
        OVERRIDING SYSTEM VALUE
        VALUES (${taken.rows.length > 0 ? sql`nextval(pg_get_serial_sequence('erasure.matter', 'id'))` : sql`${o.id}`}, 'withdrawn', ${o.ground}, ${o.document},
          ${o.norm}, ${o.digest}, ${o.received}, ${o.due}, ${o.enteredBy}, ${o.enteredAt}, ${o.enteredAt}) RETURNING id`.execute(
        trx,
      );
      id = made.rows[0]!.id;
      await sql`SELECT setval(pg_get_serial_sequence('erasure.matter', 'id'), (SELECT max(id) FROM erasure.matter))`.execute(
        trx,
      );
    }
    await sql`UPDATE erasure.matter SET state = 'running', proposed_by = ${o.proposedBy}, proposed_at = ${o.proposedAt}, decided_by = ${o.decidedBy},
      decided_at = ${o.decidedAt}, restored = true, problem = NULL, mask = NULL, refusal = NULL WHERE id = ${id}`.execute(
      trx,
    );
    await sql`DELETE FROM erasure.decision WHERE matter = ${id}`.execute(trx);
    for (const d of o.decisions)
      await sql`INSERT INTO erasure.decision (matter, source, action, reason) VALUES (${id}, ${d.source}, ${d.action}, ${d.reason})`.execute(
        trx,
      );
    await note(ports, trx, id, 'restored', null);
    return matterOf(trx, id);
  });
}

/**
 * A matter that the store has executed while the lake is of an older moment (it alone was put back): where rows of the person stand again, it is
 * carried out once more from its first step.
 */
async function standingAgain(ports: ErasurePorts, o: Order): Promise<Matter | null> {
  const { rows } = await sql<{
    id: number;
  }>`SELECT id FROM erasure.matter WHERE norm = ${o.norm} AND state IN ('executed', 'closed')
    ORDER BY id DESC LIMIT 1`.execute(ports.db.kysely);
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await know(ports, { id, norm: o.norm }, true);
  const there = await ports.lake.first(
    `SELECT 1 AS one FROM v.subject_row_v1 s WHERE s.erasure = $e AND NOT EXISTS
       (SELECT 1 FROM v.erased_row_v1 x WHERE x.erasure = $e AND x.run = s.run AND x.row = s.row) LIMIT 1`,
    { e: id },
  );
  if (!there) return null;
  return ports.db.tx(async (trx) => {
    await sql`DELETE FROM erasure.mark WHERE matter = ${id}`.execute(trx);
    await sql`DELETE FROM erasure.begun WHERE matter = ${id}`.execute(trx);
    await sql`UPDATE erasure.matter SET state = 'running', restored = true WHERE id = ${id}`.execute(trx);
    await note(ports, trx, id, 'restored', null);
    return matterOf(trx, id);
  });
}
