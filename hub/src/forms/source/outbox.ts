/**
 * What accepted records say to the exchange. The line is written with the acceptance; lines go out in batches whose content never changes once they
 * have their key, and the exchange takes each key once: a kill at any moment loses nothing and doubles nothing.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { deliverOwn } from '../../exchange/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { cityDay } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Design } from '../design.ts';
import type { FormsPorts, Trx } from '../ports.ts';
import type { FormRow, RecordRow } from '../store.ts';
import { rowOf, type SourceRow } from './declaration.ts';

/** Records of one batch. */
const BATCH = 2000;

/** Writes what a record's state says to the exchange; answers whether a row of it is known there (or on its way). */
export async function enqueue(
  trx: Trx,
  form: Pick<FormRow, 'id' | 'source'>,
  design: Design,
  r: RecordRow,
  now: Date,
): Promise<boolean> {
  if (form.source === null) return r.known;
  const op = r.state === 'accepted' ? (r.known ? 'U' : 'I') : r.state === 'withdrawn' && r.known ? 'D' : null;
  if (!op) return r.known;
  const row = rowOf(design, r, cityDay(now));
  if (op === 'U') {
    const last = await sql<{
      row: SourceRow;
    }>`SELECT row FROM forms.outbox WHERE record = ${r.id}::uuid ORDER BY id DESC LIMIT 1`.execute(trx);
    const bare = ({ texts: { accepted_at: _, ...texts }, tokens }: SourceRow) =>
      JSON.stringify([Object.entries(texts).sort(), Object.entries(tokens).sort()]);
    if (last.rows[0] && bare(last.rows[0].row) === bare(row)) return true;
  }
  await sql`INSERT INTO forms.outbox (form, record, op, row, at)
    VALUES (${form.id}, ${r.id}::uuid, ${op}, ${JSON.stringify(row)}::jsonb, ${now})`.execute(trx);
  return op !== 'D';
}

/** The hub itself, as it opens numbers for its own source and says so in the audit. */
const hub: Principal = {
  ...{
    userId: 'hub',
    login: 'hub',
    name: '经纬',
    organisation: null,
    roles: [],
    permissions: new Set(['vault.reveal']),
  },
  ...{ sessionId: 'forms', purpose: '表单记录归集' },
};

interface Line {
  id: number;
  record: string;
  op: 'I' | 'U' | 'D';
  row: SourceRow;
  at: Date;
}

/** Sends what waits of all forms; answers how many lines went out. One at a time (the room's timer and steps ask for it). */
export async function sendOutbox(ports: FormsPorts): Promise<number> {
  const forms = await sql<{ id: number; source: string }>`SELECT f.id, f.source FROM forms.form f
    WHERE f.source IS NOT NULL AND EXISTS (SELECT 1 FROM forms.outbox o WHERE o.form = f.id AND o.sent_at IS NULL)
    ORDER BY f.id`.execute(ports.db.kysely);
  let sent = 0;
  for (const form of forms.rows)
    try {
      for (let n = await sendBatch(ports, form); n > 0; n = await sendBatch(ports, form)) sent += n;
    } catch (error) {
      ports.log.error(
        { err: error, source: form.source },
        'accepted records could not be handed to the exchange; they wait',
      );
      const problem = error instanceof Problem ? error.toJSON() : { code: 'forms.source.failed' };
      await sql`UPDATE forms.outbox SET problem = ${JSON.stringify(problem)}::jsonb
        WHERE form = ${form.id} AND sent_at IS NULL AND batch IS NOT NULL`.execute(ports.db.kysely);
    }
  return sent;
}

/** Sends one batch of a form: the one that has its key already, else a new one in which every record stands once. */
async function sendBatch(ports: FormsPorts, form: { id: number; source: string }): Promise<number> {
  const { key, lines } = await ports.db.tx(async (trx) => {
    const open = await sql<{ batch: string }>`SELECT batch FROM forms.outbox
      WHERE form = ${form.id} AND sent_at IS NULL AND batch IS NOT NULL ORDER BY id LIMIT 1`.execute(trx);
    let batch = open.rows[0]?.batch;
    if (!batch) {
      batch = randomUUID();
      await sql`UPDATE forms.outbox SET batch = ${batch}::uuid WHERE id IN (
        SELECT min(id) FROM forms.outbox WHERE form = ${form.id} AND sent_at IS NULL GROUP BY record ORDER BY 1 LIMIT ${BATCH})`.execute(
        trx,
      );
    }
    const found =
      await sql<Line>`SELECT id, record, op, row, at FROM forms.outbox WHERE batch = ${batch}::uuid ORDER BY id`.execute(
        trx,
      );
    return { key: batch, lines: found.rows };
  });
  if (lines.length === 0) return 0;
  const tokens = [...new Set(lines.flatMap((l) => Object.values(l.row.tokens)))];
  const plain = tokens.length
    ? await ports.vault.reveal(tokens, hub, `表单记录归集：${form.source}`)
    : new Map<string, string>();
  const receipt = await deliverOwn(ports.lake, { source: form.source, key, by: 'forms', rows: rowsOf(lines, plain) });
  await sql`UPDATE forms.outbox SET sent_at = ${ports.clock.now()}, run = ${receipt.run}, problem = NULL
    WHERE batch = ${key}::uuid`.execute(ports.db.kysely);
  return lines.length;
}

function* rowsOf(lines: readonly Line[], plain: ReadonlyMap<string, string>): Generator<Record<string, string | null>> {
  for (const { row, op, at } of lines) {
    const numbers = Object.fromEntries(Object.entries(row.tokens).map(([k, t]) => [k, plain.get(t) ?? null]));
    yield { ...row.texts, ...numbers, dsc_biz_operation: op, dsc_biz_timestamp: at.toISOString() };
  }
}
