/** The exchange of a running hub: its jobs, its watch over inboxes and cadence, and what its routes ask. */

import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { type Catalogue, catalogueOf } from '../catalogue/index.ts';
import type { JobContext, JobKind } from '../platform/jobs/index.ts';
import { cityDay } from '../platform/law/index.ts';
import type { Notice } from '../platform/notices/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { automatic } from './cadence.ts';
import { collect } from './collect.ts';
import { deliveryRefused, runFinished, sourceOverdue } from './events.ts';
import { Inbox, inboxOf, toCollected, toDone, toRefused } from './inbox.ts';
import { declared, Overview, type Running } from './overview.ts';
import { problems } from './problems.ts';
import { Quarantine } from './quarantine.ts';
import { prepareTables } from './tables.ts';
import { lastLooks, type PullDeps, type PushDeps, pull } from './transport/index.ts';

const collectParams = z.object({ source: z.string(), path: z.string() });
const storeParams = z.object({ path: z.string(), run: z.number().int(), blob: z.string() });
const pullParams = z.object({ source: z.string() });

/** How often inboxes are looked at, and due sources looked for, in milliseconds. */
export const rhythm = { inbox: 2_000, cadence: 60_000 };

/** How often a pull is tried when the other side is away. */
const PULL_ATTEMPTS = 5;
/** How long an interface is left alone by itself after a pull that failed, in milliseconds. */
const PULL_REST = 3_600_000;
/** How long a file rests in its inbox after a fault that may pass (a full disk), in milliseconds. */
const REST = 600_000;

/** The room's life in one hub. */
export class Exchange {
  readonly quarantine: Quarantine;
  readonly overview: Overview;
  readonly #deps: Deps;
  readonly #inbox: Inbox;
  readonly #running = new Map<string, Running>();
  readonly #told = new Map<string, string>();
  #timers: NodeJS.Timeout[] = [];
  #looking: Promise<unknown> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#inbox = new Inbox(deps.folders.inbox);
    this.overview = new Overview(deps.lake, deps.clock, this.catalogue, () => this.#running.values());
    this.quarantine = new Quarantine(this.pulling(), (id) => declared(this.catalogue(), id));
  }

