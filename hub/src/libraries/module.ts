/** How the libraries join the hub, and the durable jobs that make them. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { catalogueOf, sourceDeclaration } from '../catalogue/index.ts';
import { usePersonMentions } from '../exchange/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import type { JobKind } from '../platform/jobs/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import type { RuleSeals } from '../platform/seal/index.ts';
import type { VersionedDeclaration } from '../refinery/index.ts';
import { AutomaticIntegration, integrationFinished } from './automatic.ts';
import { baseLibraries, baseTables, baseViews, type LoadedLibrary } from './base/index.ts';
import { baseRoutes } from './base/routes.ts';
import { EconomyOrders, economyJob, economyRoutes, economyTables } from './economy/index.ts';
import { libraryHolder, personMentions } from './erase.ts';
import { compactFacts } from './facts.ts';
import { libraryHoldings } from './holdings.ts';
import { forgetAll, integrate, LANE } from './integrate.ts';
import { LinkageOrders, linkageJob, linkageProposer, linkageRoutes, linkageTables } from './linkage/index.ts';
import { DailyLists, listRoutes, listsJob, listTables } from './lists/index.ts';
import { libraryRoutes } from './routes.ts';
import { GoldenSeals, librarySeals } from './sealing.ts';
import { libraryTables } from './tables.ts';
import { DailyThemes, themeRoutes, themesJob, themeTables } from './themes/index.ts';
import { correctionRoutes, verifyJob, verifyRoutes, verifyTables } from './verify/index.ts';
import { libraryViews } from './views.ts';

/** Every version of every declaration that runs may refer to: what is declared now, and what the catalogue recorded before. */
export async function everyDeclaration(lake: Lake): Promise<VersionedDeclaration[]> {
  const now = [...catalogueOf(lake).sources.values()].map(({ version, declaration }) => ({ version, declaration }));
  const recorded = await lake.first(
    `SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'v' AND table_name = 'declaration_v1'`,
  );
  if (!recorded) return now;
  const known = new Set(now.map((d) => `${d.declaration.id} ${d.version}`));
  const rows = await lake.query<{ source: string; version: number; declaration: string }>(
    'SELECT source, version, declaration::VARCHAR AS declaration FROM v.declaration_v1',
  );
  const before = rows
    .filter((r) => !known.has(`${r.source} ${r.version}`))
    .flatMap((r) => {
      const parsed = sourceDeclaration.safeParse(JSON.parse(r.declaration));
      return parsed.success ? [{ version: r.version, declaration: parsed.data }] : [];
    });
  return [...now, ...before];
}

/** The names of an integration's steps for people; `facts 3/10` keeps its count. */
const stepNames: Record<string, string> = {
  match: '比对',
  facts: '事实入库',
  close: '了结旧事实',
  golden: '生成金记录',
  library: '基础库',
  quality: '评价质量',
  finish: '收尾',
  done: '完成',
};

/** What a step is called for people; of a declared library its title. */
function noteOf(step: string, libraries: readonly LoadedLibrary[]): Bilingual {
  const [name = '', ...rest] = step.split(' ');
  const library = libraries.find((l) => name === 'library' && l.declaration.library === rest[0]);
  if (library) return { zh: `基础库 ${library.declaration.title.zh}`, en: `library ${library.declaration.title.en}` };
  return { zh: step === 'library relations' ? '关系' : [stepNames[name] ?? name, ...rest].join(' '), en: step };
}

const rebuildState = z.object({ forgotten: z.literal(true) });

/** Integrates what waits until nothing waits. A rebuild forgets first, once, also when it is broken off and goes on. */
function integrateJob({
  lake,
  log,
  bus,
  folders,
}: Pick<Deps, 'lake' | 'log' | 'bus' | 'folders'>): JobKind<{ rebuild: boolean }> {
  return {
    kind: 'refinery.integrate',
    title: { zh: '清洗、比对、整合入库', en: 'Clean, match and integrate' },
    params: z.object({ rebuild: z.boolean().default(false) }) as never,
    lane: 'libraries',
    async run(ctx, { rebuild }) {
      if (rebuild && !rebuildState.safeParse(ctx.state).success) {
        await forgetAll(lake);
        await ctx.checkpoint({ forgotten: true });
      }
      let rows = 0;
      let runs = 0;
      for (;;) {
        const base = baseLibraries(lake, folders).libraries;
        const done = await integrate({
          lake,
          clock: ctx.clock,
          signal: ctx.signal,
          declarations: () => everyDeclaration(lake),
          base,
          propose: linkageProposer({ lake, folders }),
          onProgress: (step, total, name) => ctx.progress({ done: step, total, note: noteOf(name, base) }),
          onStep: (t) => log.debug({ step: t.name, ms: Math.round(t.ms), rows: t.rows }, 'integration step'),
        });
        if (!done) {
          // Others make their copies of what is integrated now (the search index takes seconds): the libraries are done.
          void bus.emit(integrationFinished, { job: ctx.id });
          return { runs, rows };
        }
        runs += done.runs;
        rows += done.rows;
      }
    },
  };
}

