/**
 * Reports of the last days as they are held against a new one: by cells of the ground and by names, so that few are looked at however many
 * there are. Bounded; filled again from the store at start. Decides which event a report belongs to.
 */
import type { Said } from './gazetteer.ts';
import { compare, type Evidence, type Known, model, type Rarity, type Ready, type Reported, ready } from './score.ts';
import { weigh } from './trees.ts';

/** Hours in which a report may be of the same event; reports held at most. */
const WINDOW = 48 * 3_600_000;
const MOST = 40_000;
/** Cells of about half a kilometre. */
const CELL = 0.005;
/** Log-odds from which a piece of evidence is told. */
const TOLD = 0.05;
/** Reports of one event that are compared at most, the first and the latest. */
export const MEMBERS = 8;

interface Held {
  report: number;
  event: number;
  own: Ready;
}

/** Which event a report belongs to, and why; `join` where it is sure enough. */
export interface Likely {
  event: number;
  report: number;
  probability: number;
  why: Evidence[];
  join: boolean;
}

export class Recent {
  readonly #held = new Map<number, Held>();
  readonly #cells = new Map<string, Set<number>>();
  readonly #byName = new Map<string, Set<number>>();
  readonly #df = new Map<string, number>();
  readonly #events = new Map<number, Set<number>>();
  #newest = 0;
  #city: Known = {};
  #last: Ready | undefined;

