/** How the catalogue joins the hub. */
import { fileURLToPath } from 'node:url';
import type { Lake } from '../platform/lake/index.ts';
import { peopleOf } from '../platform/people/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import type { RoomModule } from '../platform/room.ts';
import { RuleSeals } from '../platform/seal/index.ts';
import { type Catalogue, catalogueTables, openCatalogue } from './catalogue.ts';
import { dcatRoutes } from './dcat/index.ts';
import { readDeclared } from './declared.ts';
import { elementRoutes } from './elements/index.ts';
import {
  EntryBook,
  EntryContext,
  entryRoutes,
  legalDays,
  readWords,
  recordLateDuties,
  recordOverdue,
  takeOver,
  useEntries,
} from './entry/index.ts';
import { catalogueHoldings } from './holdings.ts';
import { lineageRoutes } from './lineage/index.ts';
import { asRegistered, organisationsNow } from './organisations.ts';
import { originRoutes } from './origins.ts';
import { catalogueRoutes } from './routes.ts';

const notReady = problemKind(
  'catalogue.not-ready',
  503,
  '目录尚未载入，请稍候。',
  'The catalogue is not loaded yet; try again shortly.',
);

const open = new WeakMap<Lake, Catalogue>();

/** How often it is looked whether a legal period has passed. */
const WATCH_MS = 15 * 60_000;

/** The catalogue of the hub that owns this lake; a Problem before it is loaded. */
export function catalogueOf(lake: Lake): Catalogue {
  const own = open.get(lake);
  if (!own) throw new Problem(notReady);
  return own;
}

/** Puts a catalogue in its place: what `start` does, and tests and the command line without a hub. */
export const useCatalogue = (lake: Lake, catalogue: Catalogue): void => void open.set(lake, catalogue);

/** The room. */
export function catalogueRoom(): RoomModule {
  let entries: EntryContext | undefined;
  let timer: NodeJS.Timeout | undefined;
  const context = (): EntryContext => {
    if (!entries) throw new Problem(notReady);
    return entries;
  };
  let rules: RuleSeals | undefined;
  return {
    name: 'catalogue',
    holdings: catalogueHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(catalogueTables),
    routes: (deps) => [
      ...catalogueRoutes(deps.lake, () => catalogueOf(deps.lake)),
      ...originRoutes(deps.config.city, () => catalogueOf(deps.lake)),
      ...entryRoutes(context),
      ...lineageRoutes(deps, () => catalogueOf(deps.lake)),
      ...dcatRoutes(deps),
      ...elementRoutes(deps, () => catalogueOf(deps.lake)),
    ],
    async start(deps) {
      const { sources, cities } = deps.folders;
      const folders = { sources, cities, city: deps.config.city };
      const catalogue = await openCatalogue(
        ...([deps.lake, deps.clock, folders, undefined] as const),
        (own) => readDeclared(deps.db, own),
        (declared) => asRegistered(deps, declared),
      );
      peopleOf(deps.db)?.changed(() => catalogue.replaceOrganisations(organisationsNow(deps)));
      for (const problem of catalogue.problems) deps.log.error({ problem: problem.toJSON() }, problem.message);
      useCatalogue(deps.lake, catalogue);
      const book = await new EntryBook(deps.db).load();
      const { taken, drafts } = await takeOver(deps, book, catalogue.sources.values());
      if (taken || drafts) deps.log.info({ taken, drafts }, 'entries made of declarations');
      useEntries(deps.db, book);
      const read = readWords(deps.folders.standards);
      for (const problem of read.problems) deps.log.error({ problem: problem.toJSON() }, problem.message);
      const legal = legalDays(deps.folders, deps.config.city);
      entries = await new EntryContext(deps, { book, words: read.words, legal, catalogue }).load();
      // Meanwhile the hub answers; a search before its end takes in the rest itself.
      void entries.search.warm();
      const watch = async () => {
        const late = (await recordOverdue(context())) + (await recordLateDuties(context()));
        if (late) deps.log.warn({ late }, 'legal periods of the catalogue passed');
      };
      await watch();
      const failed = (error: unknown) =>
        deps.log.error({ err: error }, 'periods of the catalogue could not be looked at');
      timer = setInterval(() => void watch().catch(failed), WATCH_MS);
      timer.unref();
      rules = new RuleSeals(deps, 'declarations', [{ folder: sources, shown: 'sources' }], async () => []);
    },
    stop: async () => rules?.stop(),
  };
}