/** One integration with everything that the hub's own has. */
const integrating =
  ({ lake, folders, clock }: Pick<Deps, 'lake' | 'folders' | 'clock'>) =>
  (signal: AbortSignal) =>
  () =>
    integrate({
      ...{ lake, clock, signal, declarations: () => everyDeclaration(lake) },
      base: baseLibraries(lake, folders).libraries,
      propose: linkageProposer({ lake, folders }),
    });

/** Makes libraries whose declaration is not the one that they were last made by, or that were never made; answers which. */
function remakeJob({ lake, folders }: Pick<Deps, 'lake' | 'folders'>): JobKind<Record<string, never>> {
  return {
    kind: 'libraries.remake',
    title: { zh: '按变更后的声明重建基础库', en: 'Make libraries by their changed declarations' },
    params: z.object({}) as never,
    lane: 'libraries',
    async run(ctx) {
      const { libraries } = baseLibraries(lake, folders);
      const made = await lake.query<{ library: number; sha256: string }>(
        'SELECT library, sha256 FROM lib.base_library',
      );
      const changed = libraries.filter((l) =>
        made.every((m) => m.library !== l.declaration.number || m.sha256 !== l.sha256),
      );
      if (changed.length === 0) return { libraries: [] };
      await lake.define(baseViews(libraries.map((l) => l.declaration)));
      await integrate({
        lake,
        clock: ctx.clock,
        signal: ctx.signal,
        declarations: () => everyDeclaration(lake),
        base: libraries,
        propose: linkageProposer({ lake, folders }),
        always: true,
        onProgress: (step, total, name) => ctx.progress({ done: step, total, note: noteOf(name, libraries) }),
      });
      return { libraries: changed.map((l) => l.declaration.library) };
    },
  };
}

/** Merges the delta into the sorted table. One transaction: broken off, nothing has happened. */
function compactJob({ lake }: Pick<Deps, 'lake'>): JobKind<Record<string, never>> {
  return {
    kind: 'libraries.compact',
    title: { zh: '合并事实表', en: 'Compact the facts' },
    params: z.object({}) as never,
    lane: 'libraries',
    async run(ctx) {
      const steps = await lake.write(LANE, (s) => compactFacts(s, () => ctx.progress({ done: 0 })));
      return { ms: Math.round(steps.reduce((n, s) => n + s.ms, 0)) };
    },
  };
}

/** The room. */
export function room(): RoomModule {
  let automatic: AutomaticIntegration | undefined;
  let daily: DailyLists | undefined;
  let economy: EconomyOrders | undefined;
  let linkage: LinkageOrders | undefined;
  let themes: DailyThemes | undefined;
  let rules: RuleSeals | undefined;
  let golden: GoldenSeals | undefined;
  return {
    name: 'libraries',
    files: [
      {
        table: 'libraries.verification',
        column: 'blob',
        store: 'blobs',
        title: { zh: '比对名单', en: 'a list to be held against a library' },
      },
    ],
    holdings: libraryHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) =>
      lake.define([
        ...[...libraryTables, ...libraryViews, ...listTables, ...verifyTables, ...baseTables],
        ...economyTables,
        ...linkageTables,
        ...themeTables,
      ]),
    jobs: (deps) => [
      ...[integrateJob(deps), remakeJob(deps), compactJob(deps), listsJob(deps), verifyJob(deps)],
      economyJob(deps),
      linkageJob(deps, everyDeclaration),
      themesJob(deps),
    ],
    routes: (deps) => [
      ...[...libraryRoutes(deps), ...baseRoutes(deps), ...listRoutes(deps), ...verifyRoutes(deps)],
      ...correctionRoutes(deps),
      ...economyRoutes(deps),
      ...linkageRoutes(deps, everyDeclaration),
      ...themeRoutes(deps),
    ],
    personal: (deps) => libraryHolder(deps, integrating(deps)),
    // What waits is integrated by itself, an integration that was broken off among it, also when its job was lost.
    async start(deps) {
      const { libraries, problems } = baseLibraries(deps.lake, deps.folders);
      for (const p of problems) deps.log.warn({ problem: p.toJSON() }, 'a declared library has a mistake');
      await deps.lake.define(baseViews(libraries.map((l) => l.declaration)));
      usePersonMentions(deps.lake, () => personMentions(baseLibraries(deps.lake, deps.folders).libraries));
      automatic = new AutomaticIntegration(deps);
      await automatic.start();
      daily = new DailyLists(deps);
      await daily.start();
      economy = new EconomyOrders(deps);
      await economy.start();
      linkage = new LinkageOrders(deps);
      await linkage.start();
      themes = new DailyThemes(deps);
      await themes.start();
      rules = librarySeals(deps);
      golden = new GoldenSeals(deps);
    },
    async stop() {
      await rules?.stop();
      await golden?.stop();
      linkage?.stop();
      themes?.stop();
      economy?.stop();
      daily?.stop();
      automatic?.stop();
    },
  };
}
