/** Where every source stands, what came of runs, and the start page's view of it, all asked of the lake. */
import type { Catalogue, SourceDeclaration } from '../catalogue/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type {
  Counters,
  ExchangeSummary,
  KeptProblem,
  RunDetail,
  RunItem,
  RunQuery,
  SourceDetail,
  SourceItem,
  SourceState,
} from './api.ts';
import { nextDue, overdueDays } from './cadence.ts';
import { problems } from './problems.ts';
import { ruleTitle } from './sentences.ts';
import { lastLooks } from './transport/index.ts';

/** A collection under way. */
export interface Running {
  source: string;
  input: string;
  step: string;
  done: number;
  total: number | null;
  started: Date;
}

interface Sums extends Counters {
  [name: string]: unknown;
  source: string;
  runs: number;
  bytes: number;
  seconds: number;
}
type Receipt = Omit<RunItem, 'title' | 'owner' | 'rate'> & Record<string, unknown>;
interface Refused extends Record<string, unknown> {
  source: string;
  refused_at: string;
  input: string;
  problem: string;
}

const RUN = `run, source, number, kind, input, blob, bytes, started, finished, received, accepted, quarantined, duplicate, declaration`;

/** Looks at the exchange of one hub. */
export class Overview {
  readonly #lake: Lake;
  readonly #clock: Clock;
  readonly #catalogue: () => Catalogue;
  readonly #running: () => Iterable<Running>;

  constructor(lake: Lake, clock: Clock, catalogue: () => Catalogue, running: () => Iterable<Running>) {
    this.#lake = lake;
    this.#clock = clock;
    this.#catalogue = catalogue;
    this.#running = running;
  }

