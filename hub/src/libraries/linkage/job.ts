/** The work that linkage orders: learning, on demand and by itself. */
import { join } from 'node:path';
import { z } from 'zod';
import type { JobKind } from '../../platform/jobs/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import type { VersionedDeclaration } from '../../refinery/index.ts';
import { integrationFinished } from '../automatic.ts';
import { baseLibraries, type LibraryPlan, libraryPlan, type Proposer } from '../base/index.ts';
import { type LoadedLinkage, loadLinkages } from './declaration.ts';
import { learn } from './learn.ts';
import { LEGAL_NUMBER, LEGAL_PERSON, type LegalLinkage, learnLegal, legalOf } from './legal.ts';
import { plansOf } from './plans.ts';
import { tooFew } from './problems.ts';
import { proposer } from './propose.ts';
import { inForce, putInForce } from './versions.ts';

type Ports = Pick<Deps, 'lake' | 'folders'>;

/** The declared linkages beside the libraries, with what is wrong. */
export function linkagesOf({ lake, folders }: Ports): ReturnType<typeof loadLinkages> {
  const { libraries } = baseLibraries(lake, folders);
  return loadLinkages(
    join(folders.sources, '..', 'libraries'),
    libraries.map((l) => l.declaration),
  );
}

/** The proposer of an integration. */
export const linkageProposer = (ports: Ports): Proposer => proposer(linkagesOf(ports).linkages);

/** A library as its rows are read now. */
export async function planFor(
  ports: Ports,
  linkage: LoadedLinkage,
  declarations: () => Promise<readonly VersionedDeclaration[]>,
): Promise<LibraryPlan> {
  const loaded = baseLibraries(ports.lake, ports.folders).libraries.find(
    (l) => l.declaration.library === linkage.library.library,
  )!;
  return libraryPlan(loaded, await plansOf(ports.lake, await declarations()));
}

const params = z.object({ library: z.string().optional() });
/** A first version is put in force by itself only when it would have erred in fewer than one of a thousand links. */
const CAREFUL = 0.999;

/** Learns parameters of one library, or of all that have none or whose time has come. */
export function linkageJob(
  deps: Pick<Deps, 'lake' | 'folders' | 'jobs' | 'log'>,
  declarations: (lake: Lake) => Promise<readonly VersionedDeclaration[]>,
): JobKind<z.output<typeof params>> {
  return {
    kind: 'libraries.linkage',
    title: { zh: '学习关联参数', en: 'Learn the parameters of linkage' },
    params,
    lane: 'linkage',
    async run(ctx, asked) {
      const out: { library: string; version: number; precision: number | null; recall: number | null }[] = [];
      for (const linkage of linkagesOf(deps).linkages) {
        const n = linkage.library.number;
        ctx.signal.throwIfAborted();
        if (
          asked.library
            ? asked.library !== linkage.library.library
            : !(await dueFor(deps.lake, linkage, ctx.clock.now()))
        )
          continue;
        const library = await planFor(deps, linkage, () => declarations(deps.lake));
        const { version, measure } = await learn({
          lake: deps.lake,
          clock: ctx.clock,
          library,
          linkage,
          by: null,
          signal: ctx.signal,
          onProgress: (done, total, zh, en) => ctx.progress({ done, total, note: { zh, en } }),
        });
        if (!(await inForce(deps.lake, n)) && (measure.precision ?? 0) >= CAREFUL) {
          await putInForce(deps.lake, ctx.clock, n, version, null);
          await deps.jobs.submit('refinery.integrate', { rebuild: false }, { unique: 'integrate' });
        }
        deps.log.info({ library: linkage.library.library, version, ...measure }, 'linkage learned');
        out.push({ library: linkage.library.library, version, precision: measure.precision, recall: measure.recall });
      }
      const { legal } = legalOf(deps.folders);
      if (
        legal &&
        (asked.library ? asked.library === LEGAL_PERSON : await legalDue(deps.lake, legal, ctx.clock.now()))
      ) {
        ctx.signal.throwIfAborted();
        const plans = await plansOf(deps.lake, await declarations(deps.lake));
        const learned = await learnLegal({
          lake: deps.lake,
          clock: ctx.clock,
          legal,
          plans,
          by: null,
          signal: ctx.signal,
          onProgress: (done, total, zh, en) => ctx.progress({ done, total, note: { zh, en } }),
        }).catch((error: unknown) => {
          // Nobody asked: rows of other sources may still be too few, though there are enough links.
          if (!asked.library && error instanceof Problem && error.kind === tooFew) return undefined;
          throw error;
        });
        if (!learned) return { versions: out };
        const { version, measure } = learned;
        // Weights are for who decides reviews: no integration need follow.
        if (!(await inForce(deps.lake, LEGAL_NUMBER)) && (measure.precision ?? 0) >= CAREFUL)
          await putInForce(deps.lake, ctx.clock, LEGAL_NUMBER, version, null, false);
        deps.log.info({ library: LEGAL_PERSON, version, ...measure }, 'linkage learned');
        out.push({ library: LEGAL_PERSON, version, precision: measure.precision, recall: measure.recall });
      }
      return { versions: out };
    },
  };
}

