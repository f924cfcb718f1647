/**
 * Departments push batches: `POST /api/v1/push/{source}` with the header Idempotency-Key and a JSON array or lines of
 * objects. The answer comes when the rows are in the lake, together with the key: the same key with the same body is
 * answered with the same receipt, with another body it is a conflict. A batch that is refused does not use up its key. A
 * key expires: then it is refused, so that an old batch sent again by mistake is neither taken twice nor believed new.
 * What a batch means follows the declaration: of a source of changes it adds; of a snapshot it is the whole.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { SourceDeclaration } from '../../catalogue/index.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { AuditPort } from '../../platform/room.ts';
import { type PushAnswer, pushAnswer, pushPage } from '../api.ts';
import { type CollectDeps, collect } from '../collect.ts';
import { problems } from '../problems.ts';
import type { FinishedRun } from './common.ts';
import { pushProblems } from './problems.ts';
import { formatOf, linesOf, type PushFormat, spool } from './push-body.ts';

/** What pushing needs of the hub. */
export interface PushDeps extends CollectDeps {
  audit: AuditPort;
  /** Days for which a key is answered with its receipt. */
  keyDays: number;
  /** The declaration of a source; an unknown one is a Problem. */
  find(source: string): { declaration: SourceDeclaration; version: number };
  /** Told of every run, after it is in the lake. */
  onRun?: (run: FinishedRun) => Promise<void>;
}

/** Limits of pushing. */
export interface PushLimits {
  /** Bytes of the largest body. */
  bodyBytes: number;
  /** Batches that are collected at once, and that may wait for it; more are told to come again. */
  running: number;
  waiting: number;
  /** After how many seconds they may come again. */
  againSeconds: number;
}

export const pushLimits: PushLimits = { bodyBytes: 32 << 20, running: 2, waiting: 16, againSeconds: 5 };

/** One accepted request. */
interface Batch {
  source: SourceDeclaration;
  version: number;
  key: string;
  name: string;
  path: string;
  sha256: string;
  format: PushFormat;
  by: string;
}

/** Takes in batches: bounded, and one after another where they have the same key. */
export class PushDesk {
  readonly #deps: PushDeps;
  readonly #limits: PushLimits;
  readonly #keys = new Map<string, Promise<unknown>>();
  readonly #queue: (() => void)[] = [];
  #admitted = 0;
  #running = 0;

  constructor(deps: PushDeps, limits: PushLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  /** Runs work within the limits; null when there is no room. */
  async admit<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#admitted >= this.#limits.running + this.#limits.waiting) return null;
    this.#admitted += 1;
    try {
      return await work();
    } finally {
      this.#admitted -= 1;
    }
  }

  /** The receipt of a batch, new or as it was given before. */
  async take(batch: Batch): Promise<{ answer: PushAnswer; again: boolean }> {
    const own = `${batch.source.id}\n${batch.key}`;
    const before = this.#keys.get(own) ?? Promise.resolve();
    const work = before.then(() => this.#slot(() => this.#take(batch)));
    const settled = work.catch(() => undefined);
    this.#keys.set(own, settled);
    try {
      return await work;
    } finally {
      if (this.#keys.get(own) === settled) this.#keys.delete(own);
    }
  }

  async #slot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.running) await new Promise<void>((go) => this.#queue.push(go));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#queue.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #take(batch: Batch): Promise<{ answer: PushAnswer; again: boolean }> {
    const { lake, clock, keyDays } = this.#deps;
    const { source, key, name, sha256 } = batch;
    const known = await lake.first<{ sha256: string; rows: number; run: number; taken: number }>(
      'SELECT sha256, rows, run, epoch_ms(taken) AS taken FROM ex.push WHERE source = $source AND key = $key',
      { source: source.id, key },
    );
    const now = clock.now();
    const taken = known ? Number(known.taken) : now.getTime();
    const life = keyLife(taken, now, keyDays);
    const receipt = (rows: number, run: number): PushAnswer => ({
      ...{ batch: name, source: source.id, received: rows, sha256, state: 'collected', run, ...life },
    });
    if (life.keyDaysLeft < 0)
      throw new Problem(pushProblems.keyExpired, {
        ...{ batch: name, taken: dayOf(new Date(taken)), expired: dayOf(new Date(life.keyExpires)) },
      });
    if (known && known.sha256 !== sha256) throw new Problem(pushProblems.keyReused, { batch: name });
    if (known) return { answer: receipt(known.rows, known.run), again: true };
    const max = source.transport.kind === 'http-push' ? source.transport.maxRows : 0;
    const done = await collect(this.#deps, {
      source,
      declaration: batch.version,
      path: await linesOf(batch.path, batch.format, max),
      input: name,
      kind: 'push',
      format: 'jsonl',
      async after(session, { run, received }) {
        await session.run(
          'INSERT INTO ex.push SELECT $source, $key, $name, $sha256, $rows::BIGINT, $by, $run::INTEGER, $taken::TIMESTAMP',
          { source: source.id, key, name, sha256, rows: received, by: batch.by, run, taken: now },
        );
      },
    });
    if (done.already) throw new Error(`the batch ${name} was taken for a file of run ${done.run}`);
    const { run, accepted, vanished } = done;
    await this.#deps.onRun?.({ run, source: source.id, accepted, vanished });
    return { answer: receipt(done.received, run), again: false };
  }
}

const DAY = 86_400_000;