  readonly rarity: Rarity = (term) => {
    const n = Math.max(this.#held.size, 200);
    return Math.log((n + 1) / ((this.#df.get(term) ?? 0) + 1));
  };

  /** What the city knows. What is held already is read anew the first time only: later editions differ by little. */
  know(city: Known): void {
    const first = !this.#city.gazetteer && city.gazetteer;
    this.#city = { gazetteer: city.gazetteer ?? this.#city.gazetteer, matters: city.matters ?? this.#city.matters };
    this.#last = undefined;
    if (!first) return;
    const held = [...this.#held.values()];
    for (const index of [this.#held, this.#cells, this.#byName, this.#df, this.#events]) index.clear();
    for (const h of held) this.add(h.report, h.event, h.own);
  }

  get size(): number {
    return this.#held.size;
  }

  /** A report made ready; what was asked for last is kept, since it is mostly what comes in next. */
  #ready(given: Reported): Ready {
    const keys = ['at', 'lon', 'lat', 'matter', 'channel', 'text', 'address'] as const;
    const last = this.#last;
    if (last && keys.every((k) => last[k] === given[k])) return last;
    this.#last = ready(given, this.#city);
    return this.#last;
  }

  /** Keeps a report of an event. */
  add(report: number, event: number, given: Reported): void {
    if (this.#held.has(report)) return;
    const own = this.#ready(given);
    this.#held.set(report, { report, event, own });
    into(this.#events, event, report);
    for (const cell of placesOf(own)) into(this.#cells, cell, report);
    for (const end of endsOf(own)) into(this.#byName, end, report);
    for (const g of termsOf(own)) this.#df.set(g, (this.#df.get(g) ?? 0) + 1);
    this.#newest = Math.max(this.#newest, own.at);
    this.#forget();
  }

  /** A report belongs to another event now. */
  move(report: number, event: number): void {
    const held = this.#held.get(report);
    if (!held) return;
    out(this.#events, held.event, report);
    held.event = event;
    into(this.#events, event, report);
  }

  #forget(): void {
    for (const [id, held] of this.#held) {
      if (this.#held.size <= MOST && held.own.at > this.#newest - WINDOW) break;
      this.#held.delete(id);
      out(this.#events, held.event, id);
      for (const cell of placesOf(held.own)) out(this.#cells, cell, id);
      for (const end of endsOf(held.own)) out(this.#byName, end, id);
      for (const g of termsOf(held.own)) {
        const n = this.#df.get(g)! - 1;
        if (n) this.#df.set(g, n);
        else this.#df.delete(g);
      }
    }
  }

  /** Reports that are near a new one or name what it names: all that it is held against. */
  near(own: Ready): { report: number; event: number; own: Ready }[] {
    const near = new Set<number>();
    for (const cell of cellsOf(own, 1)) for (const id of this.#cells.get(cell) ?? []) near.add(id);
    // Reports that have a position near what this one names.
    for (const s of own.said)
      if (s.spot) for (const cell of spotCells(s)) for (const id of this.#cells.get(cell) ?? []) near.add(id);
    for (const end of endsOf(own)) {
      const named = this.#byName.get(end);
      // What is named in hundreds of reports tells nothing apart.
      if (named && named.size <= 400) for (const id of named) near.add(id);
    }
    return [...near].map((id) => this.#held.get(id)!);
  }

  /** Events that a new report may be of, the likeliest first. */
  likely(given: Reported): Likely[] {
    const own = this.#ready(given);
    const held = [...new Set(this.near(own).map((h) => h.event))].flatMap((event) => this.against(own, event) ?? []);
    held.sort((a, b) => b.best - a.best);
    const found = held.map(({ event, report, why, ...seen }, i): Likely => {
      const rival = held[i ? 0 : 1]?.best;
      const { odds } = weigh(
        model.fit,
        fitted({ ...seen, rival: rival === undefined ? Number.NaN : seen.best - rival }),
      );
      const probability = 1 / (1 + Math.exp(-odds));
      // What the event's other reports, and other events that fit as well, change.
      const others = odds - seen.best;
      const told = [...why, { name: 'others', value: seen.members, weight: others }]
        .map((w) => ({ ...w, weight: Math.round(w.weight * 100) / 100 }))
        .filter((w) => Math.abs(w.weight) >= TOLD)
        .sort((p, q) => Math.abs(q.weight) - Math.abs(p.weight));
      return { event, report, probability, why: told, join: probability >= model.join };
    });
    found.sort((a, b) => b.probability - a.probability);
    return found
      .filter((l) => l.probability >= model.ask)
      .slice(0, 10)
      .map((l, i) => (i ? { ...l, join: false } : l));
  }

  /** A report against all reports of an event: the log-odds of the most and the least alike and their mean. */
  against(own: Ready, event: number): (Omit<Fitted, 'rival'> & Pick<Likely, 'event' | 'report' | 'why'>) | undefined {
    const members = [...(this.#events.get(event) ?? [])].map((id) => this.#held.get(id)!);
    const chosen = members.length > MEMBERS ? [...members.slice(0, 2), ...members.slice(2 - MEMBERS)] : members;
    let best: { report: number; odds: number; why: Evidence[] } | undefined;
    let least = Number.POSITIVE_INFINITY;
    let sum = 0;
    let agree = 0;
    let n = 0;
    for (const m of chosen) {
      if (Math.abs(m.own.at - own.at) > WINDOW) continue;
      const { odds, why } = compare(m.own, own, this.rarity);
      sum += odds;
      n += 1;
      least = Math.min(least, odds);
      if (odds > 0) agree += 1;
      if (!best || odds > best.odds) best = { report: m.report, odds, why };
    }
    if (!best) return undefined;
    return {
      event,
      report: best.report,
      why: best.why,
      best: best.odds,
      mean: sum / n,
      least,
      agree: agree / n,
      members: n,
    };
  }
}

/**
 * What is looked at of a report and an event: log-odds of the most alike report, of all in the mean, of the least alike, the share of those that speak for it, how
 * many they are, and how far the best stands before the next event's. */
export interface Fitted {
  best: number;
  mean: number;
  least: number;
  agree: number;
  members: number;
  rival: number;
}
export const fits = ['best', 'mean', 'least', 'agree', 'members', 'rival'] as const;
export const fitted = (f: Fitted): Float64Array => Float64Array.from(fits, (name) => f[name]);

function cellsOf(r: Pick<Reported, 'lon' | 'lat'>, reach: number): string[] {
  if (r.lon === null || r.lat === null) return [];
  const x = Math.floor(r.lon / CELL);
  const y = Math.floor(r.lat / CELL);
  const cells: string[] = [];
  for (let i = -reach; i <= reach; i++) for (let j = -reach; j <= reach; j++) cells.push(`${x + i}:${y + j}`);
  return cells;
}
/** Cells that a report is found by: its position's, and those of a spot that it names. */
const placesOf = (own: Ready): Set<string> =>
  new Set([
    ...cellsOf(own, 0),
    ...own.said.flatMap((s) =>
      s.spot && s.options.length <= 3
        ? s.options.flatMap((k) => cellsOf({ lon: k.line[0]![0], lat: k.line[0]![1] }, 0))
        : [],
    ),
  ]);
/** Cells of spots that a name may mean; a name of many means too little. */
function spotCells(s: Said): string[] {
  if (s.options.length > 3) return [];
  return s.options.flatMap((k) => cellsOf({ lon: k.line[0]![0], lat: k.line[0]![1] }, 1));
}
/** Names are found by their last three characters: what stands before a name may be taken for a part of it. */
const endsOf = (r: Ready): Set<string> => new Set([...r.names.map((n) => n.core.slice(-3)), ...r.numbers.codes]);
const termsOf = (r: Ready): Set<string> => new Set([...r.grams, ...r.names.map((n) => n.core)]);

function into<K>(map: Map<K, Set<number>>, key: K, id: number): void {
  const set = map.get(key);
  if (set) set.add(id);
  else map.set(key, new Set([id]));
}
function out<K>(map: Map<K, Set<number>>, key: K, id: number): void {
  const set = map.get(key);
  set?.delete(id);
  if (set?.size === 0) map.delete(key);
}