/** Rows of registers from which a library is learned by itself. */
const ENOUGH = 200;

/** Whether a library has no version yet, or the last is older than its declaration asks. */
async function dueFor(lake: Lake, { library, declaration }: LoadedLinkage, now: Date): Promise<boolean> {
  const row = (await lake.first<{ last: string | null; known: number; others: number }>(
    `SELECT (SELECT max(made_at) FROM lib.linkage_version WHERE library = $n) AS last, count(*) FILTER (method = 'register') AS known,
       count(*) FILTER (method LIKE 'key %') AS others FROM lib.base_link WHERE library = $n AND closed_run IS NULL`,
    { n: library.number },
  ))!;
  if (row.known < ENOUGH || row.others < ENOUGH) return false;
  return row.last === null || now.getTime() - Date.parse(row.last) >= declaration.learn.every * 86_400_000;
}

/** The same of legal persons. */
async function legalDue(lake: Lake, { declaration }: LegalLinkage, now: Date): Promise<boolean> {
  const row = (await lake.first<{ last: string | null; known: number; others: number }>(
    `SELECT (SELECT max(made_at) FROM lib.linkage_version WHERE library = $n) AS last, (SELECT count(*) FROM v.entity_v1) AS known,
       (SELECT coalesce(sum(linked), 0)::BIGINT FROM v.refined_run_v1) AS others`,
    { n: LEGAL_NUMBER },
  ))!;
  if (row.known < ENOUGH || row.others - row.known < ENOUGH) return false;
  return row.last === null || now.getTime() - Date.parse(row.last) >= declaration.learn.every * 86_400_000;
}

/** Orders learning after an integration, where it is due. */
export class LinkageOrders {
  readonly #deps: Pick<Deps, 'lake' | 'folders' | 'jobs' | 'bus' | 'log' | 'clock'>;
  #unsubscribe: (() => void) | undefined;

  constructor(deps: Pick<Deps, 'lake' | 'folders' | 'jobs' | 'bus' | 'log' | 'clock'>) {
    this.#deps = deps;
  }

  /** Begins to listen, and looks once. */
  async start(): Promise<void> {
    for (const p of [...linkagesOf(this.#deps).problems, ...legalOf(this.#deps.folders).problems])
      this.#deps.log.warn({ problem: p.toJSON() }, 'a linkage has a mistake');
    this.#unsubscribe = this.#deps.bus.on(integrationFinished, () => this.#look());
    await this.#look();
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  async #look(): Promise<void> {
    try {
      for (const linkage of linkagesOf(this.#deps).linkages)
        if (await dueFor(this.#deps.lake, linkage, this.#deps.clock.now()))
          await this.#deps.jobs.submit('libraries.linkage', {}, { unique: 'due' });
      const { legal } = legalOf(this.#deps.folders);
      if (legal && (await legalDue(this.#deps.lake, legal, this.#deps.clock.now())))
        await this.#deps.jobs.submit('libraries.linkage', {}, { unique: 'due' });
    } catch (error) {
      this.#deps.log.error({ err: error }, 'learning could not be ordered');
    }
  }
}