/** Until when a key is answered that was used at an instant (ms), and the whole days that are left; negative: expired. */
function keyLife(taken: number, now: Date, days: number): { keyExpires: string; keyDaysLeft: number } {
  const end = taken + days * DAY;
  const keyDaysLeft = Math.floor((end - now.getTime()) / DAY);
  return { keyExpires: new Date(end).toISOString(), keyDaysLeft };
}

/** The day of an instant as people in the city read it. */
const dayOf = (at: Date): string => at.toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });

function keyOf(header: string | string[] | undefined): string {
  if (header === undefined || header === '')
    throw new Problem(pushProblems.keyMissing, {}, { field: 'Idempotency-Key' });
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(header))
    throw new Problem(pushProblems.keyInvalid, {}, { field: 'Idempotency-Key' });
  return header;
}

/** The name of a batch: the same for the same source and key. */
const nameOf = (source: string, key: string): string =>
  `push-${createHash('sha256').update(`${source}\n${key}`).digest('hex').slice(0, 20)}`;

/** The batches of a source and how long their keys are answered. */
function listRoute(deps: () => PushDeps): RouteDefinition {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/push/{source}',
    room: 'exchange',
    summary: { zh: '已推送的批次及其键的有效期', en: 'Pushed batches and how long their keys are answered' },
    access: 'exchange.read',
    params: z.object({ source: z.string() }),
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) }),
    response: pushPage,
    problems: [problems.unknownSource, problems.transport],
    async handler({ params, query, clock }) {
      const { lake, find, keyDays } = deps();
      const { declaration } = find(params.source);
      if (declaration.transport.kind !== 'http-push')
        throw new Problem(problems.transport, { source: declaration.id, kind: declaration.transport.kind });
      const rows = await lake.query<{ batch: string; run: number; rows: number; sha256: string; taken: number }>(
        `SELECT batch, run, rows, sha256, epoch_ms(taken) AS taken FROM ex.push WHERE source = $source
         ORDER BY taken DESC, run DESC LIMIT ${query.limit}`,
        { source: declaration.id },
      );
      const count = await lake.first<{ n: number }>('SELECT count(*) AS n FROM ex.push WHERE source = $source', {
        source: declaration.id,
      });
      const now = clock.now();
      const items = rows.map(({ taken, ...r }) => ({
        ...r,
        taken: new Date(Number(taken)).toISOString(),
        ...keyLife(Number(taken), now, keyDays),
      }));
      return { items, total: count?.n ?? 0 };
    },
  });
}

/** The routes for batches. `deps` is asked when the first batch comes. */
export function pushRoutes(deps: () => PushDeps, over: Partial<PushLimits> = {}): RouteDefinition[] {
  const limits = { ...pushLimits, ...over };
  let desk: PushDesk | undefined;
  return [
    listRoute(deps),
    defineRoute({
      method: 'POST',
      path: '/api/v1/push/{source}',
      room: 'exchange',
      summary: { zh: '推送一批数据', en: 'Push a batch' },
      description: {
        zh: '请求体为 JSON 数组（application/json）或逐行对象（application/x-ndjson）。请求头 Idempotency-Key 必填：同一键、同一内容得到同一回执。',
        en: 'The body is a JSON array (application/json) or lines of objects (application/x-ndjson). The header Idempotency-Key is required: the same key and content get the same receipt.',
      },
      access: 'exchange.push',
      params: z.object({ source: z.string() }),
      bodyType: 'raw',
      bodyLimit: limits.bodyBytes,
      response: pushAnswer,
      problems: [problems.unknownSource, problems.transport, ...Object.values(pushProblems)],
      async handler({ params, principal, request, reply }) {
        const own = deps();
        desk ??= new PushDesk(own, limits);
        const { declaration: source, version } = own.find(params.source);
        if (source.transport.kind !== 'http-push')
          throw new Problem(problems.transport, { source: source.id, kind: source.transport.kind });
        if (principal.organisation !== source.owner)
          throw new Problem(pushProblems.organisation, { source: source.id, owner: source.owner });
        const key = keyOf(request.headers['idempotency-key']);
        const format = formatOf(request.headers);
        const name = nameOf(source.id, key);
        const at = desk;
        const taken = await at.admit(async () => {
          mkdirSync(own.work, { recursive: true, mode: 0o700 });
          const folder = mkdtempSync(join(own.work, 'push-'));
          try {
            const path = join(folder, randomUUID());
            const sha256 = await spool(request.body as AsyncIterable<Uint8Array>, path);
            return await at.take({ source, version, key, name, path, sha256, format, by: principal.userId });
          } catch (error) {
            if (error instanceof Problem)
              await own.audit.append({
                ...{ actor: principal, action: 'exchange.push', object: source.id, outcome: 'refused' },
                detail: { batch: name, code: error.kind.code },
              });
            throw error;
          } finally {
            rmSync(folder, { recursive: true, force: true });
          }
        });
        if (!taken) {
          reply.header('retry-after', String(limits.againSeconds));
          throw new Problem(pushProblems.busy, { seconds: limits.againSeconds });
        }
        const { answer, again } = taken;
        if (again) reply.header('idempotent-replayed', 'true');
        else
          await own.audit.append({
            ...{ actor: principal, action: 'exchange.push', object: source.id, outcome: 'ok' },
            detail: { batch: name, run: answer.run, rows: answer.received },
          });
        return answer;
      },
    }),
  ];
}
