/** Catalogue entries as sharing knows them: what may be asked for, its items, and whether the hub has the data. */
import {
  catalogueOf,
  type entry as entryOf,
  itemsOf,
  type PublishedItem,
  publishedEntries,
  entry as publishedEntry,
} from '../catalogue/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import type { Deps } from '../platform/room.ts';

type Ports = Pick<Deps, 'db' | 'lake'>;
type Published = NonNullable<ReturnType<typeof entryOf>>;

/** An entry with its items. */
export interface SharedEntry {
  entry: Published;
  items: PublishedItem[];
}

/** One entry in force; undefined where there is none. */
export function sharedEntry(ports: Ports, id: string): SharedEntry | undefined {
  const entry = publishedEntry(ports.db, id);
  return entry && { entry, items: itemsOf(ports.db, id) ?? [] };
}

/** Entries in force whose title, abstract, code or id hold all words. */
export function findEntries(ports: Ports, words: string): Published[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return publishedEntries(ports.db).filter((e) => {
    const text = `${e.id} ${e.code} ${e.title.zh} ${e.title.en} ${e.abstract.zh} ${e.abstract.en}`.toLowerCase();
    return wanted.every((w) => text.includes(w) || nameOf(ports, e.provider).zh.includes(w));
  });
}

type Names = (id: string) => Bilingual | undefined;
const further = new WeakMap<Deps['lake'], Names[]>();

/** Names of those who take part without being an organisation of the city: other hubs. */
export const addNames = (lake: Deps['lake'], names: Names): void =>
  void further.set(lake, [...(further.get(lake) ?? []), names]);

/** An organisation's name, or its id where it has none. */
export function nameOf(ports: Pick<Deps, 'lake'>, id: string): Bilingual {
  const own = catalogueOf(ports.lake).organisations.get(id)?.name;
  if (own) return own;
  for (const names of further.get(ports.lake) ?? []) {
    const name = names(id);
    if (name) return name;
  }
  return { zh: id, en: id };
}

/** How an item's values look, by the source that they come from: the format decides what a masked one keeps. */
export function formatOf(ports: Pick<Deps, 'lake'>, source: string, item: string): string | undefined {
  return catalogueOf(ports.lake)
    .sources.get(source)
    ?.declaration.fields.find((f) => f.name === item)?.format;
}

/** Of which kind an item's values are in the lake's typed records. */
export function typeOf(ports: Pick<Deps, 'lake'>, source: string, item: string): string {
  return (
    catalogueOf(ports.lake)
      .sources.get(source)
      ?.declaration.fields.find((f) => f.name === item)?.type ?? 'text'
  );
}
