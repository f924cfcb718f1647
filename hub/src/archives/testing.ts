/** What this room's tests share: seals that are really signed, in memory; people of every role; routes called through their schemas. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type AggregationLink,
  prependChain,
  readSignature,
  TreeBuilder,
  writeAggregationChain,
  writeSignature,
} from '@jingwei/keyless';
import type { ZodType } from 'zod';
import { Catalogue, useCatalogue } from '../catalogue/index.ts';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { FolderBlobs } from '../platform/blobs/index.ts';
import { ManualClock } from '../platform/clock.ts';
import { configSchema } from '../platform/config/index.ts';
import type { Db } from '../platform/db/index.ts';
import type { RouteDefinition, StreamBody } from '../platform/http/index.ts';
import type { JobKind } from '../platform/jobs/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { createLogger } from '../platform/log/index.ts';
import type { AuditEntry } from '../platform/room.ts';
import type { Seal, SealPort, SealSubject } from '../platform/seal/port.ts';
import type { ArchiveDeps } from './deps.ts';
import { archiveJobs, archiveRoutes } from './module.ts';

/** The chain shape of a list of links, as signatures write it. */
function shape(links: readonly AggregationLink[]): bigint {
  return [...links].reverse().reduce((v, link) => (v << 1n) | (link.left ? 1n : 0n), 1n);
}

