/** Entries of the catalogue: their content, versions, checks, way to publication, search and exports. */
export { ENTRIES_LIMIT, type Entry, EntryBook, type EntryVersion } from './book.ts';
export { classList, classOf, codeOf, parseCode } from './classes.ts';
export { type EntryContent, type EntryItem, entryContent, entryItem, itemTypes, sharingWays } from './content.ts';
export {
  entriesOf,
  entry,
  itemName,
  itemsOf,
  type PublishedEntry,
  type PublishedItem,
  publishedEntries,
  useEntries,
} from './published.ts';
export { declaredContent, takeOver } from './takeover.ts';
