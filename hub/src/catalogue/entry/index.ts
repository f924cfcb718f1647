/** Entries of the catalogue: their content, versions, checks, way to publication, search and exports. */
export { ENTRIES_LIMIT, type Entry, EntryBook, type EntryVersion } from './book.ts';
export { classList, classOf, codeOf, parseCode } from './classes.ts';
export { legalDays } from './clock.ts';
export { type EntryContent, type EntryItem, entryContent, entryItem, itemTypes, sharingWays } from './content.ts';
export { EntryContext } from './context.ts';
export { recordLateDuties } from './duties.ts';
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
export { entryRoutes } from './routes.ts';
export { emptyCondition, namesLaw } from './sentences.ts';
export { declaredContent, takeOver } from './takeover.ts';
export { readWords, Words } from './words.ts';
export { recordOverdue } from './workflow.ts';