/** Seals signed when `signAll` is called: aggregation chains that verify by themselves, without a calendar. */
export class MemorySeals implements SealPort {
  readonly all: Seal[] = [];
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async request(subject: SealSubject): Promise<number> {
    const id = this.all.length + 1;
    const rest = { requestedAt: this.#clock.now(), signedAt: null, publishedAt: null, signature: null };
    this.all.push({ level: 0, facts: {}, ...subject, ...rest, id, reference: `seal-${id}`, state: 'pending' });
    return id;
  }
  async requestAll(subjects: readonly SealSubject[]): Promise<void> {
    for (const subject of subjects) await this.request(subject);
  }
  async signAll(): Promise<void> {
    for (const seal of this.all.filter((s) => s.signature === null)) {
      seal.signature = await this.sign(seal.imprint, { level: seal.level });
      seal.signedAt = this.#clock.now();
      seal.state = 'sealed';
    }
  }
  async sign(imprint: Uint8Array, { level = 0 }: { level?: number } = {}): Promise<Uint8Array> {
    const tree = new TreeBuilder(1);
    const leaf = tree.add(imprint, { level, origin: { clientId: 'test' } });
    tree.close();
    const [first, ...rest] = tree.chainOf(leaf);
    // The document may be the root of a tree of its own: its height is room in the first link.
    const links = [{ ...first!, levelCorrection: first!.levelCorrection + level }, ...rest];
    const time = BigInt(Math.floor(this.#clock.now().getTime() / 1000));
    return writeSignature([
      writeAggregationChain({ time, index: [shape(links)], inputHash: imprint, algorithm: 1, links }),
    ]);
  }
  async get(id: number): Promise<Seal | undefined> {
    return this.all[id - 1];
  }
  async of(kind: Seal['kind'], subject: string): Promise<Seal[]> {
    return this.all.filter((s) => s.kind === kind && s.subject === subject).reverse();
  }
  async known(kind: Seal['kind'], subjects: readonly string[]): Promise<Set<string>> {
    return new Set(subjects.filter((subject) => this.all.some((s) => s.kind === kind && s.subject === subject)));
  }
  async sealed(id: number): Promise<Seal> {
    await this.signAll();
    return this.all[id - 1]!;
  }
  async proofOf(id: number, leaf: { imprint: Uint8Array; links: AggregationLink[]; algorithm: number }) {
    const { signature } = this.all[id - 1]!;
    return prependChain(readSignature(signature!), {
      hash: leaf.imprint,
      links: leaf.links,
      algorithm: leaf.algorithm,
    });
  }
  async anchors() {
    return { publicationsFile: new TextEncoder().encode('KSIPUBLF'), root: 'root' };
  }
}

/** Somebody with this role. */
export const person = (role: Role, organisation: string | null = null, login: string = role): Principal => ({
  ...{ userId: login, login, name: login, organisation, roles: [role], permissions: permissionsOf([role]) },
  ...{ sessionId: 's', purpose: null },
});
export const officer = person('data-officer', 'scjg', 'officer');
export const archivist = person('archivist', null, 'archivist');
export const colleague = person('archivist', null, 'colleague');
export const stranger = person('data-officer', 'sthj', 'stranger');

/** A request to a route. */
export interface Asked {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  file?: Buffer | AsyncIterable<Uint8Array>;
}

/** The room over a store, its contents in a folder of its own. */
export class ArchiveRoom {
  readonly clock = new ManualClock('2026-03-02T01:00:00Z');
  readonly seals = new MemorySeals(this.clock);
  readonly audit: AuditEntry[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'jingwei-archives-'));
  readonly deps: ArchiveDeps;
  readonly routes: RouteDefinition[];
  // biome-ignore lint/suspicious/noExplicitAny: each kind checks its own parameters by its schema.
  readonly #jobs: JobKind<any>[];
  readonly #waiting: { kind: string; params: unknown }[] = [];

  constructor(db: Db, settings: Record<string, unknown> = {}) {
    const lake = {} as Lake;
    const organisation = (id: string) => ({ id, name: { zh: `${id}局`, en: id } });
    useCatalogue(lake, new Catalogue([], ['scjg', 'sthj', 'wjj'].map(organisation), []));
    const jobs = {
      submit: async (kind: string, params: unknown) => {
        this.#waiting.push({ kind, params });
        return `job-${this.#waiting.length}`;
      },
    };
    this.deps = {
      ...{ db, lake, clock: this.clock, seal: this.seals, jobs: jobs as never },
      config: configSchema.parse({ archives: settings }),
      folders: { data: this.folder, sources: join(this.folder, 'sources') } as never,
      log: createLogger({ level: 'silent' }),
      audit: { append: async (entry) => void this.audit.push(entry) },
      blobs: new FolderBlobs(join(this.folder, 'archives')),
      fonds: new Map([['scjg', '0057']]),
    };
    this.routes = archiveRoutes(this.deps);
    this.#jobs = archiveJobs(this.deps);
  }

  end(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Does the work that was ordered; answers the results. */
  async work(): Promise<unknown[]> {
    const results: unknown[] = [];
    for (let order = this.#waiting.shift(); order; order = this.#waiting.shift()) {
      const kind = this.#jobs.find((k) => k.kind === order!.kind)!;
      const context = { signal: new AbortController().signal, progress: () => undefined, clock: this.clock };
      results.push(await kind.run(context as never, kind.params.parse(order.params)));
    }
    return results;
  }

  /** Calls a route as the server would: what goes in and what comes out fit the schemas. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  async call(as: Principal, method: string, path: string, asked: Asked = {}): Promise<any> {
    const full = path.startsWith('/archive-') ? `/api/v1${path}` : `/api/v1/archives${path}`;
    const route = this.routes.find((r) => r.method === method && r.path === full);
    if (!route) throw new Error(`no route ${method} ${full}`);
    const answer = await route.handler({
      params: route.params?.parse(asked.params ?? {}),
      query: route.query?.parse(asked.query ?? {}),
      body: route.body?.parse(asked.body ?? {}),
      principal: as,
      clock: this.clock,
      request: { body: asked.file instanceof Buffer ? Readable.from([asked.file]) : asked.file } as never,
      reply: undefined as never,
    });
    return 'stream' in route.response ? gather(answer as StreamBody) : (route.response as ZodType).parse(answer);
  }
}

/** All bytes of a streamed answer. */
export async function gather(body: StreamBody): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const c of body.chunks) parts.push(Buffer.from(c as Uint8Array));
  return Buffer.concat(parts);
}
