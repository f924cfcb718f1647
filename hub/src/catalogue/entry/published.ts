/**
 * The published catalogue for later rooms: what may be asked for, on what terms, with which items. Only what the authority
 * published and nobody retired; drafts are never seen here. Read from memory: cheap enough for every request.
 */
import type { Db } from '../../platform/db/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { Protection } from '../declaration.ts';
import { type Entry, type EntryBook, inForce } from './book.ts';
import { codeOf } from './classes.ts';
import type { EntryItem, ItemType } from './content.ts';

export type SharingType = 'unconditional' | 'conditional' | 'refused';

/** An entry in force. */
export interface PublishedEntry {
  id: string;
  /** 分类码/顺序码. */
  code: string;
  version: number;
  title: Bilingual;
  abstract: Bilingual;
  /** Organisation that provides it (cities/<city>/organisations.yaml). */
  provider: string;
  /** Source declaration by which it is collected; null where nothing is collected, so nothing can be delivered by the hub. */
  source: string | null;
  subject: 'legal-person' | 'natural-person' | 'place' | 'none';
  level: 'core' | 'important' | 'general';
  sharing: {
    type: SharingType;
    /** Scope and use that conditional sharing is bound to; empty otherwise. */
    condition: string;
    /** Law from which a refusal follows; empty otherwise. */
    ground: string;
    ways: readonly string[];
  };
  open: { open: boolean; condition: string };
  cycle: string;
  publishedAt: Date;
}

/** One item of a published entry; `name` is unique within it: the field of the source, or `item_<n>`. */
export interface PublishedItem {
  name: string;
  title: Bilingual;
  type: ItemType;
  unit: string | null;
  required: boolean;
  key: boolean;
  protection: Protection;
  role: EntryItem['role'];
}

const notReady = problemKind(
  'catalogue.entries.not-ready',
  503,
  '目录条目尚未载入，请稍候。',
  'The entries of the catalogue are not loaded yet; try again shortly.',
);

const books = new WeakMap<Db, EntryBook>();

/** The entries of the hub that owns this store; a Problem before they are loaded. */
export function entriesOf(db: Db): EntryBook {
  const book = books.get(db);
  if (!book) throw new Problem(notReady);
  return book;
}

/** Puts a book in its place: what the room's start does, and tests. */
export const useEntries = (db: Db, book: EntryBook): void => void books.set(db, book);

const said = (t: { zh: string; en: string }): Bilingual => ({ zh: t.zh, en: t.en || t.zh });

/** An entry in force as later rooms know it. */
export function shownEntry(entry: Entry): PublishedEntry {
  const { content: c, version, decided_at } = entry.published!;
  return {
    id: entry.id,
    code: codeOf(c.classification, entry.sequence),
    version,
    ...{ title: said(c.title), abstract: said(c.abstract), provider: entry.provider, source: entry.source },
    // What is published has been checked to have them.
    ...{ subject: c.subject, level: c.level!, sharing: { ...c.sharing, type: c.sharing.type! } },
    ...{ open: c.open, cycle: c.cycle!, publishedAt: decided_at! },
  };
}

/** Everything in force, in order of the ids. */
export const publishedEntries = (db: Db): PublishedEntry[] => entriesOf(db).all().filter(inForce).map(shownEntry);

/** One entry in force; undefined where there is none of this id, or it is only a draft, or it was retired. */
export function entry(db: Db, id: string): PublishedEntry | undefined {
  const found = entriesOf(db).get(id);
  return found && inForce(found) ? shownEntry(found) : undefined;
}

/** Name of an item within its entry. */
export const itemName = (item: EntryItem, index: number): string => item.field ?? `item_${index + 1}`;

/** The items of an entry in force, in their order; undefined as with `entry`. */
export function itemsOf(db: Db, id: string): PublishedItem[] | undefined {
  const found = entriesOf(db).get(id);
  if (!found || !inForce(found)) return undefined;
  return publishedItems(found);
}

/** The items of an entry that is known to be in force. */
export const publishedItems = (found: Entry): PublishedItem[] =>
  found.published!.content.items.map((item, i) => ({
    ...{ name: itemName(item, i), title: said(item.title), type: item.type!, unit: item.unit, required: item.required },
    ...{ key: item.key, protection: item.protection, role: item.role },
  }));