  /** Every source, in order of department and number. */
  async sources(): Promise<SourceItem[]> {
    const catalogue = this.#catalogue();
    const [sums, open, last, refusals, first, looks] = await Promise.all([
      this.#sums(),
      this.#lake.query<{ source: string; n: number }>(
        "SELECT source, count(*) AS n FROM ex.quarantine WHERE status = 'open' GROUP BY source",
      ),
      this.#lake.query<Receipt>(
        `SELECT ${RUN} FROM ex.run WHERE kind <> 'release' QUALIFY row_number() OVER (PARTITION BY source ORDER BY run DESC) = 1`,
      ),
      this.#lake.query<Refused>(
        `SELECT source, refused_at, input, problem FROM ex.refusal
         QUALIFY row_number() OVER (PARTITION BY source ORDER BY id DESC) = 1`,
      ),
      this.#lake.query<{ source: string; recorded: string }>(
        'SELECT source, min(recorded) AS recorded FROM cat.declaration GROUP BY source',
      ),
      lastLooks(this.#lake),
    ]);
    const by = <T extends { source: string }>(rows: T[]) => new Map(rows.map((r) => [r.source, r]));
    const maps = { sums: by(sums), open: by(open), last: by(last), refusals: by(refusals), first: by(first) };
    const running = new Set([...this.#running()].map((r) => r.source));
    const now = this.#clock.now();
    return [...catalogue.sources.values()].map(({ declaration: d }) => {
      const sum = maps.sums.get(d.id);
      const run = maps.last.get(d.id);
      const refusal = maps.refusals.get(d.id);
      // An interface that was looked at and had nothing new has delivered, too.
      const look = looks.get(d.id);
      const heard = [run?.finished, look?.ok ? look.at.toISOString() : undefined].filter((at) => at !== undefined);
      const latest = heard.sort().at(-1);
      const begin = latest ?? maps.first.get(d.id)?.recorded;
      const due = nextDue(d, begin ? new Date(begin) : now);
      const late = overdueDays(due, now);
      const failed = refusal !== undefined && (latest === undefined || refusal.refused_at > latest);
      let state: SourceState = run ? 'current' : 'never';
      if (d.transport.kind === 'unavailable') state = 'unavailable';
      else if (running.has(d.id)) state = 'running';
      else if (failed) state = 'failed';
      else if (due && now > due) state = 'overdue';
      return {
        id: d.id,
        number: d.number,
        title: d.title,
        owner: { id: d.owner, name: catalogue.organisations.get(d.owner)?.name ?? { zh: d.owner, en: d.owner } },
        category: d.category,
        level: d.level,
        transport: d.transport.kind,
        cadence: d.cadence,
        mode: d.mode,
        contract: d.contract,
        state,
        totals: counters(sum),
        open: maps.open.get(d.id)?.n ?? 0,
        runs: sum?.runs ?? 0,
        lastRun: run ? { run: run.run, finished: run.finished, ...counters(run) } : null,
        lastRefusal: refusal ? refusalOf(refusal) : null,
        nextDue: due?.toISOString() ?? null,
        overdueDays: late,
        unavailable:
          d.transport.kind === 'unavailable' ? { reason: d.transport.reason, expected: d.transport.expected } : null,
      };
    });
  }

  #sums(): Promise<Sums[]> {
    return this.#lake.query<Sums>(
      `SELECT source, count(*) AS runs, sum(received)::BIGINT AS received, sum(accepted)::BIGINT AS accepted,
         sum(quarantined)::BIGINT AS quarantined, sum(duplicate)::BIGINT AS duplicate, sum(bytes)::BIGINT AS bytes,
         sum(epoch(finished) - epoch(started)) AS seconds
       FROM ex.run GROUP BY source`,
    );
  }

  /** One source with its latest runs and refusals. */
  async source(id: string): Promise<SourceDetail> {
    const own = this.#catalogue().sources.get(id);
    const item = (await this.sources()).find((s) => s.id === id);
    if (!own || !item) throw new Problem(problems.unknownSource, { source: id });
    const d = own.declaration;
    const refused = await this.#lake.query<Refused>(
      'SELECT source, refused_at, input, problem FROM ex.refusal WHERE source = $id ORDER BY id DESC LIMIT 20',
      { id },
    );
    const [owner, resource] = id.split('.');
    return {
      ...item,
      abstract: d.abstract,
      key: d.key,
      fields: d.fields.map((f) => ({
        ...{ name: f.name, column: f.column ?? f.name, title: f.title, protection: f.protection, required: f.required },
      })),
      inbox: d.transport.kind === 'file' ? `inbox/${owner}/${resource}` : null,
      recent: (await this.runs({ source: id, offset: 0, limit: 20 })).items,
      refusals: refused.map(refusalOf),
    };
  }

  #item(r: Receipt): RunItem {
    const d = this.#catalogue().sources.get(r.source)?.declaration;
    const seconds = (Date.parse(r.finished) - Date.parse(r.started)) / 1000;
    return {
      ...r,
      title: d?.title ?? { zh: r.source, en: r.source },
      owner: d?.owner ?? r.source.split('.')[0]!,
      rate: seconds > 0 ? r.received / seconds : 0,
    };
  }

  /** Runs, the newest first. */
  async runs(query: RunQuery): Promise<{ items: RunItem[]; total: number }> {
    const parts = ['true'];
    const params: Record<string, string | number> = {};
    for (const name of ['source', 'kind'] as const)
      if (query[name] !== undefined) {
        parts.push(`${name} = $${name}`);
        params[name] = query[name];
      }
    if (query.owner !== undefined) {
      parts.push("split_part(source, '.', 1) = $owner");
      params.owner = query.owner;
    }
    const where = parts.join(' AND ');
    const [rows, total] = await Promise.all([
      this.#lake.query<Receipt>(
        `SELECT ${RUN} FROM ex.run WHERE ${where} ORDER BY run DESC LIMIT $limit OFFSET $offset`,
        { ...params, limit: query.limit, offset: query.offset },
      ),
      this.#lake.first<{ n: number }>(`SELECT count(*) AS n FROM ex.run WHERE ${where}`, params),
    ]);
    return { items: rows.map((r) => this.#item(r)), total: total!.n };
  }

  /** One run with its receipt. */
  async run(run: number): Promise<RunDetail> {
    const row = await this.#lake.first<
      Receipt & { root: Uint8Array | null; leaves: number; steps: string; notices: string; vanished: number }
    >(`SELECT ${RUN}, root, leaves, steps, notices, vanished FROM ex.run WHERE run = $run`, { run });
    if (!row) throw new Problem(problems.unknownRun, { run });
    const bad = await this.#lake.query<{ rule: string; field: string | null; rows: number }>(
      'SELECT rule, field, count(*) AS rows FROM ex.quarantine WHERE run = $run GROUP BY ALL ORDER BY rows DESC',
      { run },
    );
    const { root, leaves, steps, notices, vanished, ...receipt } = row;
    return {
      ...this.#item(receipt as Receipt),
      root: root ? `01${Buffer.from(root).toString('hex')}` : null,
      leaves,
      steps: JSON.parse(steps) as RunDetail['steps'],
      quarantine: bad.map((b) => ({ ...b, title: ruleTitle(b.rule) })),
      notices: JSON.parse(notices) as KeptProblem[],
      vanished,
    };
  }

  /** Deliveries refused whole, the newest first. */
  async refusals(query: { source?: string | undefined; offset: number; limit: number }) {
    const where = query.source === undefined ? 'true' : 'source = $source';
    const params = query.source === undefined ? {} : { source: query.source };
    const [items, total] = await Promise.all([
      this.#lake.query<Refused & { id: number; blob: string | null; bytes: number }>(
        `SELECT id, source, input, blob, bytes, refused_at, problem FROM ex.refusal WHERE ${where} ORDER BY id DESC
         LIMIT $limit OFFSET $offset`,
        { ...params, limit: query.limit, offset: query.offset },
      ),
      this.#lake.first<{ n: number }>(`SELECT count(*) AS n FROM ex.refusal WHERE ${where}`, params),
    ]);
    return {
      items: items.map((r) => ({ id: r.id, source: r.source, blob: r.blob, bytes: r.bytes, ...refusalOf(r) })),
      total: total!.n,
    };
  }

  /** The whole of collection for the start page. */
  async summary(): Promise<ExchangeSummary> {
    const catalogue = this.#catalogue();
    const [items, sums, recent, flow] = await Promise.all([
      this.sources(),
      this.#sums(),
      this.runs({ offset: 0, limit: 10 }),
      this.#lake.query<{ at: string } & Counters>(
        `SELECT date_trunc('hour', finished) AS at, sum(received)::BIGINT AS received, sum(accepted)::BIGINT AS accepted,
           sum(quarantined)::BIGINT AS quarantined, sum(duplicate)::BIGINT AS duplicate
         FROM ex.run WHERE finished > (SELECT max(finished) - INTERVAL 1 DAY FROM ex.run) GROUP BY 1 ORDER BY 1`,
      ),
    ]);
    const byState = (state: SourceState) => items.filter((i) => i.state === state).length;
    const owners = [...new Set(items.map((i) => i.owner.id))];
    return {
      at: this.#clock.now().toISOString(),
      sources: {
        total: items.length,
        current: byState('current'),
        overdue: byState('overdue'),
        never: byState('never'),
        failed: byState('failed'),
        running: byState('running'),
        unavailable: byState('unavailable'),
      },
      totals: {
        ...add(sums),
        runs: sums.reduce((n, s) => n + s.runs, 0),
        open: items.reduce((n, i) => n + i.open, 0),
        bytes: sums.reduce((n, s) => n + s.bytes, 0),
      },
      departments: owners.map((owner) => {
        const own = items.filter((i) => i.owner.id === owner);
        const ids = new Set(own.map((i) => i.id));
        const total = sums.filter((s) => ids.has(s.source));
        const seconds = total.reduce((n, s) => n + s.seconds, 0);
        const finished = own.flatMap((i) => (i.lastRun ? [i.lastRun.finished] : [])).sort();
        const sum = add(total);
        return {
          owner,
          name: own[0]!.owner.name,
          ...sum,
          sources: own.length,
          delivered: own.filter((i) => i.lastRun).length,
          overdue: own.filter((i) => i.state === 'overdue').length,
          unavailable: own.filter((i) => i.state === 'unavailable').length,
          open: own.reduce((n, i) => n + i.open, 0),
          lastFinished: finished.at(-1) ?? null,
          rate: seconds > 0 ? sum.received / seconds : 0,
        };
      }),
      flow,
      running: [...this.#running()].map((r) => ({
        ...r,
        title: catalogue.sources.get(r.source)?.declaration.title ?? { zh: r.source, en: r.source },
        started: r.started.toISOString(),
      })),
      recent: recent.items,
    };
  }
}

const counters = (c: Counters | undefined): Counters => ({
  received: c?.received ?? 0,
  accepted: c?.accepted ?? 0,
  quarantined: c?.quarantined ?? 0,
  duplicate: c?.duplicate ?? 0,
});

const add = (all: Counters[]): Counters =>
  all.reduce<Counters>(
    (n, c) => ({
      received: n.received + c.received,
      accepted: n.accepted + c.accepted,
      quarantined: n.quarantined + c.quarantined,
      duplicate: n.duplicate + c.duplicate,
    }),
    counters(undefined),
  );

const refusalOf = (r: Refused): { at: string; input: string; problem: KeptProblem } => ({
  at: r.refused_at,
  input: r.input,
  problem: JSON.parse(r.problem) as KeptProblem,
});

/** The declaration of a source, or a Problem. */
export function declared(catalogue: Catalogue, id: string): { declaration: SourceDeclaration; version: number } {
  const own = catalogue.sources.get(id);
  if (!own) throw new Problem(problems.unknownSource, { source: id });
  return own;
}
