/** The gateway of one hub: its books, limits, records and tables, and what the room's routes and addresses ask of them. */
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { cityDay } from '../platform/law/index.ts';
import type { Deps } from '../platform/room.ts';
import { ClientBook } from './clients/book.ts';
import { addressReader } from './clients/networks.ts';
import { strangerLimits } from './http/handler.ts';
import { Buckets, Concurrency, Quotas, type Taken } from './limits.ts';
import { Notes } from './notes.ts';
import type { TokenHost } from './oauth/endpoint.ts';
import * as k from './problems.ts';
import { Lookups } from './serve/lookups.ts';
import { Heavy } from './serve/operations.ts';
import { DEFAULTS, Services } from './services.ts';
import { Journal } from './usage/journal.ts';
import { DAY_OF, UsageStore } from './usage/store.ts';

/** What the gateway is given of the hub. */
export type GatewayDeps = Pick<
  Deps,
  'config' | 'db' | 'lake' | 'vault' | 'clock' | 'bus' | 'log' | 'audit' | 'folders' | 'http'
>;

export class Gateway {
  readonly deps: GatewayDeps;
  readonly clock: Deps['clock'];
  readonly book: ClientBook;
  readonly services: Services;
  readonly lookups: Lookups;
  readonly heavy = new Heavy();
  readonly buckets = new Buckets();
  readonly quotas = new Quotas();
  readonly concurrency = new Concurrency();
  readonly notes: Notes;
  readonly journal: Journal;
  readonly usage: UsageStore;
  readonly address: (request: IncomingMessage) => string;
  readonly secureTransport: boolean;
  readonly defaults = DEFAULTS;
  /** Refusals that the audit is told of; the others stand in the records of use. */
  readonly ofNote: ReadonlySet<string> = new Set(
    [k.unknownService, k.notActive, k.fieldNotGranted, k.quotaExceeded, k.filterScan].map((p) => p.code),
  );
  readonly #strangers = new Buckets(20_000);
  readonly #open = new Set<{ share: number; client: string; stop: () => void }>();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(deps: GatewayDeps) {
    this.deps = deps;
    this.clock = deps.clock;
    this.book = new ClientBook(deps.db, deps.clock);
    this.services = new Services(deps);
    this.lookups = new Lookups(deps.lake);
    this.notes = new Notes(deps);
    this.journal = new Journal(join(deps.folders.data, 'gateway', 'journal'));
    this.usage = new UsageStore(deps, this.journal);
    this.address = addressReader(deps.config.http.trustProxy);
    this.secureTransport = deps.config.http.publicUrl?.startsWith('https:') ?? false;
  }

  /** What the token endpoint stands on. */
  get tokenHost(): TokenHost {
    return {
      ...{ book: this.book, clock: this.clock, url: () => this.deps.http.url() },
      grants: (organisation) => this.services.of(organisation),
      note: (note) => this.notes.add(note),
      // A token is good for ten minutes: who asks for hundreds has a fault.
      issuing: (client) => this.buckets.take(`token ${client}`, 1, 60, this.clock.now().getTime()),
    };
  }

  /** Reads what there is, takes records that a killed hub left, and begins to serve. */
  async start(): Promise<void> {
    await this.book.load();
    await this.usage.start();
    await this.#readQuotas();
    this.services.onStopped((share) => this.#cut((o) => o.share === share));
    await this.services.start();
    this.#sweeper = setInterval(() => {
      void this.book.sweep().catch((err: unknown) => this.deps.log.error({ err }, 'old tokens could not be removed'));
    }, 60_000);
    this.#sweeper.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#cut(() => true);
    await this.services.stop();
    await this.usage.stop();
    await this.journal.close();
    await this.notes.settled();
  }

  /** Quotas go on where the records of use say that they are. */
  async #readQuotas(): Promise<void> {
    const now = this.clock.now();
    const today = cityDay(now);
    const used = await this.deps.lake.query<{ share: number; day: number; month: number }>(
      `SELECT share, coalesce(sum(units) FILTER (WHERE ${DAY_OF} = $today::DATE), 0) AS day, sum(units) AS month
       FROM gw.usage WHERE NOT sandbox AND ${DAY_OF} >= $first::DATE AND "at" >= $first::TIMESTAMP - INTERVAL 1 DAY GROUP BY share`,
      { today, first: `${today.slice(0, 7)}-01` },
    );
    for (const u of used) this.quotas.set(u.share, now, Number(u.day), Number(u.month));
  }

  /** Takes what a failure without a known client costs its address. */
  strangers(address: string): Taken {
    return this.#strangers.take(address, strangerLimits.rate, strangerLimits.burst, this.clock.now().getTime());
  }

  /** Registers a stream that ends when its grant or client does; the answer takes it out. */
  cutOff(share: number, client: string, stop: () => void): () => void {
    const one = { share, client, stop };
    this.#open.add(one);
    return () => void this.#open.delete(one);
  }

  /** Ends what a client still streams. */
  cutClient(client: string): void {
    this.#cut((o) => o.client === client);
  }

  #cut(which: (o: { share: number; client: string }) => boolean): void {
    for (const one of [...this.#open]) if (which(one)) one.stop();
  }
}