  catalogue = (): Catalogue => catalogueOf(this.#deps.lake);

  /** What collecting and pulling need. */
  pulling(): PullDeps {
    const { lake, vault, clock, config, folders } = this.#deps;
    return { lake, vault, clock, work: join(folders.data, 'work'), secrets: config.secrets };
  }

  /** What taking in pushed batches needs. */
  pushing(): PushDeps {
    const onRun = (run: Parameters<NonNullable<PushDeps['onRun']>>[0]) => this.#deps.bus.emit(runFinished, run);
    const { audit, config } = this.#deps;
    const find = (id: string) => declared(this.catalogue(), id);
    return { ...this.pulling(), audit, keyDays: config.exchange.pushKeyDays, find, onRun };
  }

  /** Makes what is missing of the tables and folders of all sources. */
  async prepare(): Promise<void> {
    const all = this.catalogue().declarations();
    await prepareTables(this.#deps.lake, all);
    this.#inbox.prepare(all);
  }

  /** Makes tables and folders of all sources and begins to watch. */
  async start(): Promise<void> {
    await this.prepare();
    const every = (ms: number, work: () => Promise<unknown>) => {
      const timer = setInterval(() => {
        this.#looking = this.#looking
          .then(work)
          .catch((error) => this.#deps.log.error({ err: error }, 'exchange watch'));
      }, ms);
      timer.unref();
      this.#timers.push(timer);
    };
    every(rhythm.inbox, () => this.lookIntoInboxes());
    every(rhythm.cadence, () => this.lookForDue());
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.#looking;
  }

  /** Submits a job for every file that has come to rest; answers their ids. */
  async lookIntoInboxes(): Promise<string[]> {
    const jobs: string[] = [];
    // While the files before it were submitted, another job may have taken it.
    for (const { source, path } of this.#inbox.look(this.catalogue().declarations(), this.#deps.clock.now().getTime()))
      if (existsSync(path))
        jobs.push(await this.#deps.jobs.submit('exchange.collect', { source, path }, { unique: path }));
    return jobs;
  }

  /** Pulls sources with an interface that are due, and tells once of every source that is overdue. */
  async lookForDue(): Promise<void> {
    const now = this.#deps.clock.now().toISOString();
    const looks = await lastLooks(this.#deps.lake);
    const { db, notices } = this.#deps;
    const toldOf = await notices.open('source.overdue');
    for (const item of await this.overview.sources()) {
      if (!item.nextDue || item.state === 'running') continue;
      const { declaration } = declared(this.catalogue(), item.id);
      const look = looks.get(item.id);
      const rests = look && !look.ok && Date.parse(now) - look.at.getTime() < PULL_REST;
      const first = !look && item.runs === 0 && !item.lastRefusal;
      if (automatic(declaration) && !rests && (item.nextDue <= now || first))
        await this.#deps.jobs.submit('exchange.pull', { source: item.id }, { unique: item.id });
      const about = `source/${item.id}`;
      if (item.state === 'current' && toldOf.has(about))
        await db.tx((trx) => notices.withdraw(trx, { kind: 'source.overdue', about }));
      if (item.state !== 'overdue' || this.#told.get(item.id) === item.nextDue) continue;
      this.#told.set(item.id, item.nextDue);
      this.#deps.log.warn({ source: item.id, due: item.nextDue }, 'a source is overdue');
      await db.tx((trx) => notices.tell(trx, overdueNotice(item, item.nextDue!)));
      await this.#deps.bus.emit(sourceOverdue, { source: item.id, due: item.nextDue });
    }
  }

  /** Starts what a person asks for: a file of the inbox, everything that waits there, or a pull. */
  async order(source: string, file: string | undefined, by: string): Promise<string> {
    const { declaration: d } = declared(this.catalogue(), source);
    if (d.transport.kind === 'unavailable') throw new Problem(problems.unavailable, { source, ...d.transport.reason });
    if (automatic(d)) return this.#deps.jobs.submit('exchange.pull', { source }, { by, unique: source });
    if (d.transport.kind !== 'file') throw new Problem(problems.transport, { source, kind: d.transport.kind });
    const folder = inboxOf(this.#deps.folders.inbox, source);
    const waiting = this.#inbox.waiting(d);
    const chosen = file === undefined ? waiting : waiting.filter((p) => basename(p) === file);
    if (file === undefined && !chosen.length) throw new Problem(problems.nothingWaits);
    if (!chosen.length || chosen.some((p) => dirname(p) !== folder))
      throw new Problem(problems.noFile, { file: file! });
    const jobs: string[] = [];
    for (const path of chosen)
      jobs.push(await this.#deps.jobs.submit('exchange.collect', { source, path }, { by, unique: path }));
    return jobs[0]!;
  }

  jobs(): JobKind<never>[] {
    const collecting: JobKind<z.output<typeof collectParams>> = {
      kind: 'exchange.collect',
      title: { zh: '采集文件', en: 'Collect a file' },
      params: collectParams,
      concurrency: 2,
      run: (context, params) => this.#collect(context, params),
    };
    const storing: JobKind<z.output<typeof storeParams>> = {
      kind: 'exchange.store-original',
      title: { zh: '加密保存原始文件', en: 'Keep an original file encrypted' },
      params: storeParams,
      run: (_, params) => this.#store(params),
    };
    const pulling: JobKind<z.output<typeof pullParams>> = {
      kind: 'exchange.pull',
      title: { zh: '从接口采集', en: 'Collect from an interface' },
      params: pullParams,
      concurrency: 2,
      attempts: PULL_ATTEMPTS,
      run: (context, params) => this.#pull(context, params),
    };
    return [collecting, storing, pulling] as unknown as JobKind<never>[];
  }

  async #watched<T>(
    context: JobContext,
    running: Omit<Running, 'step' | 'done' | 'started'>,
    work: (say: (done: { bytes: number; rows: number; step: string }) => void) => Promise<T>,
  ): Promise<T> {
    const own: Running = { ...running, step: 'read', done: 0, started: context.clock.now() };
    this.#running.set(context.id, own);
    try {
      return await work(({ bytes, rows, step }) => {
        own.step = step;
        own.done = rows;
        const total = running.total === null ? {} : { total: running.total };
        context.progress({
          ...(running.total === null ? { done: rows } : { done: bytes, ...total }),
          note: { zh: `${running.source}：已收 ${rows} 行`, en: `${running.source}: ${rows} rows` },
        });
      });
    } finally {
      this.#running.delete(context.id);
    }
  }

  async #collect(context: JobContext, { source, path }: z.output<typeof collectParams>): Promise<unknown> {
    const { declaration, version } = declared(this.catalogue(), source);
    // After a kill between the commit and the move the file is still here and is recognised; after the move it is gone.
    if (!existsSync(path)) throw new Problem(problems.noFile, { file: basename(path) }, { file: basename(path) });
    const input = basename(path);
    const inside = dirname(path) === inboxOf(this.#deps.folders.inbox, source);
    const running = { source, input, total: statSync(path).size };
    try {
      const answer = await this.#watched(context, running, (progress) =>
        collect(this.pulling(), { source: declaration, declaration: version, path, signal: context.signal, progress }),
      );
      if (inside) {
        const at = toCollected(path, answer.run);
        const params = { path: at, run: answer.run, blob: answer.blob };
        await this.#deps.jobs.submit('exchange.store-original', params, { unique: at });
      }
      if (!answer.already)
        await this.#deps.bus.emit(runFinished, {
          ...{ run: answer.run, source, accepted: answer.accepted, vanished: answer.vanished },
        });
      return answer.already
        ? { run: answer.run, already: true }
        : {
            ...{ run: answer.run, received: answer.received, accepted: answer.accepted },
            ...{ quarantined: answer.quarantined, duplicate: answer.duplicate },
          };
    } catch (error) {
      const refused = error instanceof Problem && error.kind.status === 422;
      if (inside && !refused && !context.signal.aborted)
        this.#inbox.rest(path, this.#deps.clock.now().getTime() + REST);
      if (refused) {
        if (inside) toRefused(path, error);
        await this.#deps.bus.emit(deliveryRefused, { source, input, code: error.kind.code });
      }
      throw error;
    }
  }

  async #store({ path, run, blob }: z.output<typeof storeParams>): Promise<unknown> {
    if (!existsSync(path)) return { blob };
    const kept = await this.#deps.blobs.put(createReadStream(path) as AsyncIterable<Uint8Array>);
    if (kept.sha256 !== blob) throw new Error(`the file of run ${run} changed after it was collected`);
    toDone(path, { run, blob: kept.sha256, bytes: kept.bytes });
    return { blob };
  }

  async #pull(context: JobContext, { source }: z.output<typeof pullParams>): Promise<unknown> {
    const { declaration, version } = declared(this.catalogue(), source);
    const running = { source, input: declaration.transport.kind, total: null };
    return this.#watched(context, running, (progress) =>
      pull(this.pulling(), {
        ...{ source: declaration, declaration: version, signal: context.signal, progress },
        lastAttempt: context.attempt >= PULL_ATTEMPTS,
        onRun: (run) => this.#deps.bus.emit(runFinished, run),
      }),
    );
  }
}

/** Tells the owner of a source that it is overdue, once for every day that it was due. */
function overdueNotice(item: Awaited<ReturnType<Overview['sources']>>[number], due: string): Notice {
  const day = cityDay(new Date(due));
  return {
    ...{ key: `source.overdue/${item.id}/${day}`, kind: 'source.overdue', about: `source/${item.id}` },
    to: [{ role: 'data-officer', organisation: item.owner.id }],
    title: { zh: `数据源逾期未报送：${item.title.zh}`, en: `A source is overdue: ${item.title.en}` },
    text: {
      zh: `${item.owner.name.zh}的“${item.title.zh}”应于 ${day} 前报送，至今未收到。`,
      en: `"${item.title.en}" of ${item.owner.name.en} was due on ${day} and has not arrived.`,
    },
    link: [
      { needs: 'exchange.read', to: `/exchange/sources/${item.id}` },
      { needs: 'catalogue.read', to: `/catalogue/resources/${item.id}` },
    ],
  };
}
