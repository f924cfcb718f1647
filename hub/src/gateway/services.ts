/**
 * Services: one for every grant of mode `service`, with what its provider set and the tables that serve it. Kept in step with sharing by
 * its events, and by looking every now and then, since an event may be missed.
 */
import { sql } from 'kysely';
import { integrationFinished } from '../libraries/index.ts';
import { cityDay } from '../platform/law/index.ts';
import type { Deps } from '../platform/room.ts';
import { GIVING, grantChanged, grantOf, type ShareRow, sharedEntry } from '../sharing/index.ts';
import { contentOf, keyOf, type ServiceItem, serviceItems } from './serve/items.ts';
import { dropUnserved, ensureServed, forgetEnded, type Served } from './serve/served.ts';

/** What a provider sets of a service. */
export interface Settings {
  per_second: number;
  burst: number;
  per_day: number | null;
  per_month: number | null;
  concurrent: number;
  cache: boolean;
  version: number;
}

/** A service without settings of its own. */
export const DEFAULTS: Settings = {
  ...{ per_second: 50, burst: 100, per_day: 100_000, per_month: null, concurrent: 20, cache: false, version: 0 },
};

/** A service as it stands. */
export interface Service {
  share: ShareRow;
  settings: Settings;
  title: { zh: string; en: string };
  /** Id and code of the entry, and its update cycle. */
  code: string;
  cycle: string;
  items: ServiceItem[];
  key: string[] | null;
  live: Served | null;
  sandbox: Served | null;
  /** Being made; ready; nothing is collected yet; or making it failed. */
  state: 'preparing' | 'ready' | 'nothing' | 'failed';
}

/** Milliseconds between two looks, between two checks of an entry while it is asked, and before an old table goes. */
const LOOK = 30_000;
const CHECK = 1000;
const GRACE = 120_000;

