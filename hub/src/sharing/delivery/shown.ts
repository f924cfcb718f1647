/**
 * The rows of a grant as one SELECT over the typed records of its class: granted items and nothing else, rows filtered, values masked
 * where the grant does not cover them. Everything happens in the engine in one pass: masks are SQL, tokens are joined with the masks
 * that the vault keeps. Deliveries and streamed exports are made of it, so that neither can show what the other would not.
 */
import { catalogueOf } from '../../catalogue/index.ts';
import { recordView } from '../../libraries/index.ts';
import { veil } from '../../platform/auth/protection.ts';
import {
  foldSql,
  ident,
  type LakeParam,
  type LakeSession,
  literal,
  maskSql,
  usualSql,
} from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { type SharedEntry, typeOf } from '../entries.ts';
import { columnOf, filterSql } from '../filter.ts';
import type { ShareRow } from '../matters.ts';
import { itemGone, itemUngranted, nothingCollected } from '../problems.ts';
import { recordNumber } from './tables.ts';

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

/** Granted items that can no longer be delivered: the entry or its source has them no more. */
export function goneItems(
  share: Pick<ShareRow, 'items' | 'plain'>,
  shared: SharedEntry,
  columns: ReadonlySet<string>,
  declared: ReadonlyMap<string, unknown>,
): string[] {
  const there = new Set(
    deliveredItems(share, shared)
      .map((i) => i.name)
      // The typed records keep the columns of older versions: what the source declares now is what it has.
      .filter((name) => declared.has(name) && columns.has(columnOf(name))),
  );
  return share.items.filter((name) => !there.has(name));
}

/** A grant's rows, ready to be asked for. */
export interface ShownRows {
  items: DeliveredItem[];
  /** Granted items that are there no more. */
  gone: string[];
  /** The view that the rows come from, and the condition on them; with parameters of `params`. */
  view: string;
  where: string;
  /** Whether masks of the vault are joined. */
  joined: boolean;
  /**
   * SELECT of `_fact`, `_record` and every item under its name; `only`: a further condition on `fact`. Its parameters are `params`.
   * `few`: that condition leaves few rows, so that only their tokens are held in memory for the join, not all of the vault's.
   */
  select(only?: string, few?: boolean): string;
  params: Record<string, LakeParam>;
}

/** Columns of the typed records of an entry's source, quoted; empty where nothing was collected. */
export async function recordColumns(s: Pick<LakeSession, 'query'>, source: string | null): Promise<Set<string>> {
  if (source === null) return new Set();
  const found = await s.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'v' AND table_name = $view`,
    { view: recordView(source) },
  );
  return new Set(found.map((c) => ident(c.name)));
}

/**
 * The rows of a grant. `fields`: of the granted items only these; one that is not granted is refused. Problems: nothing collected, no
 * granted item is left, a condition of the filter rests on an item that is gone.
 */
export async function shownRows(
  s: Pick<LakeSession, 'query'>,
  ports: Pick<Deps, 'lake'>,
  share: Pick<ShareRow, 'items' | 'plain' | 'filter' | 'mark'>,
  shared: SharedEntry,
  fields?: readonly string[],
): Promise<ShownRows> {
  const { source } = shared.entry;
  const columns = await recordColumns(s, source);
  if (source === null || !columns.size) throw new Problem(nothingCollected);
  const ungranted = fields?.find((f) => !share.items.includes(f));
  if (ungranted !== undefined) throw new Problem(itemUngranted, { item: ungranted }, { field: 'fields' });
  const declared = new Map(
    catalogueOf(ports.lake)
      .sources.get(source)
      ?.declaration.fields.map((f) => [f.name, f]),
  );
  const gone = goneItems(share, shared, columns, declared);
  const items = deliveredItems(share, shared)
    .filter((i) => !gone.includes(i.name) && (fields === undefined || fields.includes(i.name)))
    // What the source keeps in the vault is a token: it is never handed out, whatever the entry says of it.
    .map((i) => (declared.get(i.name)?.protection === 'sensitive' ? { ...i, shown: 'masked' as const } : i));
  if (!items.length) throw new Problem(itemGone, { items: gone.join('、') });
  const lost = share.filter.find((c) => !declared.has(c.item) || !columns.has(columnOf(c.item)));
  if (lost) throw new Problem(itemGone, { items: lost.item });
  const { where, params } = filterSql(share.filter, shared.items, (item) => typeOf(ports, source, item));
  const inner: string[] = [];
  const outer: string[] = [];
  const usual: string[] = [];
  const tokens: { n: number; column: string }[] = [];
  items.forEach((item, n) => {
    const column = columnOf(item.name);
    if (item.shown === 'plain') {
      inner.push(`${column} AS c${n}`);
      outer.push(`r.c${n} AS ${ident(item.name)}`);
      return;
    }
    const field = declared.get(item.name);
    if (field?.protection === 'sensitive') {
      // A token that the vault does not know, or what never was one, shows nothing.
      inner.push(`${column}::VARCHAR AS c${n}`);
      tokens.push({ n, column: `${column}::VARCHAR` });
      outer.push(
        `CASE WHEN r.c${n} IS NOT NULL THEN coalesce(i${n}.mask, ${literal(veil)}) END AS ${ident(item.name)}`,
      );
    } else {
      inner.push(`${foldSql(`${column}::VARCHAR`)} AS c${n}`);
      const helper = usualSql(field?.format, `c${n}`);
      if (helper) usual.push(`${helper} AS u${n}`);
      outer.push(`${maskSql(field?.format, `r.c${n}`, helper && `r.u${n}`)} AS ${ident(item.name)}`);
    }
  });
  const view = `v.${ident(recordView(source))}`;
  const select: ShownRows['select'] = (only, few = false) => {
    const from = `FROM ${view} WHERE ${where}${only ? ` AND ${only}` : ''}`;
    const rows = `(SELECT fact, ${inner.join(', ')} ${from})`;
    // The condition that always holds makes the engine expect fewer tokens than rows: it then holds tokens, not whole rows, for the join.
    const known = (column: string) =>
      few
        ? `(SELECT token, mask FROM v.identity_v1 WHERE strlen(token) >= 0 AND token IN (SELECT ${column} ${from}))`
        : 'v.identity_v1';
    return `SELECT r.fact AS _fact, ${recordNumber('r.fact')} AS _record, ${outer.join(', ')}
      FROM ${usual.length ? `(SELECT *, ${usual.join(', ')} FROM ${rows})` : rows} r
      ${tokens.map(({ n, column }) => `LEFT JOIN ${known(column)} i${n} ON i${n}.token = r.c${n}`).join(' ')}`;
  };
  return { items, gone, view, where, joined: tokens.length > 0, params: { ...params, mark: share.mark }, select };
}
