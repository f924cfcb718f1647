/** Items of a service as callers meet them: how each is shown, whether it is a key, by which of them a filter may ask. */
import { createHash } from 'node:crypto';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Deps } from '../../platform/room.ts';
import { columnOf, deliveredItems, type SharedEntry, type ShareRow } from '../../sharing/index.ts';

/** One item of a service. */
export interface ServiceItem {
  name: string;
  title: { zh: string; en: string };
  /** Kind of its values: text, integer, decimal, date, datetime, boolean. */
  type: string;
  /** National format of its values (uscc, phone …); null: none. */
  format: string | null;
  shown: 'plain' | 'masked';
  protection: string;
  unit: string | null;
  key: boolean;
  /** Whether a filter may ask by it: only by what the caller sees as it is. */
  filterable: boolean;
  /** Whether looking for one value of it is quick on however many rows. */
  indexed: boolean;
}

/** Most items beside the key that get an index: each costs memory by the row. */
const INDEXES = 3;

/** The items of a grant's service, in the order of the grant: those that the entry and its source still have. */
export function serviceItems(ports: Pick<Deps, 'lake'>, share: ShareRow, shared: SharedEntry): ServiceItem[] {
  const { source } = shared.entry;
  const fields = source === null ? [] : (catalogueOf(ports.lake).sources.get(source)?.declaration.fields ?? []);
  let indexes = 0;
  return deliveredItems(share, shared).flatMap((d) => {
    const item = shared.items.find((i) => i.name === d.name)!;
    const field = fields.find((f) => f.name === d.name);
    if (!field) return [];
    // What the source keeps in the vault is never plain, whatever the entry says of it.
    const shown = field.protection === 'sensitive' ? ('masked' as const) : d.shown;
    const plain = shown === 'plain';
    const indexed = plain && field.type === 'text' && (item.key || item.role !== null) && indexes++ < INDEXES;
    return [
      {
        ...{ name: d.name, title: d.title, type: field.type, shown, protection: item.protection, unit: item.unit },
        ...{ format: field.format ?? null, key: item.key, filterable: plain, indexed },
      },
    ];
  });
}

/** The entry's key where every item of it is granted and plain; null: records are found by their number only. */
export function keyOf(items: readonly ServiceItem[], shared: SharedEntry): string[] | null {
  const key = shared.items.filter((i) => i.key).map((i) => i.name);
  const good = key.length > 0 && key.every((name) => items.some((i) => i.name === name && i.shown === 'plain'));
  return good ? key : null;
}

/** What a served table is made from: it is made anew when this differs. */
export function contentOf(share: ShareRow, shared: SharedEntry, items: readonly ServiceItem[]): string {
  const made = { source: shared.entry.source, items, filter: share.filter, mark: share.mark, form: 1 };
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 32);
}

/** Column of an item in a served table. */
export const servedColumn = columnOf;

const number = (text: string): string => BigInt(`0x${text.slice(0, 15)}`).toString();

/** Number by which a served table finds a record; null for what is no record number. */
export const numberOfRecord = (record: string): string | null =>
  /^[0-9a-f]{20}$/.test(record) ? number(record) : null;

/** SHA-256 of a key under the grant's secret: its fingerprint in records of use, and what the table finds it by. */
export function fingerprintOfKey(mark: string, values: readonly string[]): { fingerprint: string; number: string } {
  const hash = createHash('sha256')
    .update(`${mark}:k:${values.join('\u001f')}`)
    .digest('hex');
  return { fingerprint: hash.slice(0, 20), number: number(hash) };
}