export class Services {
  readonly #deps: Pick<Deps, 'db' | 'lake' | 'vault' | 'clock' | 'bus' | 'log'>;
  readonly #services = new Map<number, Service>();
  readonly #checked = new Map<number, number>();
  readonly #retired = new Map<string, number>();
  readonly #stops: (() => void)[] = [];
  readonly #stopped = new Set<(share: number) => void>();
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: Pick<Deps, 'db' | 'lake' | 'vault' | 'clock' | 'bus' | 'log'>) {
    this.#deps = deps;
  }

  /** Reads what there is; tables are made in the background, one after another. */
  async start(): Promise<void> {
    await this.reload();
    const { bus } = this.#deps;
    this.#stops.push(
      bus.on(grantChanged, async ({ share }) => {
        await this.reload(share);
        this.refresh([share]);
      }),
      bus.on(integrationFinished, () => void this.refresh()),
    );
    this.#timer = setInterval(() => {
      void this.reload()
        .then(() => this.#catchUp())
        .catch((err: unknown) => this.#deps.log.error({ err }, 'services could not be looked through'));
    }, LOOK);
    this.#timer.unref();
    this.refresh();
  }

  async stop(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const stop of this.#stops) stop();
    await this.#work;
  }

  /** Told when a grant gives nothing any more: what streams of it is cut off. */
  onStopped(listener: (share: number) => void): void {
    this.#stopped.add(listener);
  }

  /** Reads grants and settings again, of one or of all. */
  async reload(only?: number): Promise<void> {
    const { db } = this.#deps;
    const known = await sql<{ id: number }>`SELECT id FROM sharing.share WHERE mode = 'service'
      AND ${only === undefined ? sql`true` : sql`id = ${only}`}`.execute(db.kysely);
    const settings = await sql<Settings & { share: number }>`SELECT share, per_second, burst, per_day, per_month,
      concurrent, cache, version FROM gateway.service`.execute(db.kysely);
    for (const { id } of known.rows) {
      const share = await grantOf(db, id);
      if (!share) continue;
      const given = settings.rows.find((s) => s.share === id);
      this.#put(share, given ? { ...DEFAULTS, ...given } : { ...DEFAULTS });
      if (!this.giving(id)) for (const tell of this.#stopped) tell(id);
    }
  }

  #put(share: ShareRow, settings: Settings): void {
    const { db, lake } = this.#deps;
    const before = this.#services.get(share.id);
    const shared = sharedEntry({ db, lake }, share.entry);
    const items = shared ? serviceItems({ lake }, share, shared) : [];
    const content = shared ? contentOf(share, shared, items) : '';
    const fits = (served: Served | null | undefined) => (served && served.content === content ? served : null);
    const live = fits(before?.live);
    this.#services.set(share.id, {
      ...{ share, settings, items, key: shared ? keyOf(items, shared) : null },
      title: shared?.entry.title ?? before?.title ?? { zh: share.entry, en: share.entry },
      ...{ code: shared?.entry.code ?? before?.code ?? '', cycle: shared?.entry.cycle ?? before?.cycle ?? 'daily' },
      ...{ live, sandbox: fits(before?.sandbox) },
      // An entry that was retired has nothing to be given any more.
      state: !shared
        ? 'nothing'
        : live
          ? 'ready'
          : (before?.state ?? 'preparing') === 'ready'
            ? 'preparing'
            : (before?.state ?? 'preparing'),
    });
    this.#checked.set(share.id, this.#deps.clock.now().getTime());
  }

  /** Every service, also of grants that have ended. */
  all(): Service[] {
    return [...this.#services.values()].sort((a, b) => b.share.id - a.share.id);
  }

  /**
   * One service. Its entry is looked at again at most every second: an item that became sensitive, or was taken out, is not answered a
   * moment longer from a table that was made before.
   */
  get(id: number): Service | undefined {
    const service = this.#services.get(id);
    if (!service) return undefined;
    const now = this.#deps.clock.now().getTime();
    if (Math.abs(now - (this.#checked.get(id) ?? 0)) >= CHECK) {
      const was = service.live;
      this.#put(service.share, service.settings);
      if (was && !this.#services.get(id)!.live) this.refresh([id]);
    }
    return this.#services.get(id);
  }

  /** Whether a grant gives data today. */
  giving(id: number): boolean {
    const share = this.#services.get(id)?.share;
    if (!share || !(GIVING as readonly string[]).includes(share.state)) return false;
    const today = cityDay(this.#deps.clock.now());
    return share.since <= today && today <= share.until;
  }

  /** Grants that an organisation may call now, with their items. */
  of(organisation: string): Map<number, Set<string>> {
    return new Map(
      [...this.#services.values()]
        .filter((s) => s.share.requester === organisation && this.giving(s.share.id))
        .map((s) => [s.share.id, new Set(s.items.map((i) => i.name))]),
    );
  }

  /** Makes tables that are missing or old, one after another; the answer is kept when all are made. */
  refresh(only?: readonly number[]): Promise<void> {
    this.#work = this.#work.then(async () => {
      const ids = only ?? [...this.#services.keys()];
      for (const id of ids) if (!this.#closed) await this.#make(id);
      if (only || this.#closed) return;
      await this.#tidy().catch((err: unknown) => this.#deps.log.error({ err }, 'served tables could not be tidied'));
    });
    return this.#work;
  }

  async #make(id: number): Promise<void> {
    const { db, lake, log } = this.#deps;
    const service = this.#services.get(id);
    if (!service || !this.giving(id)) return;
    const shared = sharedEntry({ db, lake }, service.share.entry);
    if (!shared) return;
    try {
      const sandbox = await ensureServed(this.#deps, service.share, shared, true);
      this.#take(id, sandbox, 'sandbox');
      const live = await ensureServed(this.#deps, service.share, shared, false);
      this.#take(id, live, 'live');
      const now = this.#services.get(id)!;
      now.state = live ? (now.live ? 'ready' : 'preparing') : 'nothing';
    } catch (err) {
      log.error({ err, share: id }, 'a service could not be prepared');
      const now = this.#services.get(id)!;
      // What serves already goes on serving as long as it fits the grant.
      if (!now.live) now.state = 'failed';
    }
  }

  /** What has no table yet is tried again; tables that serve are left to the integrations that change their data. */
  async #catchUp(): Promise<void> {
    const missing = [...this.#services.values()].filter((s) => !s.live || !s.sandbox).map((s) => s.share.id);
    await this.refresh(missing);
    await this.#tidy();
  }

  /** Puts a table in its place unless the grant has changed meanwhile. */
  #take(id: number, served: Served | null, which: 'live' | 'sandbox'): void {
    const service = this.#services.get(id);
    if (!service || !served) return;
    const { db, lake } = this.#deps;
    const shared = sharedEntry({ db, lake }, service.share.entry);
    if (!shared || contentOf(service.share, shared, serviceItems({ lake }, service.share, shared)) !== served.content)
      return;
    const before = service[which];
    if (before && before.name !== served.name) this.#retired.set(before.name, Date.now());
    service[which] = served;
  }

  async #tidy(): Promise<void> {
    await forgetEnded(
      this.#deps,
      [...this.#services.keys()].filter((id) => this.giving(id)),
    );
    const now = Date.now();
    for (const [name, at] of this.#retired) if (now - at > GRACE) this.#retired.delete(name);
    const held = [...this.#services.values()].flatMap((s) => [s.live?.name, s.sandbox?.name]);
    await dropUnserved(this.#deps, new Set([...this.#retired.keys(), ...held.filter((n) => n !== undefined)]));
  }
}
