/** What the rooms tell of themselves, gathered for one period: rows of every stage that this hub has records for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assessedDuties, assessedEntries, catalogueOf } from '../catalogue/index.ts';
import { nextDue } from '../exchange/index.ts';
import { assessedTargets } from '../forms/index.ts';
import { assessedCalls } from '../gateway/index.ts';
import { assessedCorrections } from '../libraries/index.ts';
import { refusals } from '../platform/audit/index.ts';
import { cityDay, openLaw } from '../platform/law/index.ts';
import type { Deps } from '../platform/room.ts';
import { openDatasets } from '../publishing/index.ts';
import { assessedSharing } from '../sharing/index.ts';
import type { Staged, StageRow } from './staged.ts';

const DAY = 86_400_000;

/** What gathering asks of the hub. */
export type GatherDeps = Pick<Deps, 'db' | 'lake' | 'clock' | 'folders' | 'config'>;

/** A unit that may be assessed. */
export interface Unit {
  id: string;
  name: { zh: string; en: string };
  /** Kind of an organisation, or `division`. */
  kind: string;
  parent: string | null;
}

/** Organisations of the city and its divisions. */
export function unitsOf(deps: Pick<Deps, 'lake' | 'folders' | 'config'>): Unit[] {
  const organisations = [...catalogueOf(deps.lake).organisations.values()].map(
    (o): Unit => ({
      ...{ id: o.id, name: o.name, kind: o.kind ?? 'other', parent: null },
    }),
  );
  let text = '';
  try {
    text = readFileSync(join(deps.folders.cities, deps.config.city, 'divisions.csv'), 'utf8');
  } catch {
    return organisations;
  }
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const columns = head!.split(',');
  const at = (name: string) => columns.indexOf(name);
  const divisions = lines.map((line): Unit => {
    const cells = line.split(',');
    const name = cells[at('name')] ?? '';
    return {
      id: cells[at('code')] ?? '',
      name: { zh: name, en: name },
      kind: 'division',
      parent: cells[at('parent')] ?? null,
    };
  });
  return [...organisations, ...divisions];
}

/** Every source with the days of the period on which what it delivers was current, by the same rule as the exchange's overdue. */
async function collected(deps: GatherDeps, since: ReadonlyMap<string, string>, from: string, to: string) {
  const { sources } = catalogueOf(deps.lake);
  const runs = await deps.lake.query<{ source: string; days: string[] }>(
    `SELECT source, list(DISTINCT (finished + INTERVAL 8 HOUR)::DATE::VARCHAR ORDER BY (finished + INTERVAL 8 HOUR)::DATE::VARCHAR) AS days
     FROM v.run_v1 WHERE finished IS NOT NULL AND kind <> 'release' GROUP BY source`,
  );
  const byId = new Map(runs.map((r) => [r.source, r.days]));
  const rows: StageRow[] = [];
  const onTime: StageRow[] = [];
  for (const { declaration: d } of sources.values()) {
    const heard = byId.get(d.id) ?? [];
    const first = [since.get(d.id), heard[0]].filter((x) => x !== undefined).sort()[0] ?? to;
    rows.push({
      ...{ source: d.id, owner: d.owner, title_zh: d.title.zh, title_en: d.title.en, number: d.number },
      ...{ transport: d.transport.kind, cadence: d.cadence, since: first },
    });
    if (d.transport.kind === 'unavailable') continue;
    let at = -1;
    for (let day = first > from ? first : from; day <= to; day = next(day)) {
      while (at + 1 < heard.length && heard[at + 1]! <= day) at += 1;
      const due = nextDue(d, new Date(`${at < 0 ? first : heard[at]}T00:00:00Z`));
      onTime.push({ source: d.id, day, current: due === null || cityDay(due) >= day });
    }
  }
  return { rows, onTime };
}

const next = (day: string): string => new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);

/** Everything for a period; `to` is its last day that has come. */
export async function gather(deps: GatherDeps, from: string, to: string): Promise<Staged> {
  const entries = assessedEntries(deps);
  const since = new Map(entries.flatMap((e) => (e.source ? [[e.source, e.created] as const] : [])));
  const [duties, sharing, corrections, refused, sources, calls, datasets, targets] = await Promise.all([
    assessedDuties(deps),
    assessedSharing(deps.db, from),
    assessedCorrections(deps.db, from),
    refusals(deps.db, from),
    collected(deps, since, from, to),
    assessedCalls(deps.lake, from, to),
    openDatasets(deps),
    assessedTargets(deps.db, from),
  ]);
  const law = openLaw(deps.folders.standards);
  const title = new Map(law.deadlines.map((d) => [d.id, d.title]));
  const units = unitsOf(deps);
  const entryOf = new Map(sharing.share.map((x) => [x.share, x.entry]));
  const taken = (entry: string, provider: string) => ({ entry, provider });
  const used = sharing.delivery.filter((d) => d.downloads > 0);
  return {
    organisation: units.filter((u) => u.kind !== 'division').map((u) => ({ id: u.id, kind: u.kind })),
    division: units
      .filter((u) => u.kind === 'division')
      .map((u) => ({ code: u.id, name: u.name.zh, parent: u.parent })),
    entry: entries.filter((e) => e.created <= to && (e.retired === null || e.retired > to)).map((e) => ({ ...e })),
    duty: duties.map((d) => ({ ...d })),
    ...{ source: sources.rows, on_time: sources.onTime },
    clock: sharing.clock.map((c) => ({
      ...c,
      ...{ title_zh: title.get(c.deadline)?.zh ?? c.deadline, title_en: title.get(c.deadline)?.en ?? c.deadline },
    })),
    ...{ request: sharing.request, dispute: sharing.dispute, delivery: sharing.delivery, misuse: sharing.misuse },
    correction: corrections.map((c) => ({ ...c })),
    refusal: refused.map((r) => ({ ...r })),
    use: [
      ...used.map((d) => ({ ...taken(d.entry, d.provider), channel: 'delivery', day: d.ready, times: d.downloads })),
      ...calls.map((c) => ({
        ...taken(entryOf.get(c.share) ?? '', c.provider),
        ...{ channel: 'service', day: c.day, times: Number(c.times) },
      })),
    ],
    dataset: datasets.map((d) => ({
      ...{ dataset: d.id, ...taken(d.entry, d.provider), state: 'open' },
      ...{ since: cityDay(d.opened), updated: cityDay(d.updated) },
    })),
    // Without a single task nobody's collection can be measured: the records are absent, not missed.
    ...(targets.length
      ? { form_record: targets.map((t) => ({ ...t, division: t.division?.slice(0, 9) ?? null })) }
      : {}),
  };
}

/** The first month for which this hub has records: when its catalogue came to be. */
export function firstMonth(deps: Pick<Deps, 'db' | 'lake' | 'folders'>): string | null {
  const days = assessedEntries(deps).map((e) => e.created);
  return days.length ? days.sort()[0]!.slice(0, 7) : null;
}
