/**
 * The rows of one delivery: what stands now, and what came and went since the delivery before. Record numbers, and with them the order
 * of the rows, differ from recipient to recipient: a copy that turns up somewhere says whose it was, and no value is altered for it.
 */
import { foldSql, ident, type LakeParams, type LakeSession, maskSql } from '../../platform/lake/index.ts';
import type { Deps } from '../../platform/room.ts';
import { formatOf, type SharedEntry } from '../entries.ts';
import type { ShareRow } from '../matters.ts';
import { type DeliveredItem, type ShownRows, shownRows } from './shown.ts';
import { HELD, recordNumber } from './tables.ts';

/**
 * Stages what a grant lets through in the temporary table `d` of the session: `_fact`, `_record` and the granted items that are still
 * there, masked where the grant does not cover them. Answers those items. A Problem where nothing is collected.
 */
export async function stageGranted(
  s: LakeSession,
  ports: Pick<Deps, 'lake'>,
  share: ShareRow,
  shared: SharedEntry,
): Promise<DeliveredItem[]> {
  const shown = await shownRows(s, ports, share, shared);
  await s.run(`CREATE OR REPLACE TEMP TABLE d AS ${shown.select()}`, shown.params);
  return shown.items;
}

/** Replaces an item's values in `d` by what may be seen of them. Tokens are masked by the vault, everything else by its format. */
export async function maskItem(s: LakeSession, ports: Pick<Deps, 'lake'>, source: string, name: string): Promise<void> {
  const masked = `coalesce(i.mask, ${maskSql(formatOf(ports, source, name), 'r._folded')}) AS ${ident(name)}`;
  await s.run(`CREATE OR REPLACE TEMP TABLE masked AS SELECT r.* EXCLUDE (_folded) REPLACE (${masked})
    FROM (SELECT *, ${foldSql(`${ident(name)}::VARCHAR`)} AS _folded FROM d) r LEFT JOIN v.identity_v1 i ON i.token = r._folded;
    DROP TABLE d; ALTER TABLE masked RENAME TO d`);
}

/** What was staged: how many rows stand now, how many came and went since the delivery before. */
export interface Staged {
  rows: number;
  added: number;
  removed: number;
}

/**
 * Stages a delivery in temporary tables of the session: `d` (what stands: whole rows for a full delivery, only their digests for
 * changes, whose few rows are read again) and `diff` (what came and went).
 */
export async function stageRows(
  s: LakeSession,
  ports: Pick<Deps, 'lake'>,
  share: ShareRow,
  delivery: { id: number; kind: 'full' | 'changes' },
  shared: SharedEntry,
): Promise<Staged & { shown: ShownRows }> {
  const shown = await shownRows(s, ports, share, shared);
  const digest = `hash(${shown.items.map((i) => ident(i.name)).join(', ')})`;
  await s.run(
    delivery.kind === 'full'
      ? `CREATE OR REPLACE TEMP TABLE d AS SELECT *, ${digest} AS _digest FROM (${shown.select()})`
      : `CREATE OR REPLACE TEMP TABLE d AS SELECT _fact, ${digest} AS _digest FROM (${shown.select()})`,
    shown.params,
  );
  await s.run(
    `CREATE OR REPLACE TEMP TABLE diff AS
     WITH held AS (${HELD})
     SELECT coalesce(d._fact, h.fact) AS fact, coalesce(d._digest, h.digest) AS digest, (CASE WHEN d._fact IS NULL THEN -1 ELSE 1 END)::TINYINT AS change
     FROM d FULL JOIN held h ON h.fact = d._fact WHERE h.digest IS DISTINCT FROM d._digest`,
    { share: share.id, delivery: delivery.id },
  );
  const counts = await s.first<{ rows: number; added: number; removed: number }>(
    `SELECT (SELECT count(*) FROM d) AS rows, count(*) FILTER (WHERE change = 1) AS added,
       count(*) FILTER (WHERE change = -1) AS removed FROM diff`,
  );
  return { rows: Number(counts!.rows), added: Number(counts!.added), removed: Number(counts!.removed), shown };
}

/** SELECT of what is written: all rows, or what came and went with `_change`; in the recipient's own order. */
export function deliverySelect(kind: 'full' | 'changes', shown: ShownRows): { sql: string; params: LakeParams } {
  if (kind === 'full') {
    const named = shown.items.map((i) => ident(i.name)).join(', ');
    return { sql: `SELECT _record, ${named} FROM d ORDER BY _record`, params: {} };
  }
  const named = shown.items.map((i) => `n.${ident(i.name)}`).join(', ');
  const sql = `SELECT CASE c.change WHEN 1 THEN 'add' ELSE 'remove' END AS _change,
      ${recordNumber('c.fact')} AS _record, ${named}
    FROM diff c LEFT JOIN (${shown.select('fact IN (SELECT fact FROM diff WHERE change = 1)')}) n
      ON n._fact = c.fact AND c.change = 1 ORDER BY _record, c.change`;
  return { sql, params: shown.params };
}
