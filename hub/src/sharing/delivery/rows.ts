/**
 * The rows of a delivery, made in the engine out of the typed records of the class: granted items and nothing else, rows filtered,
 * values masked where the grant does not cover them. Record numbers, and with them the order of the rows, differ from recipient to
 * recipient: a copy that turns up somewhere says whose it was, and no value is altered for it.
 */
import { recordView } from '../../libraries/index.ts';
import { isToken, mask } from '../../platform/auth/protection.ts';
import { ident, type LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { formatOf, type SharedEntry, typeOf } from '../entries.ts';
import { columnOf, filterSql } from '../filter.ts';
import type { ShareRow } from '../matters.ts';
import { nothingCollected } from '../problems.ts';
import { HELD, recordNumber } from './tables.ts';

/** Distinct values masked at a time. */
const BATCH = 4000;

/** One item of a delivery: its name, and how its values are shown. */
export interface DeliveredItem {
  name: string;
  title: { zh: string; en: string };
  type: string;
  shown: 'plain' | 'masked';
}

/** How each granted item is delivered: public and internal plain, personal where covered, sensitive never. */
export function deliveredItems(share: Pick<ShareRow, 'items' | 'plain'>, { items }: SharedEntry): DeliveredItem[] {
  return share.items.flatMap((name) => {
    const item = items.find((i) => i.name === name);
    // An item that the entry no longer has is no longer delivered.
    if (!item) return [];
    const open = item.protection === 'public' || item.protection === 'internal';
    const covered = item.protection === 'personal' && share.plain.includes(name);
    return [
      { name, title: item.title, type: item.type, shown: open || covered ? ('plain' as const) : ('masked' as const) },
    ];
  });
}

/** What was staged: how many rows stand now, how many came and went since the delivery before. */
export interface Staged {
  rows: number;
  added: number;
  removed: number;
}

/**
 * Stages what a grant lets through in the temporary table `d` of the session: `_record`, `_fact` and the granted items, masked where the
 * grant does not cover them. Whoever gives rows of a grant, by whatever way, begins here. A Problem where nothing is collected.
 */
export async function stageGranted(
  s: LakeSession,
  ports: Pick<Deps, 'lake' | 'vault'>,
  share: ShareRow,
  shared: SharedEntry,
): Promise<DeliveredItem[]> {
  const source = shared.entry.source;
  const view = source === null ? null : recordView(source);
  const there =
    view &&
    (await s.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'v' AND table_name = $view`,
      { view },
    ));
  const items = deliveredItems(share, shared);
  const columns = new Set((there || []).map((c) => ident(c.name)));
  if (!view || !columns.size || items.some((i) => !columns.has(columnOf(i.name)))) throw new Problem(nothingCollected);
  const { where, params } = filterSql(share.filter, shared.items, (item) => typeOf(ports, source!, item));
  const own = items.map((i) => `${columnOf(i.name)} AS ${ident(i.name)}`);
  await s.run(
    `CREATE OR REPLACE TEMP TABLE d AS SELECT ${recordNumber('fact')} AS _record, fact AS _fact, ${own.join(', ')}
     FROM v.${ident(view)} WHERE ${where}`,
    { ...params, mark: share.mark },
  );
  for (const item of items) if (item.shown === 'masked') await maskItem(s, ports, source!, item.name);
  return items;
}

/** Stages the rows in temporary tables `d` (what stands) and `diff` (what came and went) of the session. */
export async function stageRows(
  s: LakeSession,
  ports: Pick<Deps, 'lake' | 'vault'>,
  share: ShareRow,
  delivery: number,
  shared: SharedEntry,
): Promise<Staged> {
  const items = await stageGranted(s, ports, share, shared);
  const named = items.map((i) => ident(i.name)).join(', ');
  await s.run(`ALTER TABLE d ADD COLUMN _digest UBIGINT`);
  await s.run(`UPDATE d SET _digest = hash(${named})`);
  await s.run(
    `CREATE OR REPLACE TEMP TABLE diff AS
     WITH held AS (${HELD})
     SELECT d._fact AS fact, d._digest AS digest, 1::TINYINT AS change FROM d
       LEFT JOIN held h ON h.fact = d._fact AND h.digest = d._digest WHERE h.fact IS NULL
     UNION ALL
     SELECT h.fact, h.digest, -1::TINYINT FROM held h LEFT JOIN d ON d._fact = h.fact WHERE d._fact IS NULL`,
    { share: share.id, delivery },
  );
  const counts = await s.first<{ rows: number; added: number; removed: number }>(
    `SELECT (SELECT count(*) FROM d) AS rows, count(*) FILTER (WHERE change = 1) AS added,
       count(*) FILTER (WHERE change = -1) AS removed FROM diff`,
  );
  return { rows: Number(counts!.rows), added: Number(counts!.added), removed: Number(counts!.removed) };
}

/** Replaces an item's values in `d` by what may be seen of them. Tokens are masked by the vault, everything else by its format. */
export async function maskItem(
  s: LakeSession,
  ports: Pick<Deps, 'lake' | 'vault'>,
  source: string,
  name: string,
): Promise<void> {
  const column = ident(name);
  const format = formatOf(ports, source, name);
  await s.run(
    `CREATE OR REPLACE TEMP TABLE shown AS SELECT row_number() OVER () AS n, v FROM (SELECT DISTINCT ${column}::VARCHAR AS v FROM d
     WHERE ${column} IS NOT NULL)`,
  );
  await s.run('CREATE OR REPLACE TEMP TABLE masks (v VARCHAR, m VARCHAR)');
  for (let from = 0; ; from += BATCH) {
    const rows = await s.query<{ v: string }>('SELECT v FROM shown WHERE n > $from AND n <= $to', {
      from,
      to: from + BATCH,
    });
    if (!rows.length) break;
    const tokens = rows.map((r) => r.v).filter(isToken);
    const known = tokens.length ? await ports.vault.masks(tokens) : new Map<string, string>();
    await s.append(
      'masks',
      rows.map(({ v }) => [v, known.get(v) ?? mask(format, v)]),
    );
  }
  await s.run(`ALTER TABLE d ALTER ${column} TYPE VARCHAR`);
  await s.run(`UPDATE d SET ${column} = (SELECT m FROM masks WHERE masks.v = d.${column})`);
}

/** SELECT of what is written: all rows, or what came and went with `_change`; in the recipient's own order. */
export function deliverySelect(kind: 'full' | 'changes', items: readonly DeliveredItem[]): string {
  const named = items.map((i) => `d.${ident(i.name)}`).join(', ');
  if (kind === 'full') return `SELECT _record, ${named} FROM d ORDER BY _record`;
  return `SELECT CASE c.change WHEN 1 THEN 'add' ELSE 'remove' END AS _change,
      ${recordNumber('c.fact')} AS _record, ${named}
    FROM diff c LEFT JOIN d ON d._fact = c.fact AND c.change = 1 ORDER BY _record, c.change`;
}
