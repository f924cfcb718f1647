/**
 * Collected twice? Entries of two departments about the same kind of subject whose items are mostly the same are told to the
 * authority, which says which department collects for all (decree 809, article 19). Items are compared by what their names
 * come down to and the kind of their type; those that only identify the subject (name, code, address) say nothing, since
 * every register has them. Pairs are found through the rarer items, so the work grows with what is common, not with the square.
 */
import type { Entry } from './book.ts';
import { contentOf } from './book.ts';
import type { EntryContent, ItemType } from './content.ts';
import type { Words } from './words.ts';

/** Two entries that share items. `share` is of the smaller one's own items, 0…1. */
export interface Repeat {
  one: string;
  other: string;
  items: string[];
  share: number;
}

/** Fewest common items, and the least share of the smaller entry, from which two are told. */
export const LEAST_ITEMS = 4;
export const LEAST_SHARE = 0.6;
/** An item that so many entries have tells nothing about any two of them. */
const COMMON = 40;

const KIND: Record<ItemType, string> = {
  ...{ C: 'text', M: 'text', G: 'text', N: 'number', Y: 'number', B: 'number', I: 'number', F: 'number' },
  ...{ D: 'day', T: 'day', L: 'flag' },
};

/** Items that identify what an entry is about, by their concept. */
const IDENTIFIES =
  /^(企业名称|统一社会信用代码|组织机构代码|注册号|姓名|公民身份号码|法定代表人|联系电话|地址|序号|备注|名称|状态|编号|id|.*标识|登记状态|更新时间|.*行政区划|区县|所在区县|邮政编码|经度|纬度|性别)$/;

/** What an entry's own items come down to, the name of each beside it. */
export function itemKeys(content: EntryContent, words: Words): Map<string, string> {
  const keys = new Map<string, string>();
  for (const item of content.items) {
    if (item.role !== null) continue;
    const key = words.key(item.title.zh);
    if (key === '' || IDENTIFIES.test(key)) continue;
    keys.set(`${key} ${item.type ? KIND[item.type] : '?'}`, item.title.zh);
  }
  return keys;
}

/** Entries by the items that they have: finds those that repeat one. */
export class RepeatIndex {
  readonly #words: Words;
  readonly #entries = new Map<string, { provider: string; subject: string; keys: Map<string, string> }>();
  readonly #byKey = new Map<string, string[]>();

  constructor(entries: Iterable<Entry>, words: Words) {
    this.#words = words;
    for (const entry of entries) {
      if (entry.retiredAt) continue;
      const content = contentOf(entry);
      const keys = itemKeys(content, words);
      this.#entries.set(entry.id, { provider: entry.provider, subject: content.subject, keys });
      for (const key of keys.keys()) {
        const place = `${content.subject} ${key}`;
        const list = this.#byKey.get(place);
        if (list) list.push(entry.id);
        else this.#byKey.set(place, [entry.id]);
      }
    }
  }

  /** Entries of other departments that repeat this content, most alike first. */
  of(id: string, provider: string, content: EntryContent): Repeat[] {
    const keys = itemKeys(content, this.#words);
    const common = new Map<string, string[]>();
    for (const [key, name] of keys) {
      const holders = this.#byKey.get(`${content.subject} ${key}`) ?? [];
      if (holders.length > COMMON) continue;
      for (const other of holders) {
        if (other === id || this.#entries.get(other)!.provider === provider) continue;
        const list = common.get(other);
        if (list) list.push(name);
        else common.set(other, [name]);
      }
    }
    const out: Repeat[] = [];
    for (const [other, items] of common) {
      const share = items.length / Math.max(1, Math.min(keys.size, this.#entries.get(other)!.keys.size));
      if (items.length >= LEAST_ITEMS && share >= LEAST_SHARE) out.push({ one: id, other, items, share });
    }
    return out.sort((a, b) => b.share - a.share || b.items.length - a.items.length || a.other.localeCompare(b.other));
  }

  /** Every pair once, most alike first. */
  all(entries: Iterable<Entry>): Repeat[] {
    const pairs: Repeat[] = [];
    for (const entry of entries) {
      if (entry.retiredAt) continue;
      for (const repeat of this.of(entry.id, entry.provider, contentOf(entry)))
        if (repeat.one < repeat.other) pairs.push(repeat);
    }
    return pairs.sort((a, b) => b.share - a.share || b.items.length - a.items.length);
  }
}

/** An item that departments have in common, and who has it. */
export interface SharedItem {
  subject: string;
  /** What the names come down to. */
  item: string;
  names: string[];
  holders: { entry: string; provider: string }[];
}

/** Items that entries of at least two departments have about the same kind of subject, the most shared first. */
export function sharedItems(entries: Iterable<Entry>, words: Words): SharedItem[] {
  const found = new Map<string, SharedItem & { providers: Set<string> }>();
  for (const entry of entries) {
    if (entry.retiredAt) continue;
    const content = contentOf(entry);
    for (const item of content.items) {
      const key = words.key(item.title.zh);
      if (key === '' || /^(序号|备注|编号|id|.*标识)$/.test(key)) continue;
      const place = `${content.subject} ${key}`;
      const known = found.get(place) ?? {
        ...{ subject: content.subject, item: key, names: [], holders: [], providers: new Set<string>() },
      };
      if (!known.names.includes(item.title.zh)) known.names.push(item.title.zh);
      if (known.holders.at(-1)?.entry !== entry.id) known.holders.push({ entry: entry.id, provider: entry.provider });
      known.providers.add(entry.provider);
      found.set(place, known);
    }
  }
  return [...found.values()]
    .filter((s) => s.providers.size > 1)
    .sort((a, b) => b.providers.size - a.providers.size || b.holders.length - a.holders.length)
    .map(({ providers, ...rest }) => rest);
}
